"""From where a cluster's fences are tried, and how attempts go there and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from plat.kubernetes import labels
from plat.kubernetes.flows import End, administration
from plat.plan.model import Plan, SecretRef
from plat.project import Project
from plat.verify import wire
from plat.verify.cluster_network import ClusterNetwork
from plat.verify.elsewhere import judged
from plat.verify.model import Cell, Outcome, Reach
from plat.verify.vantage import Placed
from plat.verify.vantage import placed as placed_in
from tests.thorough import values_but_thoroughly

ROOT = Path(__file__).resolve().parents[3]
LANDSCAPES = sorted(folder.name for folder in (ROOT / "contexts").iterdir() if (folder / "landscape.yaml").exists())


def placed(plan: Plan) -> tuple[Placed[End], ...]:
    return tuple(placed_in(plan, ClusterNetwork(plan)))


@pytest.fixture(scope="module", params=values_but_thoroughly(["order-processing"], LANDSCAPES))
def plan(request: pytest.FixtureRequest) -> Plan:
    return Project(ROOT).plan(f"{request.param}.cluster")


def test_a_cell_comes_back_as_it_was_sent_with_no_secret_but_its_own(plan: Plan) -> None:
    cells = [item.cell for item in placed(plan)]
    secrets = {ref: f"value of {ref}" for ref in plan.secrets}
    found, held = wire.read_task(wire.task(cells[:3], secrets))
    assert found == cells[:3]
    assert set(held) == {key.secret for cell in cells[:3] for key in cell.keys if key.secret}
    assert wire.read_task(wire.task(cells, secrets))[0] == cells


def test_outcomes_come_back_as_they_were_sent() -> None:
    outcomes = [Outcome(allowed=True, words="yes"), Outcome(allowed=None, words='"?"')]
    assert wire.read_answer(wire.answer(outcomes)) == outcomes


def test_what_is_let_in_is_tried_by_a_workload_and_what_a_server_refuses_from_beside_it(plan: Plan) -> None:
    hosts = {server.host: server for server in plan.servers}
    for item in placed(plan):
        server = hosts.get(item.cell.door.host)
        if server and not isinstance(item.cell.door.action, Reach):
            assert item.through is (item.cell.door.port in administration(server))
            inside = item.end.key == labels.INSIDE
            assert inside is (not item.cell.allowed or item.cell.door.port != server.port), item
            if inside:
                assert item.end.value == server.name


def test_every_workload_tries_every_port_but_its_own(plan: Plan) -> None:
    tried = {
        (item.end.value, item.cell.door.host, item.cell.door.port)
        for item in placed(plan)
        if isinstance(item.cell.door.action, Reach)
    }
    for workload in plan.workloads:
        for server in plan.servers:
            assert (workload.name, server.host, server.port) in tried
        for surface in plan.surfaces:
            assert ((workload.name, surface.host, surface.port) in tried) is (surface.workload != workload.name)


def test_silence_is_a_refusal_only_where_the_network_has_to_refuse(plan: Plan) -> None:
    silence = Outcome(allowed=None, words="no answer: timed out")
    secrets: dict[SecretRef, str] = {}
    for item in placed(plan):
        expected = None if item.through else False
        assert judged(item, silence, secrets).allowed is expected
        assert not (item.cell.allowed and not item.through)


def test_an_answer_is_judged_as_it_is_even_where_none_was_due(plan: Plan) -> None:
    for item in placed(plan):
        if not item.through:
            assert judged(item, Outcome(allowed=True, words="200"), {}).allowed


def test_no_cell_is_lost_but_those_that_a_deployable_answers_itself(plan: Plan) -> None:
    from plat.verify.expectations import expectations  # noqa: PLC0415 - for this test alone

    def named(cell: Cell) -> tuple[str, str, str]:
        return cell.principal, cell.door.target, cell.door.right

    there = {named(item.cell) for item in placed(plan)}
    for cell in expectations(plan):
        surface = plan.surface(cell.door.target)
        itself = surface and surface.workload in {item.name for item in plan.workloads_of(cell.principal)}
        alone = surface and len(plan.workloads) == 1
        assert (named(cell) in there) is not bool(itself or alone or _is_it(plan, cell)), named(cell)


def _is_it(plan: Plan, cell: Cell) -> bool:
    surface = plan.surface(cell.door.target)
    return bool(surface and surface.workload == cell.principal)


def test_a_placed_cell_says_from_where() -> None:
    plan = Project(ROOT).plan("order-processing.cluster")
    assert all(isinstance(item, Placed) and item.end.namespace.startswith("order-processing--") for item in placed(plan))
