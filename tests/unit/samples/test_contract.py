"""What the plan gives is what the services need: the contract of samples/README.md, held from both ends."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from plat.environment import Environment as Settings
from plat.environment import Targets
from plat.landscape import load_landscape
from plat.plan import variables
from plat.plan.build import build
from plat.plan.model import Plan
from providers.local.environment import resolve_environment
from samples.environment import Environment, read

FOLDER = Path(__file__).parents[3] / "contexts" / "order-processing"


@pytest.fixture(scope="module")
def plan() -> Plan:
    targets = Targets(kubernetes="local", vm="local")
    loaded = load_landscape(FOLDER)
    assert loaded.landscape is not None
    assert loaded.findings == ()
    return build(loaded.landscape, Settings(apiVersion="plat/v1", kind="Environment", name="test", targets=targets))


def _environment(plan: Plan, name: str) -> Environment:
    workload = plan.workload(name)
    secrets = {variable: f"secret-{variable}" for variable in workload.secrets}
    callers = variables.of_callers({caller: f"token-{caller}" for caller in workload.callers})
    return read(resolve_environment({**workload.environment, **callers}, secrets))


@pytest.mark.parametrize(
    ("deployable", "checks"),
    [("notification", {"broker"}), ("order-processing", {"broker", "postgresql"}), ("user-management", {"redis"})],
)
def test_each_deployable_of_the_example_gets_all_that_its_command_needs(plan: Plan, deployable: str, checks: set[str]) -> None:
    program, option, module = plan.workload(deployable).command
    service = import_module(module).make(_environment(plan, deployable))

    assert (program, option) == ("python", "-m")
    assert set(service.checks) == checks


def test_an_address_holds_the_identity_that_the_server_knows(plan: Plan) -> None:
    orders, users = _environment(plan, "order-processing"), _environment(plan, "user-management")
    ports = {server.name: server.port for server in plan.servers}

    assert orders.datastore("postgresql") == (
        f"postgresql://order_processing:secret-POSTGRESQL_PASSWORD@127.0.0.1:{ports['order-processing--postgresql']}"
        "/order_processing"
    )
    assert orders.broker_url("order-processing") == (
        f"amqp://order-processing:secret-BROKER_PASSWORD@127.0.0.1:{ports['platform--rabbitmq']}/order-processing"
    )
    assert users.datastore("redis") == (
        f"redis://user-management:secret-REDIS_PASSWORD@127.0.0.1:{ports['user-management--redis']}/0"
    )
