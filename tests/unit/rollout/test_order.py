from __future__ import annotations

from plat.rollout.order import before, circles
from tests.unit.rollout.conftest import some


def test_what_is_needed_comes_first_and_else_the_order_is_by_name() -> None:
    shares = some(b=["platform"], a=["b"], c=[], platform=[])
    assert list(before(shares)) == ["c", "platform", "b", "a"]
    assert before(shares) == {"c": frozenset(), "platform": frozenset(), "b": {"platform"}, "a": {"b"}}


def test_backwards_what_needs_others_comes_first() -> None:
    shares = some(b=["platform"], a=["b"], platform=[])
    assert before(shares, backwards=True) == {"a": frozenset(), "b": {"a"}, "platform": {"b"}}


def test_what_is_not_meant_is_not_waited_for() -> None:
    assert before(some(a=["b"])) == {"a": frozenset()}


def test_shares_that_need_each_other_go_one_after_another_after_all_that_the_circle_needs() -> None:
    shares = some(a=["b"], b=["c", "platform"], c=["a"], d=["b"], platform=[])
    assert circles(shares) == (("a", "b", "c"),)
    assert before(shares) == {
        "platform": frozenset(),
        "a": {"platform"},
        "b": {"a", "platform"},
        "c": {"a", "b", "platform"},
        "d": {"b"},
    }
