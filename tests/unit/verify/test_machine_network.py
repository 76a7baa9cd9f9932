"""From where the fences of machines are tried: what comes through is what relations open, whoever asks from wherever."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from plat.environment import Environment
from plat.landscape import load_landscape
from plat.machines.ways import containers
from plat.plan.build import build
from plat.plan.model import Plan, Server, Workload
from plat.plan.reaching import ways
from plat.verify.elsewhere import judged
from plat.verify.expectations import expectations
from plat.verify.machine_network import HERE, Spot, placed
from plat.verify.model import Outcome, Reach
from plat.verify.vantage import Placed
from tests.thorough import values_but_thoroughly

ROOT = Path(__file__).resolve().parents[3]
LANDSCAPES = sorted(folder.name for folder in (ROOT / "contexts").iterdir() if (folder / "landscape.yaml").exists())
WHOLE = {"kubernetes": "vm", "vm": "vm"}
MIXED = {"kubernetes": "local", "vm": "vm"}
BESIDE = {"kubernetes": "vm", "vm": "local", "platform": "local"}
HERE_IS, PUBLIC = "10.9.0.1", "10.9.1.0/24"
BRIDGE = "172.20.0.2"


def environment(targets: dict[str, str], **machines: object) -> Environment:
    hypervisor: dict[str, Any] = {
        "name": "hv1",
        "uri": "qemu:///system",
        "addresses": {"first": "10.9.0.16", "last": "10.9.0.127"},
        "gateway": "10.9.0.1",
        "image": "base.qcow2",
    }
    settings = {"hypervisors": [hypervisor], "administration": [f"{HERE_IS}/32"], "public": [PUBLIC], **machines}
    local = {"address": HERE_IS}
    kind = {"apiVersion": "plat/v1", "kind": "Environment", "name": "test"}
    return Environment.model_validate({**kind, "targets": targets, "local": local, "machines": settings})


def planned(landscape: str, targets: dict[str, str], **machines: object) -> Plan:
    loaded = load_landscape(ROOT / "contexts" / landscape).landscape
    assert loaded
    sizes = {"medium": {"cpus": 8, "memory": "64Gi", "disk": "900Gi"}, "small": {"cpus": 2, "memory": "8Gi", "disk": "90Gi"}}
    return build(loaded, environment(targets, sizes=sizes, **machines))


@pytest.fixture(
    scope="module",
    params=values_but_thoroughly(
        [("order-processing", WHOLE), ("e-commerce", MIXED)],
        [*((name, WHOLE) for name in LANDSCAPES), *((name, MIXED) for name in LANDSCAPES[:6])],
    ),
)
def plan(request: pytest.FixtureRequest) -> Plan:
    return planned(*request.param)


@pytest.fixture(scope="module")
def items(plan: Plan) -> tuple[Placed[Spot], ...]:
    return placed(plan, bridges(plan))


def everything(plan: Plan) -> list[Server | Workload]:
    return [*plan.servers, *plan.workloads]


def bridges(plan: Plan) -> dict[str, str]:
    assert plan.fleet
    return {item.name: BRIDGE for machine in plan.fleet.machines for item in containers(plan, machine)}


def reaching(items: tuple[Placed[Spot], ...], plan: Plan) -> dict[tuple[Spot, str, int], bool]:
    """What everybody is expected to reach of servers and workloads by their published ports."""
    names = {item.name for item in everything(plan)}
    return {
        (item.end, item.cell.door.target, item.cell.door.port): item.cell.allowed
        for item in items
        if isinstance(item.cell.door.action, Reach) and item.cell.door.target in names and item.cell.door.host != BRIDGE
    }


def test_a_container_reaches_what_a_relation_leads_it_to_and_tries_all_else(
    plan: Plan, items: tuple[Placed[Spot], ...]
) -> None:
    led = {(way.source.name, way.target.name, way.port) for way in ways(plan)}
    found = reaching(items, plan)
    for source in plan.workloads:
        if source.machine:
            for target in everything(plan):
                if target != source and target.port and (isinstance(target, Server) or target.machine):
                    expected = (source.name, target.name, target.port) in led
                    assert found[Spot.of(source), target.name, target.port] is expected, (source.name, target.name)


def test_a_machine_comes_to_another_one_only_where_something_on_it_has_a_way(
    plan: Plan, items: tuple[Placed[Spot], ...]
) -> None:
    assert plan.fleet
    found = reaching(items, plan)
    for machine in [*plan.fleet.machines, None]:
        address = machine.address if machine else HERE_IS
        spot = Spot(machine.name) if machine else HERE
        for target in everything(plan):
            if not target.machine or target.machine == spot.machine or not target.port:
                assert (spot, target.name, target.port) not in found
                continue
            led = any(
                way.target == target and way.source.machine == spot.machine and way.port == target.port for way in ways(plan)
            )
            public = ip_address(address) in ip_network(PUBLIC) and isinstance(target, Workload)
            assert found[spot, target.name, target.port] is (led or public)


def test_what_a_server_refuses_is_tried_from_where_it_is(plan: Plan, items: tuple[Placed[Spot], ...]) -> None:
    servers = {(server.host, port): server for server in plan.servers for port in (server.port, *server.extra_ports.values())}
    for item in items:
        server = servers.get((item.cell.door.host, item.cell.door.port))
        if server is None or isinstance(item.cell.door.action, Reach):
            continue
        if item.cell.allowed and item.cell.door.port == server.port:
            assert item.end.container != server.name
        else:
            assert item.end == Spot.of(server)
        # A machine publishes no port of a server but its own.
        assert item.through is (server.machine is None or item.cell.door.port == server.port)


def test_containers_try_each_other_past_their_ports(plan: Plan, items: tuple[Placed[Spot], ...]) -> None:
    assert plan.fleet
    past = [item for item in items if item.cell.door.host == BRIDGE]
    assert not any(item.cell.allowed or item.through for item in past)
    for machine in plan.fleet.machines:
        there = containers(plan, machine)
        workloads = [item for item in there if isinstance(item, Workload)]
        pairs = {(one.name, other.name) for one in workloads for other in there if other.port and other != one}
        assert {(item.end.container, item.cell.door.target) for item in past if item.end.machine == machine.name} == pairs


def test_nobody_but_administrators_comes_to_ssh(plan: Plan, items: tuple[Placed[Spot], ...]) -> None:
    assert plan.fleet
    tried = [(item.end, item.cell.door.target) for item in items if item.cell.door.kind == "machine"]
    assert not any(item.cell.allowed for item in items if item.cell.door.kind == "machine")
    workloads = [workload for workload in plan.workloads if workload.machine]
    machines = [machine.name for machine in plan.fleet.machines]
    own = [(Spot(machine), other) for machine in machines for other in machines if other != machine]
    theirs = [(Spot.of(item), name) for item in workloads for name in machines]
    assert sorted(tried, key=str) == sorted([*own, *theirs], key=str)


def test_silence_is_a_refusal_only_where_the_network_has_to_refuse(items: tuple[Placed[Spot], ...]) -> None:
    silence = Outcome(allowed=None, words="no answer: timed out")
    for item in items:
        assert judged(item, silence, {}).allowed is (None if item.through else False)
        assert not (item.cell.allowed and not item.through)


def test_no_cell_is_lost_but_those_that_a_deployable_answers_itself(plan: Plan, items: tuple[Placed[Spot], ...]) -> None:
    there = {(item.cell.principal, item.cell.door.target, item.cell.door.right) for item in items}
    for cell in expectations(plan):
        surface = plan.surface(cell.door.target)
        itself = surface and surface.workload in {cell.principal, *(item.name for item in plan.workloads_of(cell.principal))}
        assert ((cell.principal, cell.door.target, cell.door.right) in there) is not bool(itself)


def test_what_listens_on_loopback_here_is_looked_for_at_this_machines_address() -> None:
    plan = planned("order-processing", MIXED)
    (redis,) = (server for server in plan.servers if server.kind == "redis")
    assert redis.host == "127.0.0.1"
    hosts = {item.cell.door.host: item.end for item in placed(plan, {}) if item.cell.door.target == redis.name}
    assert hosts.keys() == {"127.0.0.1", HERE_IS}
    assert hosts["127.0.0.1"] == HERE
    assert hosts[HERE_IS].container == "order-processing"


def test_what_is_not_there_is_not_gone_to_directly() -> None:
    plan = planned("order-processing", MIXED)
    assert not [item for item in placed(plan, {}) if "its container" in item.cell.door.right]


def test_a_machine_among_administrators_is_expected_to_come_in() -> None:
    plan = planned("e-commerce", WHOLE, administration=["10.9.0.0/24"])
    assert plan.fleet
    entered = [item for item in placed(plan, {}) if item.cell.door.kind == "machine" and item.cell.allowed]
    machines = plan.fleet.machines
    assert len(entered) == len(machines) * (len(machines) - 1) > 0
    assert all(item.end.container is None for item in entered)


def test_what_is_public_is_called_from_here_where_here_is_the_public() -> None:
    plan = planned("order-processing", WHOLE, public=[f"{HERE_IS}/32"])
    (called,) = (
        item for item in placed(plan, {}) if (item.cell.principal, item.cell.door.right) == ("(anonymous)", "PlaceOrder")
    )
    assert (called.end, called.cell.allowed) == (HERE, True)
