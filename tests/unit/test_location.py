from __future__ import annotations

from pathlib import Path

import pytest

from plat.descriptors.tree import Mapping
from plat.descriptors.yaml import read_document
from plat.findings import Location
from plat.pickled import pickled, unpickled
from plat.seek import Seek, Tree


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


def test_a_place_is_looked_up_by_the_process_that_it_is_sent_to_and_only_there(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("name: billing\nteam: money\n")
    made: list[str] = []

    def make() -> Mapping:
        made.append("it")
        tree = read_document("a.yaml", file.read_bytes()).tree
        assert isinstance(tree, Mapping)
        return tree

    place = Location("a.yaml", seek=Seek(Tree(file, "a.yaml", make), (), ("team",)))
    sent = unpickled(pickled(place))
    assert made == []
    assert f"{sent}" == f"{place}" == "a.yaml:2:7"
    assert made == ["it"]
    assert unpickled(pickled(place)) == place


def test_of_a_file_that_is_gone_a_place_is_its_beginning(tmp_path: Path) -> None:
    place = Location("a.yaml", seek=Seek(Tree(tmp_path / "a.yaml", "a.yaml", dict), (), ("team",)))  # type: ignore[arg-type] # not asked
    assert f"{unpickled(pickled(place))}" == "a.yaml:1:1"


def test_what_cannot_be_found_is_said_to_who_asks() -> None:
    def lost() -> tuple[int, int]:
        raise KeyError("it")

    with pytest.raises(KeyError):
        _ = Location("a.yaml", seek=lost).line
