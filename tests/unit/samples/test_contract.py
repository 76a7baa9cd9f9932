"""What the plan gives is what the services need: the contract of samples/README.md, held from both ends."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from plat.environment import Environment as Settings
from plat.environment import Targets
from plat.plan import variables
from plat.plan.build import build
from plat.plan.model import Plan
from plat.project import Project
from providers.local.environment import resolve_environment
from samples.environment import Environment, read

PROJECT = Project(Path(__file__).parents[3])


def _plan(landscape: str) -> Plan:
    targets = Targets(kubernetes="local", vm="local")
    found = PROJECT.check(landscape).landscape
    assert found is not None
    return build(found, Settings(apiVersion="plat/v1", kind="Environment", name="test", targets=targets))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return _plan("order-processing")


def _environment(plan: Plan, name: str) -> Environment:
    workload = plan.workload(name)
    secrets = {variable: f"secret-{variable}" for variable in workload.secrets}
    callers = variables.of_callers({caller: f"token-{caller}" for caller in workload.callers})
    return read(resolve_environment({**workload.environment, **callers}, secrets))


@pytest.mark.parametrize("landscape", PROJECT.landscape_names())
def test_each_deployable_of_the_examples_gets_all_that_its_command_needs(landscape: str) -> None:
    plan = _plan(landscape)
    for workload in plan.workloads:
        environment = _environment(plan, workload.name)
        program, option, module = workload.command
        service = import_module(module).make(environment)

        assert (program, option) == ("python", "-m")
        operations = {route.operation for route in service.routes.values()}
        assert operations == set(environment.surface.operations), f"{workload.name} serves something else than is declared"


@pytest.mark.parametrize(
    ("deployable", "checks"),
    [("notification", {"broker"}), ("order-processing", {"broker", "postgresql"}), ("user-management", {"redis"})],
)
def test_a_service_is_ready_when_all_that_it_was_given_answers(plan: Plan, deployable: str, checks: set[str]) -> None:
    service = import_module(plan.workload(deployable).command[2]).make(_environment(plan, deployable))

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
