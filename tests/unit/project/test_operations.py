"""What is worked out anew of a landscape whose units have stacks of their own, and what is known from the last time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from plat.operations import Operations
from plat.plan.model import Plan
from plat.plan.shares import shares
from plat.project import Project
from plat.rollout import Outcome, Result, State

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


def test_who_only_looks_at_a_plan_finds_it_kept_from_the_third_time_on(planned: list[str]) -> None:
    first = opened().plan
    assert [opened().plan for _ in range(3)] == [first] * 3
    assert planned == [STACK, STACK]
    assert opened().heads.keys() == shares(first).keys()
    assert planned == [STACK, STACK]


def test_heads_that_a_program_has_not_kept_with_its_plan_are_made_and_kept(planned: list[str]) -> None:
    plan = Project(ROOT).plan(STACK)
    heads = opened().heads
    assert heads.keys() == shares(plan).keys()
    assert planned == [STACK]
    compiled = Project(ROOT).compiled(STACK)
    assert compiled is not None
    assert compiled.heads() == heads


class Cluster:
    """Notes what is asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def wake(self) -> None:
        self.asked.append("wake")

    def hibernate(self) -> None:
        self.asked.append("hibernate")


class Stacks:
    """Ends as `state`, with `due` beforehand."""

    def __init__(self, state: State, *due: str) -> None:
        self._result = Result((Outcome("sales", "shop.sales.test", "sales-team", state),))
        self._due = due

    def due(self, _names: Sequence[str]) -> tuple[str, ...]:
        return self._due

    def up(self, _names: Sequence[str], **_how: bool) -> Result:
        return self._result

    destroy = up


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Operations, Cluster]:
    monkeypatch.setenv("PLAT_HOME", str(tmp_path))
    monkeypatch.setattr("plat.operations.answer.ask", lambda *_: None)
    found, there = Operations(Project(ROOT), "order-processing.cluster-units", print), Cluster()
    found.__dict__["cluster"] = there
    found._by = {"PLAT_FORKSERVER": "at the ready"}
    return found, there


def test_what_sleeps_is_woken_where_something_is_due(cluster: tuple[Operations, Cluster]) -> None:
    found, there = cluster
    found.up_units(Stacks(State.CURRENT), [], refresh=False, force=False)  # type: ignore[arg-type] # what it asks of them
    assert there.asked == []
    found.up_units(Stacks(State.DONE, "sales"), [], refresh=False, force=False)  # type: ignore[arg-type]
    found.up_units(Stacks(State.DONE), [], refresh=True, force=False)  # type: ignore[arg-type]
    found.up_units(Stacks(State.DONE), [], refresh=False, force=True)  # type: ignore[arg-type]
    assert there.asked == ["wake"] * 3


@pytest.mark.parametrize(
    ("state", "names", "asleep"),
    [
        (State.DONE, [], ["hibernate"]),
        (State.CURRENT, [], ["hibernate"]),
        (State.FAILED, [], []),
        (State.INTERRUPTED, [], []),
        (State.DONE, ["sales"], []),
    ],
)
def test_servers_sleep_once_all_is_down(
    cluster: tuple[Operations, Cluster], state: State, names: list[str], asleep: list[str]
) -> None:
    found, there = cluster
    found.destroy_units(Stacks(state), names, force=False)  # type: ignore[arg-type] # what it asks of them
    assert there.asked == asleep
