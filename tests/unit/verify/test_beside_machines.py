"""What is tried where a cluster and machines stand beside each other: by each side's own, at the addresses that it uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from plat.kubernetes.flows import End
from plat.plan.build import build
from plat.plan.model import Plan
from plat.verify.cluster_network import ClusterNetwork
from plat.verify.machine_network import Spot, as_machines_see
from plat.verify.machine_network import placed as placed_on_machines
from plat.verify.model import Reach
from plat.verify.vantage import Placed, placed
from tests.unit.plan.conftest import GOODS
from tests.unit.plan.test_beside_machines import address, environment
from tests.unit.plan.test_machines import shop


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Sales are on a machine, goods and the broker on the cluster."""
    return build(shop(tmp_path), environment())


@pytest.fixture
def from_pods(plan: Plan) -> list[Placed[End]]:
    return list(placed(plan, ClusterNetwork(plan)))


@pytest.fixture
def from_machines(plan: Plan) -> tuple[Placed[Spot], ...]:
    return placed_on_machines(plan, {})


def test_pods_try_every_port_of_a_machine_and_get_to_what_they_have_a_way_to(plan: Plan, from_pods: list[Placed[End]]) -> None:
    sales = plan.workload("sales-api")
    tried = {
        (item.cell.principal, item.cell.door.port): item.cell.allowed
        for item in from_pods
        if isinstance(item.cell.door.action, Reach) and item.cell.door.host == address(plan)
    }
    assert tried == {
        ("goods", sales.port): True,
        ("goods", plan.server("sales--postgresql").port): False,
        ("goods", plan.server("sales--redis").port): False,
    }


def test_nothing_is_tried_from_pods_that_are_none(plan: Plan, from_pods: list[Placed[End]]) -> None:
    namespaces = {namespace.name for namespace in plan.namespaces}

    assert {item.end.namespace for item in from_pods} == namespaces
    assert not [item for item in from_pods if item.end.value == "sales-api"]


def test_pods_call_a_machine_with_their_tokens(plan: Plan, from_pods: list[Placed[End]]) -> None:
    called = [item for item in from_pods if item.cell.door.target == "sales" and item.cell.door.kind == "operations"]

    assert {item.cell.principal for item in called} >= {"goods"}
    assert all(item.cell.door.host == address(plan) for item in called)
    (own,) = (item for item in called if item.cell.principal == "goods" and item.cell.door.right == "GetOrder")
    assert (own.end, own.through, own.cell.allowed) == (End.of_workload(plan.workload("goods")), True, True)


def test_no_pod_tries_credentials_at_a_server_that_it_has_no_way_to(from_pods: list[Placed[End]]) -> None:
    at_stores = [item for item in from_pods if item.cell.door.target.startswith("sales--")]

    assert at_stores
    assert all(isinstance(item.cell.door.action, Reach) for item in at_stores), "machines try these"


def test_machines_try_the_cluster_at_the_address_that_is_for_them(plan: Plan, from_machines: tuple[Placed[Spot], ...]) -> None:
    broker, sales = plan.server("platform--rabbitmq"), plan.workload("sales-api")
    assert broker.outside
    hosts = {item.cell.door.host for item in from_machines}
    assert hosts == {"192.0.2.10", address(plan)}
    at_broker = [
        item for item in from_machines if (item.cell.door.host, item.cell.door.port) == ("192.0.2.10", broker.outside.port)
    ]
    reached = {item.cell.principal: item.cell.allowed for item in at_broker if isinstance(item.cell.door.action, Reach)}
    assert reached == {"sales-api": True, f"({sales.machine})": True}
    published = [item for item in at_broker if item.cell.allowed and item.cell.principal == "sales"]
    assert {item.end for item in published} == {Spot(sales.machine, "sales-api")}


def test_machines_see_nothing_that_the_cluster_keeps_to_itself(tmp_path: Path) -> None:
    found = build(shop(tmp_path, goods=GOODS + "datastore: {type: redis}\n"), environment())
    seen = as_machines_see(found)
    assert {server.name for server in found.servers} - {server.name for server in seen.servers} == {"goods--redis"}
    assert as_machines_see(seen) == seen


def test_what_is_on_machines_is_tried_from_there_as_if_no_cluster_were(
    plan: Plan, from_machines: tuple[Placed[Spot], ...]
) -> None:
    database = plan.server("sales--postgresql")
    inside = [item for item in from_machines if item.cell.door.port == database.port and item.cell.principal == "sales"]

    assert any(item.cell.allowed and item.end == Spot(database.machine, "sales-api") for item in inside)
