from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plat.patterns import any_of
from policies.observers.patterns import matched_by, named_by

LISTS: dict[str, tuple[str, tuple[str, ...] | None]] = {
    "the empty pattern matches nothing": ("", ()),
    "a pattern of nothing": ("^$", ()),
    "one name": (r"^orders\.events$", ("orders.events",)),
    "several names": (r"^(?:a|b\-c)$", ("a", "b-c")),
    "several names in a capturing group": ("^(a|b)$", ("a", "b")),
    "an escaped bar is a part of a name": (r"^a\|b$", ("a|b",)),
    "everything is no list": (".*", None),
    "a beginning is no list": ("^order", None),
    "an end is no list": ("order$", None),
    "an unescaped dot is any character": ("^orders.events$", None),
    "alternatives without a group are anchored at one end each": ("^a|b$", None),
    "a class of characters is no name": (r"^\w$", None),
    "a repetition is no name": ("^a+$", None),
    "a variable of the broker's is no name": ("^{username}$", None),
    "an option inside of a pattern is no list": ("^(?i:a)$", None),
    "a broken pattern is no list": ("^(a", None),
    "a line after the end is no part of it": ("^a$\n", None),
}


@pytest.mark.parametrize(("pattern", "expected"), LISTS.values(), ids=LISTS.keys())
def test_the_names_of_a_pattern(pattern: str, expected: tuple[str, ...] | None) -> None:
    assert named_by(pattern) == expected


def test_a_pattern_matches_anywhere_in_a_name() -> None:
    assert matched_by("^order", ["orders", "orders-eu", "my-orders"]) == ("orders", "orders-eu")


def test_the_empty_pattern_matches_no_name() -> None:
    assert matched_by("", ["orders"]) == ()


def test_what_cannot_be_read_could_match_everything() -> None:
    assert matched_by(r"(*UTF8)a", ["b", "a"]) == ("a", "b")


@given(st.lists(st.text("abz019._-:", min_size=1, max_size=12), min_size=1, max_size=5, unique=True))
def test_the_pattern_that_our_components_write_names_exactly_its_names(names: list[str]) -> None:
    assert named_by(any_of(names)) == tuple(sorted(names))


@given(st.text(max_size=20), st.text(min_size=1, max_size=20))
def test_a_list_of_names_matches_no_other_name(pattern: str, name: str) -> None:
    names = named_by(pattern)
    if names is not None and name not in names:
        assert not re.fullmatch(pattern, name)
