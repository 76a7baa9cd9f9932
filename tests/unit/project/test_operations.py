"""What is worked out anew of a landscape whose units have stacks of their own, and what is known from the last time."""

from __future__ import annotations

from pathlib import Path

import pytest

from plat.operations import Operations
from plat.plan.model import Plan
from plat.plan.shares import shares
from plat.project import Project

ROOT = Path(__file__).resolve().parents[3]
STACK = "order-processing.units"


@pytest.fixture
def planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every landscape that has been planned."""
    found: list[str] = []
    plan = Project.planned

    def counted(self: Project, stack: str, *more: object) -> Plan:
        found.append(stack)
        return plan(self, stack, *more)  # type: ignore[arg-type] # whatever it is called with

    monkeypatch.setenv("PLAT_HOME", str(tmp_path))
    monkeypatch.setattr(Project, "planned", counted)
    return found


def opened() -> Operations:
    return Operations(Project(ROOT), STACK, print)


def test_a_run_that_finds_all_current_needs_no_plan(planned: list[str]) -> None:
    heads = opened().heads
    assert planned == [STACK]
    assert heads.keys() == shares(Project(ROOT).plan(STACK)).keys()
    planned.clear()
    assert opened().heads == heads
    assert planned == []


def test_one_that_works_on_something_makes_it_once_and_who_asks_again_finds_it(planned: list[str]) -> None:
    first = opened()
    assert first.heads.keys() == (first.shares or {}).keys()
    assert first.plan.stack == STACK
    assert planned == [STACK]
    for _ in range(2):
        again = opened()
        assert again.heads == first.heads
        assert again.plan == first.plan
    assert planned == [STACK, STACK]
