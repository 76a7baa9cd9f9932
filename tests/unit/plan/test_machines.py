"""Who comes onto which machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plat.environment import Environment
from plat.landscape import Landscape
from plat.plan.build import build
from plat.plan.machines import fleet_of
from plat.plan.model import Machine, Plan
from plat.plan.problem import PlanProblem
from tests.unit.plan.conftest import GOODS, LANDSCAPE, SALES, load, write

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEfCy1Uq0g0cYwqo0lCq0m2tG2b9d1J0bN8mX0r4WvQk"
HYPERVISOR: dict[str, Any] = {
    "name": "hv1",
    "uri": "qemu:///system",
    "addresses": {"first": "10.0.0.16", "last": "10.0.0.127"},
    "gateway": "10.0.0.1",
    "image": "base.qcow2",
}
ON_VM = "runtime: {target: vm}\n"
ALONE = "runtime: {target: vm, dedicated: true}\n"
BILLING = SALES.replace("name: sales", "name: billing").replace("sales-api", "billing-api")


def host(name: str, team: str, **more: object) -> dict[str, Any]:
    address = f"10.1.0.{sum(name.encode()) % 200 + 1}"
    return {"name": name, "address": address, "host-key": HOST_KEY, "key": "keys/one", "team": team, **more}


def environment(
    *,
    hypervisors: tuple[dict[str, Any], ...] = (),
    inventory: tuple[dict[str, Any], ...] = (),
    public: tuple[str, ...] = (),
    **more: dict[str, str],
) -> Environment:
    return Environment.model_validate(
        {
            "apiVersion": "plat/v1",
            "kind": "Environment",
            "name": "test",
            "targets": {"kubernetes": "local", "vm": "vm"} | more.pop("targets", {}),
            "local": {"address": "10.0.0.1"},
            "machines": {
                "hypervisors": list(hypervisors),
                "inventory": list(inventory),
                "administration": ["10.0.0.1/32"],
                "public": list(public),
                **more,
            },
        }
    )


def shop(folder: Path, **contexts: str) -> Landscape:
    found = {"landscape": LANDSCAPE, "sales": SALES + ON_VM, "goods": GOODS, **contexts}
    return load(write(folder / "shop", {f"{name}.yaml": text for name, text in found.items()}))


def machines(landscape: Landscape, settings: Environment) -> dict[str, Machine]:
    assert settings.machines
    return {machine.name: machine for machine in fleet_of(landscape, settings.targets, settings.machines, "10.0.0.1").machines}


def plan(landscape: Landscape, settings: Environment) -> Plan:
    return build(landscape, settings)


def test_a_team_has_one_machine_for_all_that_asks_for_none_of_its_own(tmp_path: Path) -> None:
    found = machines(shop(tmp_path, billing=BILLING + ON_VM), environment(hypervisors=(HYPERVISOR,)))

    (only,) = found.values()
    assert (only.name, only.team, only.units, only.dedicated) == (
        "shop--team--sales-team",
        "sales-team",
        ("billing", "sales"),
        False,
    )
    assert (only.cpus, only.memory, only.disk) == (2, 4096, 40 * 1024), "a medium one, unless the environment says otherwise"


def test_what_is_dedicated_is_alone_and_as_large_as_it_says(tmp_path: Path) -> None:
    large = "runtime: {target: vm, dedicated: true, size: large}\n"
    found = machines(shop(tmp_path, billing=BILLING + large), environment(hypervisors=(HYPERVISOR,)))

    assert {name: machine.units for name, machine in found.items()} == {
        "shop--billing": ("billing",),
        "shop--team--sales-team": ("sales",),
    }
    assert found["shop--billing"].dedicated
    assert found["shop--billing"].memory == 8192


def test_nobody_moves_when_contexts_come(tmp_path: Path) -> None:
    settings = environment(hypervisors=(HYPERVISOR,))
    before = machines(shop(tmp_path / "before"), settings)["shop--team--sales-team"]
    after = machines(shop(tmp_path / "after", billing=BILLING + ALONE, goods=GOODS + ALONE), settings)

    assert after["shop--team--sales-team"] == before


def test_everything_of_a_machine_is_at_its_address_and_nothing_else_is(tmp_path: Path) -> None:
    found = plan(shop(tmp_path), environment(hypervisors=(HYPERVISOR,)))
    assert found.fleet
    machine = found.fleet.machine("shop--team--sales-team")

    assert {server.name: (server.host, server.machine) for server in found.servers if server.owner == "sales"} == {
        "sales--postgresql": (machine.address, machine.name),
        "sales--redis": (machine.address, machine.name),
    }
    sales, goods = found.workload("sales-api"), found.workload("goods")
    assert (sales.host, sales.machine, sales.target) == ("0.0.0.0", machine.name, "vm")  # noqa: S104 - in a container
    assert (goods.host, goods.machine, goods.target) == ("127.0.0.1", None, "local")
    assert found.surface("sales")
    assert goods.environment["SALES_URL"].endswith(f"@{machine.address}:{sales.port}")


def test_on_this_machine_only_what_machines_reach_leaves_loopback(tmp_path: Path) -> None:
    own = GOODS + "datastore: {type: redis}\n"
    found = plan(shop(tmp_path, goods=own), environment(hypervisors=(HYPERVISOR,)))

    hosts = {server.name: server.host for server in found.servers if not server.machine}
    assert hosts == {"goods--redis": "127.0.0.1", "platform--rabbitmq": "10.0.0.1"}


def test_the_parts_of_a_plan_are_the_whole(tmp_path: Path) -> None:
    found = plan(shop(tmp_path), environment(hypervisors=(HYPERVISOR,)))
    local, vm = found.at("local"), found.at("vm")

    assert found.targets == ("local", "vm")
    assert sorted([*local.servers, *vm.servers], key=lambda server: server.name) == list(found.servers)
    assert {item.name for item in (*local.workloads, *vm.workloads)} == {item.name for item in found.workloads}
    assert (local.broker, vm.broker) == (found.broker, None)
    assert vm.datastores == found.datastores


def test_the_platforms_own_may_be_on_a_machine_too(tmp_path: Path) -> None:
    found = plan(shop(tmp_path), environment(hypervisors=(HYPERVISOR,), targets={"platform": "vm"}))

    assert found.server("platform--rabbitmq").machine == "shop--team--platform-team"


def test_a_team_with_a_host_comes_onto_that(tmp_path: Path) -> None:
    hosts = (host("one", "goods-team"), host("two", "sales-team"), host("three", "sales-team"))
    found = machines(shop(tmp_path), environment(hypervisors=(HYPERVISOR,), inventory=hosts))

    assert [(name, machine.units, machine.hypervisor) for name, machine in found.items()] == [("two", ("sales",), None)]
    assert found["two"].host_key == HOST_KEY


def test_a_host_may_be_reserved(tmp_path: Path) -> None:
    hosts = (host("two", "sales-team"), host("three", "sales-team", **{"reserved-for": ["billing"]}))
    found = machines(shop(tmp_path, billing=BILLING + ALONE), environment(inventory=hosts))

    assert {name: machine.units for name, machine in found.items()} == {"three": ("billing",), "two": ("sales",)}


def refusal(landscape: Landscape, settings: Environment) -> str:
    with pytest.raises(PlanProblem) as caught:
        machines(landscape, settings)
    return str(caught.value)


def test_a_dedicated_host_that_others_use_is_refused_with_the_way_out(tmp_path: Path) -> None:
    text = refusal(shop(tmp_path, billing=BILLING + ALONE), environment(inventory=(host("two", "sales-team"),)))

    assert "billing.yaml:" in text
    assert "`billing` asks for a machine of its own, but `sales` would be on `two` too" in text
    assert "`reserved-for: [billing]`" in text


def test_a_host_of_another_team_is_refused(tmp_path: Path) -> None:
    text = refusal(shop(tmp_path), environment(inventory=(host("one", "goods-team", **{"reserved-for": ["sales"]}),)))

    assert "`sales` is sales-team's, and the host `one` that is reserved for it is goods-team's" in text


def test_nowhere_to_go_is_refused(tmp_path: Path) -> None:
    text = refusal(shop(tmp_path), environment(inventory=(host("one", "goods-team"),)))

    assert "`sales` of sales-team has no machine" in text
    assert "one (goods-team)" in text


def test_more_than_a_machine_has_is_refused(tmp_path: Path) -> None:
    landscape = shop(tmp_path, billing=BILLING + ON_VM)
    assert "need 4096 MiB of memory, and the machine `shop--team--sales-team` has 2048" in refusal(
        landscape, environment(hypervisors=(HYPERVISOR,), shared={"sales-team": "small"})
    )
    stored = SALES.replace('version: "16"', 'version: "16", storage: 90Gi') + ON_VM
    assert "MiB of disk" in refusal(shop(tmp_path / "disk", sales=stored), environment(hypervisors=(HYPERVISOR,)))


def test_more_than_a_hypervisor_has_is_refused(tmp_path: Path) -> None:
    capacity = {"cpus": 1, "memory": "64Gi", "disk": "1000Gi"}
    text = refusal(shop(tmp_path), environment(hypervisors=({**HYPERVISOR, "capacity": capacity},)))

    assert "the machines of the hypervisor `hv1` (shop--team--sales-team) need 2 processors, and it may give 1" in text


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"targets": {"kubernetes": "kubernetes", "vm": "vm"}}, "say where the cluster is"),
        ({"local": {"address": "127.0.0.1"}}, "at none of its loopback addresses"),
        ({"local": {"address": "8.8.8.8"}}, "is a public address"),
        ({"machines": None}, "say where the machines are"),
        ({"targets": {"kubernetes": "local", "vm": "local"}}, "leave it out, or let a target be vm"),
    ],
)
def test_an_environment_that_cannot_be_is_refused(changed: dict[str, Any], message: str) -> None:
    sound = environment(hypervisors=(HYPERVISOR,)).model_dump(by_alias=True, exclude_unset=True)
    with pytest.raises(ValueError, match=message):
        Environment.model_validate({**sound, **changed})
