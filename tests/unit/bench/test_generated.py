from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.generated import add, called, change, write
from bench.project import environment
from plat.project import Project


@pytest.fixture
def landscape(tmp_path: Path) -> Path:
    return write(tmp_path / "contexts", 10)


def described(landscape: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((landscape / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def test_a_generated_landscape_is_accepted_before_and_after_a_context_is_added_and_one_changed(landscape: Path) -> None:
    project = Project(landscape.parents[1])
    assert not project.check(landscape.name).refused
    for nth in range(3):
        add(landscape, 10, nth)
    change(landscape)
    assert not project.check(landscape.name).refused


def test_a_context_is_added_by_one_file(landscape: Path) -> None:
    before = {path.name: path.read_bytes() for path in landscape.iterdir()}
    name = add(landscape, 10)
    after = {path.name: path.read_bytes() for path in landscape.iterdir()}
    assert after.keys() - before.keys() == {f"{name}.yaml"}
    assert before.items() <= after.items()


def test_what_is_added_and_what_it_calls_are_of_one_shape_in_every_size(tmp_path: Path) -> None:
    shape = ("datastore", "scaling", "exposes", "publishes", "subdomain")
    added = []
    for size in (9, 10, 57, 60):
        root = write(tmp_path / f"{size}", size)
        found = described(root, add(root, size))
        other = described(root, called(size))
        added.append([{key: each.get(key) for key in shape} for each in (found, other)])
        assert len(other["consumes"]) == 3
        assert len(found["consumes"]) == 3
        assert found["upstreams"][0]["context"] == called(size)
        assert "externals" not in found["deployables"][0]
    assert added == [added[0]] * len(added)
    assert added[0][0]["datastore"] == {"type": "postgresql", "version": "16", "storage": "20Gi"}


def test_what_is_added_next_is_like_the_first_but_for_its_names(landscape: Path) -> None:
    first, second = (described(landscape, add(landscape, 10, nth)) for nth in (0, 1))
    named = {"name", "deployables", "purpose"}
    assert first["name"] != second["name"]
    assert {key: value for key, value in first.items() if key not in named} == {
        key: value for key, value in second.items() if key not in named
    }


def test_a_change_is_another_version_of_one_image_and_each_is_another(landscape: Path) -> None:
    for version in ("1.4.3", "2.0.0"):
        image = described(landscape, change(landscape, version))["deployables"][0]["image"]
        assert image == f"registry.example/matter-babababahe:{version}"


def test_the_same_size_gives_the_same_files(tmp_path: Path, landscape: Path) -> None:
    again = write(tmp_path / "again", 10)
    assert {path.name: path.read_bytes() for path in again.iterdir()} == {
        path.name: path.read_bytes() for path in landscape.iterdir()
    }


def test_the_environment_of_the_benchmark_is_one(landscape: Path) -> None:
    folder = landscape.parents[1] / "stacks" / "environments"
    folder.mkdir(parents=True)
    (folder / "bench.yaml").write_text(json.dumps(environment(Path("/access"), "landscape")), encoding="utf-8")
    project = Project(landscape.parents[1])
    assert project.environment(f"{landscape.name}.bench").stacks == "landscape"
