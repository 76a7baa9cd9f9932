from __future__ import annotations

import datetime as dt
import os
import pickle
from pathlib import Path

import pytest

from plat.compiled import Unkept, compiled, key_of
from plat.plan.model import Plan

PLAN = Plan("shop", "test", {}, (), (), None, (), (), (), (), ())
DAY = dt.date(2026, 11, 28)


def test_a_plan_is_made_once_and_then_kept(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> Plan:
        made.append(1)
        return PLAN

    assert [compiled(tmp_path, "key", make) for _ in range(3)] == [PLAN] * 3
    assert len(made) == 1
    assert compiled(tmp_path, "another", make) == PLAN
    assert len(made) == 2


@pytest.mark.parametrize("content", [b"", b"\x80", pickle.dumps("no plan"), b"cos\nnothere\n."])
def test_what_is_kept_and_cannot_be_read_is_made_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key.pickle").write_bytes(content)
    assert compiled(tmp_path, "key", lambda: PLAN) == PLAN


def test_only_the_last_few_are_kept(tmp_path: Path) -> None:
    for number in range(10):
        compiled(tmp_path, f"{number}", lambda: PLAN)
    assert len(list(tmp_path.iterdir())) == 4


def test_every_file_and_every_other_thing_that_a_plan_follows_from_changes_the_key(tmp_path: Path) -> None:
    landscape, program, settings = tmp_path / "shop", tmp_path / "root", tmp_path / "local.yaml"
    for folder in (landscape / "inner", program / "plat"):
        folder.mkdir(parents=True)

    def key(stack: str = "shop.local", day: dt.date = DAY) -> str:
        return key_of(program, landscape, [settings], stack, day)

    seen = []
    for path in (settings, landscape / "a.yaml", landscape / "inner" / "b.yaml", program / "plat" / "rules.py"):
        path.write_text("one", encoding="utf-8")
        if settings.exists():
            seen.append(key())
        path.write_text("another", encoding="utf-8")
        seen.append(key())
    (landscape / "a.yaml").rename(landscape / "c.yaml")
    seen += [key(), key(stack="shop.other"), key(day=DAY + dt.timedelta(days=1))]
    assert len(set(seen)) == len(seen)


def test_what_no_hash_tells_is_not_kept(tmp_path: Path) -> None:
    landscape = tmp_path / "shop"
    landscape.mkdir()
    (landscape / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unkept):
        key_of(tmp_path, landscape, [], "shop.local", DAY)
    (landscape / "link").unlink()
    os.mkfifo(landscape / "pipe")
    with pytest.raises(Unkept):
        key_of(tmp_path, landscape, [], "shop.local", DAY)
