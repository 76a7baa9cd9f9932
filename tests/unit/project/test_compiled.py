from __future__ import annotations

import datetime as dt
import errno
import os
import pickle
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from plat.compiled import Compiled, key_of
from plat.contents import Unkept, contents_of
from plat.plan.model import PLATFORM, Plan, Texts, Unit
from plat.plan.shares import shares
from plat.project import Project
from plat.stacks import StackName
from plat.versions import program_digest

ROOT = Path(__file__).resolve().parents[3]
UNITS = (Unit(PLATFORM, "platform-team", (), ()),)
PLAN = Plan("shop", "test", {}, (), (), None, (), (), (), (), (), units=UNITS)
DAY = dt.date(2026, 11, 28)


def test_a_plan_is_made_once_and_then_kept(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> Plan:
        made.append(1)
        return PLAN

    assert [Compiled(tmp_path, "key", make).plan() for _ in range(3)] == [PLAN] * 3
    assert len(made) == 1
    assert Compiled(tmp_path, "another", make).plan() == PLAN
    assert len(made) == 2


@pytest.mark.parametrize("content", [b"", b"\x80", pickle.dumps("no plan"), b"cos\nnothere\n."])
def test_what_is_kept_and_cannot_be_read_is_made_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key.db").write_bytes(content)
    assert Compiled(tmp_path, "key", lambda: PLAN).plan() == PLAN
    with closing(sqlite3.connect(tmp_path / "key.db")) as kept, kept:
        kept.execute("UPDATE parts SET content = ?", (content,))
    assert Compiled(tmp_path, "key", lambda: PLAN).plan() == PLAN
    assert Compiled(tmp_path, "key", never).plan() == PLAN


def test_heads_are_kept_without_the_plan_and_beside_it(tmp_path: Path) -> None:
    heads = {name: share.head(Texts()) for name, share in shares(PLAN).items()}
    assert Compiled(tmp_path, "key", never).heads() is None
    Compiled(tmp_path, "key", never).keep_heads(heads)
    assert Compiled(tmp_path, "key", never).heads() == heads
    assert Compiled(tmp_path, "key", lambda: PLAN).plan() == PLAN
    assert Compiled(tmp_path, "key", never).plan() == PLAN
    assert Compiled(tmp_path, "key", never).heads() == heads


def test_while_another_one_writes_nothing_is_lost(tmp_path: Path) -> None:
    heads = {name: share.head(Texts()) for name, share in shares(PLAN).items()}
    Compiled(tmp_path, "key", never).keep_heads(heads)
    with closing(sqlite3.connect(tmp_path / "key.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        assert Compiled(tmp_path, "key", lambda: PLAN).plan() == PLAN
    assert Compiled(tmp_path, "key", never).heads() == heads


def test_a_share_is_had_without_the_others(tmp_path: Path) -> None:
    whole = Project(ROOT).plan("order-processing.units")
    for name, share in shares(whole).items():
        assert Compiled(tmp_path, "key", lambda: whole).share(name) == share
    with closing(sqlite3.connect(tmp_path / "key.db")) as kept, kept:
        kept.execute("DELETE FROM parts WHERE name <> 'notification'")
    Compiled(tmp_path, "key", never).keep(whole, [shares(whole)["platform"]])
    assert Compiled(tmp_path, "key", never).share("platform") == shares(whole)["platform"]
    assert Compiled(tmp_path, "key", never).share("notification") == shares(whole)["notification"]


@pytest.mark.parametrize("name", ["", "nobody", "platform_"])
def test_there_is_no_share_of_another_name(tmp_path: Path, name: str) -> None:
    whole = Project(ROOT).plan("order-processing.units")
    assert [Compiled(tmp_path, "key", lambda: whole).share(name) for _ in range(2)] == [None, None]


def never() -> Plan:
    raise AssertionError


def test_only_the_last_few_are_kept(tmp_path: Path) -> None:
    for number in range(10):
        Compiled(tmp_path, f"{number}", lambda: PLAN).plan()
    assert len(list(tmp_path.iterdir())) == 4


def test_what_cannot_be_kept_is_had_all_the_same_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> bytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("plat.compiled.pickled", full)
    assert Compiled(tmp_path, "key", lambda: PLAN).plan() == PLAN
    assert list(tmp_path.iterdir()) == []


def test_every_file_and_every_other_thing_that_a_plan_follows_from_changes_the_key(tmp_path: Path) -> None:
    landscape, program, settings = tmp_path / "shop", tmp_path / "root", tmp_path / "local.yaml"
    for folder in (landscape / "inner", program / "plat"):
        folder.mkdir(parents=True)

    def key(stack: str = "shop.local", day: dt.date = DAY) -> str:
        program_digest.cache_clear()  # as another process has it
        return key_of(program, StackName.parse(stack), day, contents_of(landscape, [settings]))

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
        contents_of(landscape)
    (landscape / "link").unlink()
    os.mkfifo(landscape / "pipe")
    with pytest.raises(Unkept):
        contents_of(landscape)
