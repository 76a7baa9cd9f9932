"""What is known of stacks from the run before: only what is as it was."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plat.engine.applied import Applied, applied
from plat.engine.backend.folder import Folder
from plat.engine.backend.outline import Outline
from plat.engine.backend.stored import Stored
from plat.recalled import recalled

STACK = "shop.sales.test"
WRITTEN = datetime(2026, 11, 29, 12, tzinfo=UTC)
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}


class Asked(Stored):
    """States that count how often they are read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Folder(folder))
        self.asked: Counter[str] = Counter()

    def outline(self, stack: str) -> Outline | None:
        self.asked[stack] += 1
        return super().outline(stack)


@pytest.fixture
def states(tmp_path: Path) -> Asked:
    return Asked(tmp_path)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "plans" / "shop.test.applied"


def write(root: Path, digest: str, *, age: float = 60) -> Path:
    """A state that was last changed so many seconds ago."""
    file = root / ".pulumi" / "stacks" / "plat" / f"{STACK}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    stack = {"type": "pulumi:pulumi:Stack", "outputs": {"digest": digest, "secrets": SECRET}}
    latest = {"manifest": {"time": WRITTEN.isoformat()}, "resources": [stack]}
    file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": latest}}), encoding="utf-8")
    ended(root, WRITTEN, "succeeded")
    os.utime(file, (time.time() - age,) * 2)
    return file


def ended(root: Path, moment: datetime, result: str) -> None:
    second = int(moment.timestamp())
    file = root / ".pulumi" / "history" / "plat" / STACK / f"{STACK}-{second}000000000.history.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"kind": "update", "result": result, "endTime": second}), encoding="utf-8")


def read(states: Asked, kept: Path) -> Applied | None:
    with recalled(kept) as before:
        return applied(states, STACK, before)


def digest(states: Asked, kept: Path) -> object:
    found = read(states, kept)
    return found.outputs["digest"] if found else None


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry of a file changes with its times, which no test can set back."""
    monkeypatch.setattr("plat.engine.backend.folder._SETTLED", -60.0)


@pytest.mark.usefixtures("settled")
def test_a_state_is_read_once_until_it_changes(tmp_path: Path, states: Asked, kept: Path) -> None:
    write(tmp_path, "one")
    assert [digest(states, kept) for _ in range(3)] == ["one"] * 3
    assert states.asked[STACK] == 1
    write(tmp_path, "two")
    assert [digest(states, kept) for _ in range(2)] == ["two"] * 2
    assert states.asked[STACK] == 2


@pytest.mark.usefixtures("settled")
def test_another_file_with_the_same_length_and_time_is_another_state(tmp_path: Path, states: Asked, kept: Path) -> None:
    file = write(tmp_path, "one")
    assert digest(states, kept) == "one"
    other = file.with_suffix(".new")
    other.write_bytes(file.read_bytes().replace(b"one", b"two"))
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.rename(file)
    assert digest(states, kept) == "two"


@pytest.mark.usefixtures("settled")
def test_what_has_come_after_it_is_seen_although_the_state_is_the_same(tmp_path: Path, states: Asked, kept: Path) -> None:
    write(tmp_path, "one")
    assert [read(states, kept) for _ in range(2)] == [Applied({"digest": "one"}, sound=True)] * 2
    ended(tmp_path, WRITTEN + timedelta(seconds=5), "failed")
    assert [read(states, kept) for _ in range(2)] == [Applied({"digest": "one"}, sound=False)] * 2


@pytest.mark.usefixtures("settled")
def test_a_lock_is_seen_and_not_remembered(tmp_path: Path, states: Asked, kept: Path) -> None:
    write(tmp_path, "one")
    lock = tmp_path / ".pulumi" / "locks" / "organization" / "plat" / STACK / "x.json"
    lock.parent.mkdir(parents=True)
    for locked in (True, False, True):
        lock.write_text('{"pid": 1, "hostname": "elsewhere"}') if locked else lock.unlink()
        assert read(states, kept) == Applied({"digest": "one"}, sound=not locked)
    assert states.asked[STACK] == 1


def test_what_was_changed_a_moment_ago_is_read_again(tmp_path: Path, states: Asked, kept: Path) -> None:
    write(tmp_path, "one", age=0)
    assert [digest(states, kept) for _ in range(2)] == ["one"] * 2
    assert states.asked[STACK] == 2


@pytest.mark.usefixtures("settled")
def test_no_secret_is_kept_and_what_is_gone_neither(tmp_path: Path, states: Asked, kept: Path) -> None:
    file = write(tmp_path, "one")
    digest(states, kept)
    assert b"ciphertext" not in kept.read_bytes()
    file.unlink()
    assert digest(states, kept) is None
    assert STACK.encode() not in kept.read_bytes()


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("content", [b"", b"\x80", b"no pickle"])
def test_what_is_kept_and_cannot_be_read_is_read_anew(tmp_path: Path, states: Asked, kept: Path, content: bytes) -> None:
    write(tmp_path, "one")
    kept.parent.mkdir()
    kept.write_bytes(content)
    assert [digest(states, kept) for _ in range(2)] == ["one"] * 2
    assert states.asked[STACK] == 1
