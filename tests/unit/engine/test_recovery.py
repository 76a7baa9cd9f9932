from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from plat.engine.recovery import Lock, half_made, locks, pending, remove_half_written

URN = "urn:pulumi:shop.local::plat::postgresql:index/role:Role::sales--postgresql--role"


def lock_file(state: Path, stack: str, text: str) -> Path:
    path = state / ".pulumi" / "locks" / "organization" / "plat" / stack / "1.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_a_lock_says_who_holds_the_stack_since_when(tmp_path: Path) -> None:
    content = {"pid": 7, "hostname": "here", "timestamp": "today"}
    path = lock_file(tmp_path, "shop.local", json.dumps(content))

    assert list(locks(tmp_path, "shop.local")) == [Lock(path, 7, "here", "today")]
    assert list(locks(tmp_path, "another.local")) == []


def test_a_half_written_lock_is_nobodys(tmp_path: Path) -> None:
    lock_file(tmp_path, "shop.local", '{"pid": ')

    assert [lock.pid for lock in locks(tmp_path, "shop.local")] == [-1]


def test_a_lock_is_stale_when_its_process_is_gone_from_this_machine_only(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()

    assert Lock(tmp_path, ended.pid, "here", "").is_stale("here")
    assert not Lock(tmp_path, ended.pid, "elsewhere", "").is_stale("here")
    assert not Lock(tmp_path, os.getpid(), "here", "").is_stale("here")


def test_a_lock_is_stale_when_its_process_is_a_zombie(tmp_path: Path) -> None:
    zombie = subprocess.Popen(["true"])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)

    assert Lock(tmp_path, zombie.pid, "here", "").is_stale("here")
    zombie.wait()


def test_what_was_being_created_inside_of_a_server_is_looked_up_by_its_name() -> None:
    role = {"type": "creating", "resource": {"type": "postgresql:index/role:Role", "urn": URN, "inputs": {"name": "sales"}}}
    queue = {"type": "creating", "resource": {"type": "rabbitmq:index/queue:Queue", "urn": "q", "inputs": {"name": "q"}}}
    gone = {"type": "deleting", "resource": {"type": "postgresql:index/role:Role", "urn": "r", "inputs": {"name": "r"}}}

    assert pending({"deployment": {"pending_operations": [role, queue, gone]}}) == ([(URN, "sales")], 3)
    assert pending({"deployment": {}}) == ([], 0)


def begun(kind: str, *, protect: bool = False, operation: str = "creating") -> dict[str, Any]:
    return {"type": operation, "resource": {"urn": "urn", "type": kind, "inputs": {"name": "orders"}, "protect": protect}}


def test_what_was_begun_and_holds_no_data_is_made_anew() -> None:
    kinds = ["libvirt:index/domain:Domain", "docker:index/container:Container"]
    found = half_made({"deployment": {"pending_operations": [begun(kind) for kind in kinds]}})
    assert found == [{"type": kind, "name": "orders"} for kind in kinds]


@pytest.mark.parametrize(
    "operation",
    [
        begun("libvirt:index/volume:Volume", protect=True),
        begun("libvirt:index/domain:Domain", operation="deleting"),
        begun("docker:index/volume:Volume"),
        begun("postgresql:index/database:Database"),
    ],
    ids=["a disk with data", "what was to go", "a volume of Docker's", "a database"],
)
def test_nothing_else_is_taken_away(operation: dict[str, Any]) -> None:
    assert half_made({"deployment": {"pending_operations": [operation]}}) == []
    assert half_made({"deployment": {}}) == []


def test_a_lock_that_is_half_written_is_removed_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plat.engine.recovery._WRITTEN_WITHIN", 0)
    locks = tmp_path / ".pulumi" / "locks" / "organization" / "plat"
    kept = [locks / "shop.local" / "whole.json", locks / "other.local" / "theirs.json.18ec.tmp"]
    half = locks / "shop.local" / "half.json.18ec44ea84b77d42.tmp"
    for path in (*kept, half):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert remove_half_written(tmp_path, "shop.local") == 1
    assert not half.exists()
    assert all(path.exists() for path in kept)
    assert remove_half_written(tmp_path, "shop.local") == 0
