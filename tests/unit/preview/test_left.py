"""Stacks that are there, beside those that descriptors stand for."""

from __future__ import annotations

from pathlib import Path

import pytest

from plat.engine import backend_of
from plat.home import Home
from plat.plan.model import Plan
from plat.plan.shares import shares
from plat.rollout import Standing, UnitStacks
from plat.rollout.heads import heads_of


def test_a_stack_that_no_descriptor_stands_for_is_left(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAT_HOME", str(tmp_path / "home"))
    folder = tmp_path / "home" / "state" / ".pulumi" / "stacks" / "plat"
    folder.mkdir(parents=True)
    for name in ("shop.goods.test", "shop.gone.test", "shop.gone.other", "bazaar.gone.test", "shop.test"):
        (folder / f"{name}.json").write_text("{}")
    home = Home(tmp_path)
    backend, divided = backend_of(home), shares(plan)
    heads = heads_of(divided.values())
    stacks = UnitStacks(home, backend, heads, lambda: divided, Standing(home, backend, lambda: heads))

    assert stacks.left() == ("shop.gone.test",)
    assert stacks.since("goods") == ""
