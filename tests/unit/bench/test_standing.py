from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.generated import called, write
from bench.project import ENVIRONMENT, Copy, environment
from bench.standing import stand_as
from plat.engine import backend_of
from plat.home import Home
from plat.plan.shares import Share, shares
from plat.project import Project
from plat.rollout import Standing
from plat.rollout.heads import heads_of
from plat.versions import program_digest

LIKE = called(10)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    landscape = write(tmp_path / "contexts", 10)
    folder = tmp_path / "stacks" / "environments"
    folder.mkdir(parents=True)
    (folder / f"{ENVIRONMENT}.yaml").write_text(json.dumps(environment(Path("/access"), "unit")), encoding="utf-8")
    return Copy(tmp_path, landscape)


def bring_up(root: Path, share: Share) -> None:
    """What an update of a stack leaves that ended well."""
    states = Home(root).state / ".pulumi"
    outputs = {"digest": share.digest, "program": program_digest(root), "given": "some", "received": "some"}
    stack = {"type": "pulumi:pulumi:Stack", "outputs": outputs, "urn": f"{share.stack}"}
    latest = {"manifest": {"time": "2026-11-29T12:00:00Z"}, "resources": [stack]}
    entry = {"kind": "update", "result": "succeeded", "endTime": 1795953601}
    for name, text in {
        f"stacks/plat/{share.stack}.json": {"version": 3, "checkpoint": {"latest": latest}},
        f"history/plat/{share.stack}/{share.stack}-1795953601000000000.history.json": entry,
    }.items():
        (states / name).parent.mkdir(parents=True, exist_ok=True)
        (states / name).write_text(json.dumps(text), encoding="utf-8")


def standing(copy: Copy) -> tuple[set[str], set[str]]:
    """All shares, and those that are current."""
    found = heads_of(shares(Project(copy.root).plan(copy.stack)).values())
    home = Home(copy.root)
    return set(found), {share.name for share in Standing(home, backend_of(home), lambda: found).current()}


def test_all_stand_that_are_of_the_kind_of_one_that_is_up(copy: Copy) -> None:
    found = shares(Project(copy.root).plan(copy.stack))
    up = {name: share for name, share in found.items() if share.unit in {LIKE, "platform"}}
    for share in up.values():
        bring_up(copy.root, share)
    every, current = standing(copy)
    assert current == up.keys() < every

    stand_as(copy, LIKE)
    assert standing(copy) == (every, every)


def test_where_the_one_is_not_up_nobody_stands_like_it(copy: Copy) -> None:
    with pytest.raises(OSError, match="stacks/plat"):
        stand_as(copy, LIKE)
