"""How often, and when, states that are far away are read."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from plat.engine import BackendProblem, backend_of
from plat.engine.backend import Backend
from plat.engine.backend.folder import Folder
from plat.engine.backend.outline import Outline
from plat.engine.backend.stored import Stored
from plat.home import Home
from plat.plan.shares import Share
from plat.rollout import Standing, UnitStacks
from tests.unit.rollout.conftest import some

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


def shares() -> dict[str, Share]:
    found = some(**NEEDS)
    return {**found, "sales": replace(found["sales"], giver="sales_access")}


def backend(root: Path, states: Asked) -> Backend:
    return replace(backend_of(Home(root), "s3://b"), states=states)


def test_each_is_read_once_before_a_run_with_who_gives_to_it(tmp_path: Path) -> None:
    states = Asked(tmp_path)
    found = Standing(Home(tmp_path), backend(tmp_path, states), shares())
    found.look(["sales"])
    assert not found.is_current(shares()["sales"])
    assert set(states.asked.values()) == {1}
    assert len(states.asked) == 2


def test_what_cannot_be_read_ends_a_run_before_it_begins(tmp_path: Path) -> None:
    there = backend(tmp_path, Asked(tmp_path, lost=True))
    standing = Standing(Home(tmp_path), there, shares())
    with pytest.raises(BackendProblem, match="AccessDenied"):
        UnitStacks(Home(tmp_path), there, shares(), standing).preview([])
