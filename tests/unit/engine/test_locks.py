from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from plat.engine.backend.folder import Folder
from plat.engine.backend.model import Lock
from plat.engine.backend.stored import Stored


def states(folder: Path) -> Stored:
    return Stored(Folder(folder))


def lock_file(state: Path, stack: str, text: str) -> Path:
    path = state / ".pulumi" / "locks" / "organization" / "plat" / stack / "1.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_a_lock_says_who_holds_the_stack_since_when(tmp_path: Path) -> None:
    content = {"pid": 7, "hostname": "here", "timestamp": "today"}
    path = lock_file(tmp_path, "shop.local", json.dumps(content))

    assert states(tmp_path).locks("shop.local") == [Lock(str(path.relative_to(tmp_path)), 7, "here", "today")]
    assert states(tmp_path).locks("another.local") == []


def test_a_half_written_lock_is_nobodys(tmp_path: Path) -> None:
    lock_file(tmp_path, "shop.local", '{"pid": ')

    assert [lock.pid for lock in states(tmp_path).locks("shop.local")] == [-1]


def test_a_lock_is_stale_when_its_process_is_gone_from_this_machine_only() -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()

    assert Lock("x", ended.pid, "here", "").is_stale("here")
    assert not Lock("x", ended.pid, "elsewhere", "").is_stale("here")
    assert not Lock("x", os.getpid(), "here", "").is_stale("here")


def test_a_lock_is_stale_when_its_process_is_a_zombie() -> None:
    zombie = subprocess.Popen(["true"])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)

    assert Lock("x", zombie.pid, "here", "").is_stale("here")
    zombie.wait()


def test_a_lock_that_is_half_written_is_removed_and_no_other(tmp_path: Path) -> None:
    locks = tmp_path / ".pulumi" / "locks" / "organization" / "plat"
    kept = [locks / "shop.local" / "whole.json", locks / "other.local" / "theirs.json.18ec.tmp"]
    half = locks / "shop.local" / "half.json.18ec44ea84b77d42.tmp"
    for path in (*kept, half):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert states(tmp_path).remove_half_written("shop.local") == 1
    assert not half.exists()
    assert all(path.exists() for path in kept)
    assert states(tmp_path).remove_half_written("shop.local") == 0
