from __future__ import annotations

import pytest

from plat.findings import Location
from plat.pickled import pickled, unpickled


def test_places_are_equal_and_in_order_however_they_are_given() -> None:
    given, sought = Location("a.yaml", 2, 1), Location("a.yaml", seek=lambda: (2, 1))
    assert given == sought
    assert {given} == {sought}
    assert sorted([Location("b.yaml"), Location("a.yaml", 3), sought]) == [given, Location("a.yaml", 3), Location("b.yaml")]
    assert given != "a.yaml:2:1"


def test_a_place_is_looked_up_once_and_only_for_who_asks() -> None:
    asked: list[str] = []

    def seek() -> tuple[int, int]:
        asked.append("it")
        return 4, 7

    place = Location("a.yaml", seek=seek)
    assert (place.file, asked) == ("a.yaml", [])
    assert (place.line, place.column, f"{place}", place.to_dict()) == (
        *(4, 7, "a.yaml:4:7"),
        {"file": "a.yaml", "line": 4, "column": 7},
    )
    assert asked == ["it"]


def test_a_place_can_be_sent_to_another_process() -> None:
    place = Location("a.yaml", seek=lambda: (4, 7))
    assert unpickled(pickled(place)) == Location("a.yaml", 4, 7)


def test_what_cannot_be_found_is_said_to_who_asks() -> None:
    def lost() -> tuple[int, int]:
        raise KeyError("it")

    with pytest.raises(KeyError):
        _ = Location("a.yaml", seek=lost).line
