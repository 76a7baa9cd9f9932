from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plat.environment import Ports
from plat.plan.ports import PortProblem, assign

NAMES = st.sets(st.text("abcdefgh-", min_size=1, max_size=12), max_size=40)


@given(NAMES)
def test_every_listener_gets_a_port_of_its_own_in_the_range(names: set[str]) -> None:
    ports = assign("shop", names, Ports(first=20000, last=20063))

    assert ports.keys() == names
    assert len(set(ports.values())) == len(names)
    assert all(20000 <= port <= 20063 for port in ports.values())


@given(NAMES)
def test_the_order_of_listeners_changes_nothing(names: set[str]) -> None:
    assert assign("shop", sorted(names), Ports()) == assign("shop", sorted(names, reverse=True), Ports())


def test_adding_a_listener_moves_no_other_where_they_do_not_collide() -> None:
    few = assign("shop", ["sales", "goods"], Ports())
    more = assign("shop", ["sales", "goods", "billing"], Ports())

    assert {name: more[name] for name in few} == few


def test_a_port_set_by_hand_wins_and_nobody_else_gets_it() -> None:
    derived = assign("shop", ["sales", "goods"], Ports())
    ports = assign("shop", ["sales", "goods"], Ports(fixed={"goods": derived["sales"]}))

    assert ports["goods"] == derived["sales"]
    assert ports["sales"] != derived["sales"]


def test_another_landscapes_fixed_port_is_of_no_account() -> None:
    assert assign("shop", ["sales"], Ports(fixed={"elsewhere": 25000})) == assign("shop", ["sales"], Ports())


def test_two_listeners_fixed_to_one_port_are_refused() -> None:
    with pytest.raises(PortProblem, match="`goods` and `sales` are both fixed to 25000"):
        assign("shop", ["sales", "goods"], Ports(fixed={"goods": 25000, "sales": 25000}))


def test_a_range_that_is_too_small_is_refused() -> None:
    with pytest.raises(PortProblem, match="3 listeners do not fit"):
        assign("shop", ["a", "b", "c"], Ports(first=20000, last=20001))
