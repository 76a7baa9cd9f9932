"""What the texts of planned deployables lead to. What a process may reach is shown in tests/unit/policies."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from plat.claims import AccessClaim, RouteClaim
from plat.plan.model import Plan
from plat.project import CONTEXTS_VARIABLE, Project
from plat.reach import Reach
from plat.rules import Facts, judge

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.setenv(CONTEXTS_VARIABLE, str(ROOT / "tests" / "landscapes"))
    return Project(ROOT).plan("market.local")


def with_variable(plan: Plan, workload: str, text: str) -> Plan:
    changed = tuple(
        dataclasses.replace(item, environment={**item.environment, "LEGACY": text}, written=("LEGACY",))
        if item.name == workload
        else item
        for item in plan.workloads
    )
    return dataclasses.replace(plan, workloads=changed)


def facts(plan: Plan) -> Facts:
    return Facts.of(plan.teams, plan.claims)


def test_what_plat_hands_over_leads_nowhere_else(plan: Plan) -> None:
    everything = tuple(dataclasses.replace(item, written=tuple(item.environment)) for item in plan.workloads)
    assert list(Reach(dataclasses.replace(plan, workloads=everything), facts(plan)).of_plan()) == []


def test_what_a_descriptor_does_not_write_is_not_read_again(plan: Plan) -> None:
    port = plan.server("ordering--postgresql").port
    changed = with_variable(plan, "billing", f"localhost:{port}")
    unwritten = tuple(dataclasses.replace(item, written=()) for item in changed.workloads)
    assert list(Reach(dataclasses.replace(plan, workloads=unwritten), facts(plan)).of_plan()) == []


def test_a_variable_in_a_descriptor_that_leads_to_another_database_is_found_where_it_stands(plan: Plan) -> None:
    port = plan.server("ordering--postgresql").port
    (claim,) = Reach(with_variable(plan, "billing", f"localhost:{port}"), facts(plan)).of_plan()
    assert isinstance(claim, AccessClaim)
    assert (claim.who, claim.datastore, claim.origin.field) == ("billing", "ordering--postgresql", "environment.LEGACY")
    assert claim.origin.location == plan.workload("billing").location


def test_a_deployable_without_contexts_touches_things_under_its_own_name(plan: Plan) -> None:
    port = plan.workload("fulfilment").port
    (claim,) = Reach(with_variable(plan, "storefront", f"http://localhost:{port}"), facts(plan)).of_plan()
    assert isinstance(claim, RouteClaim)
    assert (claim.source, claim.destination) == ("storefront", "fulfilment")


def test_what_is_found_is_judged_by_the_same_rules(plan: Plan) -> None:
    port = plan.server("ordering--postgresql").port
    claims = Reach(with_variable(plan, "billing", str(port)), facts(plan)).of_plan()
    assert [finding.rule for finding in judge(claims, facts(plan))] == ["datastore-ownership"]
