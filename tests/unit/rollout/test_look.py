"""How often, and when, states that are far away are read, and what of them is current."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import plat.rollout.standing
from plat.engine import BackendProblem, backend_of
from plat.engine.backend import Backend
from plat.engine.backend.folder import Folder
from plat.engine.backend.outline import Outline
from plat.engine.backend.stored import Stored
from plat.home import Home
from plat.plan.shares import Head
from plat.rollout import Standing, UnitStacks
from tests.unit.rollout.conftest import some

STATE = {
    "version": 3,
    "checkpoint": {
        "latest": {
            "manifest": {"time": "2026-11-29T12:00:00Z"},
            "resources": [{"type": "pulumi:pulumi:Stack", "outputs": {"digest": "d"}}],
        }
    },
}
NEEDS = {"platform": (), "sales_access": ("platform",), "sales": ("sales_access",)}


class Asked(Stored):
    """States of which nothing is there, and which count how often they are asked for."""

    def __init__(self, folder: Path, *, lost: bool = False) -> None:
        super().__init__(Folder(folder))
        self.asked: Counter[str] = Counter()
        self._lost = lost

    def outline(self, stack: str) -> Outline | None:
        self.asked[stack] += 1
        if self._lost:
            msg = "states cannot be read in s3://b: AccessDenied"
            raise BackendProblem(msg)
        return super().outline(stack)


def heads() -> dict[str, Head]:
    found = some(**NEEDS)
    return {**found, "sales": replace(found["sales"], giver="sales_access")}


def backend(root: Path, states: Asked) -> Backend:
    return replace(backend_of(Home(root), "s3://b"), states=states)


def test_each_is_read_once_before_a_run_with_who_gives_to_it(tmp_path: Path) -> None:
    states = Asked(tmp_path)
    found = Standing(Home(tmp_path), backend(tmp_path, states), heads)
    found.look(["sales"])
    assert not found.is_current(heads()["sales"])
    assert set(states.asked.values()) == {1}
    assert len(states.asked) == 2


def test_in_a_folder_all_of_a_landscape_are_read_before_anybody_knows_the_shares(tmp_path: Path) -> None:
    states = Asked(tmp_path)
    sales = heads()["sales"]
    for name in ("shop.sales.test", "shop.left.test", "other.sales.test"):
        path = tmp_path / ".pulumi" / "stacks" / "plat" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(STATE), encoding="utf-8")
    found = Standing(Home(tmp_path), replace(backend(tmp_path, states), shared=False), heads)
    found.begin(sales.stack)
    assert found.of(heads()["platform"]) is None
    (tmp_path / ".pulumi" / "stacks" / "plat" / "shop.sales.test.json").unlink()
    before = found.of(sales)
    assert before is not None
    assert before.outputs == {"digest": "d"}
    assert "other.sales.test" not in states.asked
    found.changed(sales)
    assert found.of(sales) is None


def test_far_away_nothing_is_read_that_nobody_has_asked_for(tmp_path: Path) -> None:
    states = Asked(tmp_path)
    Standing(Home(tmp_path), backend(tmp_path, states), heads).begin(heads()["sales"].stack)
    assert states.asked == {}


def test_what_cannot_be_read_ends_a_run_before_it_begins(tmp_path: Path) -> None:
    there = backend(tmp_path, Asked(tmp_path, lost=True))
    standing = Standing(Home(tmp_path), there, heads)
    with pytest.raises(BackendProblem, match="AccessDenied"):
        UnitStacks(Home(tmp_path), there, heads(), dict, standing).preview([])


def test_what_is_current_is_told_by_digests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plat.rollout.standing, "program_digest", lambda _: "p")
    there = some(a=[], b=[], c=[], d=[])
    for name, share in there.items():
        bring_up(tmp_path, share, there["a" if name == "c" else name].digest)
    standing = Standing(Home(tmp_path), backend(tmp_path, Asked(tmp_path)), lambda: there)
    assert [share.name for share in standing.current()] == ["a", "b", "d"]


def test_what_has_changed_is_looked_at_again_and_so_is_what_it_gives_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plat.rollout.standing, "program_digest", lambda _: "p")
    there = heads()
    for share in there.values():
        bring_up(tmp_path, share, share.digest, given="one", received="one")
    standing = Standing(Home(tmp_path), backend(tmp_path, Asked(tmp_path)), lambda: there)
    assert len(standing.current()) == 3
    bring_up(tmp_path, there["sales_access"], there["sales_access"].digest, given="another", received="one")
    assert standing.is_current(there["sales"])
    standing.changed(there["sales_access"])
    assert standing.is_current(there["sales_access"])
    assert not standing.is_current(there["sales"])


def bring_up(root: Path, share: Head, digest: str, **outputs: str) -> None:
    """What is there once `share` has been brought up."""
    stack = {"type": "pulumi:pulumi:Stack", "outputs": {"program": "p", "digest": digest, **outputs}}
    latest = {"manifest": {"time": "2026-11-29T12:00:00Z"}, "resources": [stack]}
    write(root / ".pulumi" / "stacks" / "plat" / f"{share.stack}.json", {"version": 3, "checkpoint": {"latest": latest}})
    history = {"kind": "update", "result": "succeeded", "endTime": 1_800_000_000}
    entry = f"{share.stack}-1800000000000000000.history.json"
    write(root / ".pulumi" / "history" / "plat" / str(share.stack) / entry, history)


def write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
