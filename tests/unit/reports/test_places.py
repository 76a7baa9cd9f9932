from __future__ import annotations

from pathlib import Path

import pytest

from plat.findings import Finding, Location
from plat.places import Places, repository


@pytest.mark.parametrize(
    ("sentence", "landscapes", "base", "file"),
    [
        ("in the project", "work/contexts", "work", "contexts/shop/goods.yaml"),
        ("in a project below the top of the repository", "work/plat/contexts", "work", "plat/contexts/shop/goods.yaml"),
        ("beside other folders", "work/tests/maps", "work", "tests/maps/shop/goods.yaml"),
        ("seen from inside", "work/contexts", "work/contexts/shop", "goods.yaml"),
    ],
)
def test_a_path_is_relative_to_where_its_reader_stands(
    tmp_path: Path, sentence: str, landscapes: str, base: str, file: str
) -> None:
    folder = tmp_path / landscapes
    (folder / "shop").mkdir(parents=True)
    places = Places(folder, tmp_path / base)

    assert places.file(Location(f"{folder.name}/shop/goods.yaml"), "shop") == file, sentence


def test_a_path_outside_is_absolute(tmp_path: Path) -> None:
    places = Places(tmp_path / "maps", tmp_path / "work")

    assert places.file(Location("maps/shop/goods.yaml"), "shop") == str(tmp_path / "maps" / "shop" / "goods.yaml")


def test_a_link_on_the_way_is_resolved(tmp_path: Path) -> None:
    (tmp_path / "real" / "shop").mkdir(parents=True)
    (tmp_path / "maps").symlink_to("real")
    places = Places(tmp_path / "maps", tmp_path)

    assert places.file(Location("maps/shop/goods.yaml"), "shop") == "real/shop/goods.yaml"


def test_what_stands_in_no_file_of_the_landscape_keeps_its_name(tmp_path: Path) -> None:
    assert Places(tmp_path, tmp_path).file(Location("elsewhere/shop.yaml"), "shop") == "elsewhere/shop.yaml"


def test_a_finding_moves_with_all_its_places_and_one_without_goes_to_the_landscapes_own(tmp_path: Path) -> None:
    places = Places(tmp_path / "tests" / "maps", tmp_path)
    finding = Finding(rule="x", message="y", related=(Location("maps/shop/goods.yaml", 2, 3),))

    moved = places.moved(finding, "shop")

    assert moved.location == Location("tests/maps/shop/landscape.yaml")
    assert moved.related == (Location("tests/maps/shop/goods.yaml", 2, 3),)


def test_the_repository_is_found_from_below_whether_it_is_a_clone_or_a_worktree(tmp_path: Path) -> None:
    landscapes = tmp_path / "work" / "plat" / "contexts"
    landscapes.mkdir(parents=True)
    (tmp_path / "work" / ".git").write_text("gitdir: elsewhere\n")

    assert repository(landscapes, landscapes.parent) == (tmp_path / "work").resolve()


def test_without_a_repository_it_is_the_project(tmp_path: Path) -> None:
    assert repository(tmp_path / "contexts", tmp_path) == tmp_path
