from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence

import pytest

from plat.engine import EngineProblem
from plat.plan.shares import Head
from plat.rollout import UNWATCHED, NotThere, Result, Rollout, State, selected
from tests.unit.rollout.conftest import some

Say = Callable[[str], None]


def run(
    shares: Mapping[str, Head], work: Callable[[str], None], *, current: Sequence[str] = (), parallel: int = 1
) -> dict[str, tuple[State, str]]:
    def on(share: Head, _say: Say) -> None:
        work(share.name)

    return told(Rollout(shares, on, lambda share: share.name in current, UNWATCHED, parallel).run())


def told(result: Result) -> dict[str, tuple[State, str]]:
    return {outcome.share: (outcome.state, outcome.reason) for outcome in result.outcomes}


def test_everything_is_worked_on_in_order() -> None:
    done: list[str] = []
    found = run(some(a=["b"], b=["platform"], platform=[]), done.append)
    assert done == ["platform", "b", "a"]
    assert {state for state, _ in found.values()} == {State.DONE}


def test_what_takes_longest_with_all_that_waits_for_it_goes_first() -> None:
    done: list[str] = []
    shares = some(a=[], b=[], c=["b"], d=["c"], e=[])
    costs = {"c": 2.0, "e": 3.5}
    Rollout(
        shares,
        lambda share, _: done.append(share.name),
        lambda _: False,
        UNWATCHED,
        1,
        cost=lambda share: costs.get(share.name, 1.0),
    ).run()
    assert done == ["b", "e", "c", "a", "d"]


def test_what_is_known_to_be_current_takes_nobodys_time() -> None:
    shares = some(a=["b"], b=[], c=[])

    def asked(share: Head) -> bool:
        if share.name == "c":
            msg = "its state cannot be read"
            raise EngineProblem(msg)
        return share.name == "b"

    found = told(Rollout(shares, lambda _share, _say: None, lambda _: False, UNWATCHED, 1, known=asked).run())
    assert found == {"a": (State.DONE, ""), "b": (State.CURRENT, "nothing has changed"), "c": (State.DONE, "")}


def test_what_is_current_is_passed_over_and_holds_nothing_back() -> None:
    done: list[str] = []
    found = run(some(a=["b"], b=[]), done.append, current=["b"])
    assert done == ["a"]
    assert found["b"] == (State.CURRENT, "nothing has changed")


def test_one_that_fails_stops_only_those_that_need_it() -> None:
    def work(name: str) -> None:
        if name == "b":
            msg = "the disk is full"
            raise EngineProblem(msg)

    found = run(some(a=["b"], b=["platform"], c=["platform"], d=["a"], platform=[]), work)
    assert found == {
        "platform": (State.DONE, ""),
        "b": (State.FAILED, "the disk is full"),
        "a": (State.HELD_BACK, "b is needed: failed"),
        "c": (State.DONE, ""),
        "d": (State.HELD_BACK, "a is needed: held back"),
    }


def test_those_that_do_not_need_each_other_are_worked_on_at_one_time() -> None:
    together = threading.Barrier(2, timeout=20)

    def work(_name: str) -> None:
        together.wait()

    found = run(some(a=[], b=[]), work, parallel=2)
    assert {state for state, _ in found.values()} == {State.DONE}


def test_after_an_interrupt_nothing_more_is_begun() -> None:
    def work(name: str) -> None:
        if name == "a":
            os.kill(os.getpid(), signal.SIGINT)
            msg = "interrupted"
            raise EngineProblem(msg)

    found = run(some(a=[], b=[], c=["a"]), work)
    assert found["a"][0] in {State.INTERRUPTED, State.FAILED}
    assert found["b"] == (State.INTERRUPTED, "it was not begun")
    assert found["c"][0] == State.HELD_BACK


def test_units_and_shares_are_named() -> None:
    shares = some(sales=[], sales_access=[], platform=[])
    assert selected(shares, []) == shares
    assert set(selected(shares, ["sales"])) == {"sales", "sales_access"}
    assert set(selected(shares, ["sales_access"])) == {"sales_access"}


def test_a_name_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(NotThere, match=r"there is no unit `sails`.*`sales`"):
        selected(some(sales=[], platform=[]), ["sails"])
