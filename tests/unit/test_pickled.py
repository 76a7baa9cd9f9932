from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

import pytest

from plat.pickled import pickled, unpickled


class Colour(StrEnum):
    RED = "red"


class Place(NamedTuple):
    line: int


@dataclass(frozen=True, slots=True)
class Small:
    name: str


@dataclass(frozen=True)
class Large:
    small: Small
    place: Place
    colour: Colour
    others: tuple[Small, ...] = ()

    @cached_property
    def names(self) -> list[str]:
        return [other.name for other in self.others]


@dataclass
class Counted:
    name: str
    calls: int = field(default=0, init=False)


@dataclass(frozen=True)
class Nothing:
    pass


def test_all_is_as_it_was_and_what_was_one_thing_is_one() -> None:
    small = Small("a")
    large = Large(small, Place(3), Colour.RED, (small, Small("b")))
    found = unpickled(pickled(large))
    assert found == large
    assert found.others[0] is found.small
    assert isinstance(found.place, Place)
    assert found.colour is Colour.RED


def test_what_something_has_worked_out_is_left_out() -> None:
    large = Large(Small("a"), Place(3), Colour.RED)
    plain = pickled(large)
    assert large.names == []
    assert pickled(large) == plain


def test_what_is_not_made_of_its_fields_alone_goes_pythons_own_way() -> None:
    counted = Counted("a")
    counted.calls = 3
    assert unpickled(pickled(counted)).calls == 3
    assert unpickled(pickled((Nothing(), {1: None}))) == (Nothing(), {1: None})


@pytest.mark.parametrize("content", [b"", b"\x80", pickle.dumps(Small("a"))[:-3], b"cos\nnothere\n."])
def test_what_cannot_be_read_is_nothing(content: bytes) -> None:
    assert unpickled(content) is None
