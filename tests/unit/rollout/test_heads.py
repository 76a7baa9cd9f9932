from __future__ import annotations

from pathlib import Path

import pytest

import plat.rollout.heads
from plat.plan.shares import shares
from plat.project import Project
from plat.rollout.heads import heads_of

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("many", [0, 2, 200])
def test_heads_say_what_shares_are_whoever_makes_them(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plat.rollout.heads, "_MANY", many)
    found = shares(Project(ROOT).plan("order-processing.units"))
    heads = heads_of(found.values())
    assert list(heads) == list(found)
    for name, head in heads.items():
        share = found[name]
        assert (head.name, head.stack, head.unit, head.team) == (name, share.stack, share.unit, share.team)
        assert (head.needs, head.giver, head.digest) == (share.needs, share.giver, share.digest)
    assert len({head.digest for head in heads.values()}) == len(heads)
