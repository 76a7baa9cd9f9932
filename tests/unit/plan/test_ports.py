from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plat.environment import Ports
from plat.machines.settings import Addresses
from plat.plan.numbers import NumberProblem, Range
from plat.plan.numbers import assign as assign_numbers


def assign(scope: str, names: Iterable[str], ports: Ports) -> Mapping[str, int]:
    return assign_numbers(scope, names, Range.of_ports(ports))


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
    with pytest.raises(NumberProblem, match="`goods` and `sales` are both fixed to 25000"):
        assign("shop", ["sales", "goods"], Ports(fixed={"goods": 25000, "sales": 25000}))


def test_a_range_that_is_too_small_is_refused() -> None:
    with pytest.raises(NumberProblem, match="3 listeners do not fit"):
        assign("shop", ["a", "b", "c"], Ports(first=20000, last=20001))


def test_machines_get_addresses_in_the_same_way() -> None:
    addresses = Addresses(first="10.0.0.16", last="10.0.0.31", fixed={"second": "10.0.0.20"})
    found = assign_numbers("shop", ["first", "second"], Range.of_addresses(addresses))

    assert found["second"] == int(ipaddress.IPv4Address("10.0.0.20"))
    assert found["first"] != found["second"]
    assert ipaddress.IPv4Address("10.0.0.16") <= ipaddress.IPv4Address(found["first"]) <= ipaddress.IPv4Address("10.0.0.31")


def test_too_many_machines_are_told_by_address() -> None:
    addresses = Range.of_addresses(Addresses(first="10.0.0.16", last="10.0.0.17"))
    with pytest.raises(NumberProblem, match=r"3 machines do not fit into 10\.0\.0\.16\.\.10\.0\.0\.17 \(2 addresses\)"):
        assign_numbers("shop", ["a", "b", "c"], addresses)
