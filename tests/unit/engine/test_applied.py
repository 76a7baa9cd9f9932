"""What counts as applied: everything that is read has to agree."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plat.engine.applied import Applied, applied, is_down, resources_of
from plat.engine.backend.folder import Folder
from plat.engine.backend.model import States
from plat.engine.backend.stored import Stored

STACK = "shop.sales.local"
State = dict[str, Any]


def state() -> State:
    """A stack as Pulumi's file backend has it: its checkpoint, and the last entry of its history."""
    outputs = {"digest": "abc", "secrets": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}}
    resources: list[State] = [
        {"type": "pulumi:pulumi:Stack", "urn": "urn:pulumi:s::plat::pulumi:pulumi:Stack::plat-s", "outputs": outputs},
        {"type": "a:b:C", "urn": "urn:pulumi:s::plat::a:b:C::thing"},
    ]
    latest = {"manifest": {"time": "2026-11-28T12:14:39.420872339Z"}, "resources": resources}
    history = {"kind": "update", "result": "succeeded", "endTime": 1795868079, "environment": {"pulumi.flag.yes": "true"}}
    return {"latest": latest, "history": history, "locked": False}


def read(folder: Path, found: State) -> Applied | None:
    pulumi = folder / ".pulumi"
    entries = pulumi / "history" / "plat" / STACK
    files: dict[Path, object] = {
        pulumi / "stacks" / "plat" / f"{STACK}.json": {"checkpoint": {"latest": found["latest"]}},
        entries / f"{STACK}-1795868070123456789.history.json": {
            "kind": "destroy",
            "result": "failed",
        },
    }
    if found["history"]:
        files[entries / f"{STACK}-1795868079520872339.history.json"] = found["history"]
    if found["locked"]:
        files[pulumi / "locks" / "organization" / "plat" / STACK / "x.json"] = {"pid": 1, "hostname": "elsewhere"}
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    return applied(in_folder(folder), STACK)


def in_folder(folder: Path) -> States:
    return Stored(Folder(folder))


def test_outputs_are_read_but_for_secret_ones(tmp_path: Path) -> None:
    found = read(tmp_path, state())
    assert found == Applied({"digest": "abc"}, sound=True)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda s: s.update(locked=True), id="a lock"),
        pytest.param(lambda s: s["latest"].update(pending_operations=[{"type": "creating"}]), id="something pending"),
        pytest.param(lambda s: s["latest"]["resources"][1].update(delete=True), id="something to delete"),
        pytest.param(lambda s: s["history"].update(result="failed"), id="an update that failed"),
        pytest.param(lambda s: s["history"].update(kind="refresh"), id="a refresh"),
        pytest.param(lambda s: s["history"]["environment"].update({"pulumi.flag.target": "set"}), id="a part of it"),
        pytest.param(lambda s: s["history"]["environment"].update({"pulumi.flag.exclude": "set"}), id="not all of it"),
        pytest.param(lambda s: s["history"].update(endTime=1795868078), id="a state that was written later"),
        pytest.param(lambda s: s["history"].pop("endTime"), id="a history that does not tell"),
        pytest.param(lambda s: s.update(history=None), id="another end before"),
    ],
)
def test_nothing_counts_where_one_thing_speaks_against_it(tmp_path: Path, change: Callable[[State], object]) -> None:
    found = state()
    change(found)
    read_of = read(tmp_path, found)
    assert read_of
    assert not read_of.sound


def test_where_there_is_no_stack_nothing_is_applied(tmp_path: Path) -> None:
    assert applied(in_folder(tmp_path), STACK) is None
    assert resources_of(in_folder(tmp_path), STACK) == ()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"checkpoint": {"latest": {"resources": []}}}', '{"checkpoint": {"latest": null}}']
)
def test_a_state_that_cannot_be_read_is_not_applied(tmp_path: Path, text: str) -> None:
    path = tmp_path / ".pulumi" / "stacks" / "plat" / f"{STACK}.json"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert applied(in_folder(tmp_path), STACK) is None


def resource(name: str, **more: object) -> dict[str, object]:
    return {"urn": f"urn:pulumi:a.local::plat::x:y:Z::{name}", "custom": True, **more}


def urn(name: str) -> str:
    return str(resource(name)["urn"])


STANDING: list[dict[str, object]] = [
    resource("stack", custom=False),
    resource("provider"),
    resource("password"),
    resource("server", provider=f"{urn('provider')}::4711", parent=urn("stack")),
    resource("data", protect=True, propertyDependencies={"password": [urn("password")]}, dependencies=[urn("server")]),
]


def test_what_data_stand_on_is_kept_with_them() -> None:
    assert is_down(STANDING)
    assert is_down([])


@pytest.mark.parametrize("item", [resource("process"), resource("right", dependencies=[urn("data")])])
def test_whatever_else_is_there_is_up(item: dict[str, object]) -> None:
    assert not is_down([*STANDING, item])
