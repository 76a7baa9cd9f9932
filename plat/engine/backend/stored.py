"""States as Pulumi's self-managed backends lay them out, in whatever keeps files by name.

Reading them costs a fraction of a start of Pulumi, and a landscape may have thousands of stacks.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from plat.engine.backend.model import PROJECT, Lock
from plat.engine.backend.outline import Outline, outline_at_the_head, outline_of

_STACK = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_STATES = f".pulumi/stacks/{PROJECT}"
_SUFFIX = ".json"
_ENTRY = ".history.json"
_HALF = ".tmp"
_VERSION = 3
"""Of `apitype.VersionedCheckpoint`."""

_OF_NEW = frozenset(("manifest", "secrets_providers", "metadata"))
"""What a state has that has no resources yet (`apitype.DeploymentV3`)."""


class Files(Protocol):
    """Keeps files by name, with `/` between folders. Every method raises BackendProblem where that cannot be reached."""

    def names(self, folder: str, after: str = "") -> Sequence[str]:
        """The names of the files right in `folder`, in order; only those that come after the name `after`."""

    def has(self, key: str) -> bool:
        """Whether there is such a file."""

    def read(self, key: str) -> bytes | None:
        """What is in a file; None where there is none."""

    def mark(self, key: str) -> object | None:
        """What tells a file, or the names in a folder, from all others that were there; None where only reading does."""

    def create(self, key: str, content: bytes) -> bool:
        """Write a file that is not there, as a whole; False where there is one, or this is not done here."""

    def remove(self, key: str) -> None:
        """Remove a file, if it is there."""

    def remove_cut_off(self, folder: str) -> None:
        """Remove what a killed process has left beside files right in `folder`, and keeps Pulumi from reading them."""

    def wait_for_writers(self) -> None:
        """Return once everything that is half written by now is whole, or will never be."""


class Stored:
    """The states that `files` hold."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def stacks(self) -> Sequence[str]:
        """The stacks that there are, by name."""
        names = (name for name in self._files.names(_STATES) if name.endswith(_SUFFIX))
        return sorted(stack for name in names if _STACK.fullmatch(stack := name.removesuffix(_SUFFIX)))

    def exists(self, stack: str) -> bool:
        """Whether the stack has ever been made."""
        return self._files.has(_state(stack))

    def latest(self, stack: str) -> Mapping[str, Any] | None:
        """What the last update of `stack` left, secrets encrypted; None where there is no such stack, or half of a state."""
        return _latest(self._files.read(_state(stack)) or b"")

    def outline(self, stack: str) -> Outline | None:
        """What of it says whether an update is needed; None where there is no such stack, or nothing in it."""
        text = self._files.read(_state(stack)) or b""
        return outline_at_the_head(text) or outline_of(_latest(text) or {})

    def mark(self, stack: str) -> object | None:
        """What tells the state of `stack`, and its history, from all others that it has had; None where only reading does."""
        # A history is a folder to which files are added, and none of these is ever changed.
        marks = self._files.mark(_state(stack)), self._files.mark(_history(stack))
        return marks if all(marks) else None

    def begin(self, stack: str, like: str) -> bool:
        """Make `stack` as the stack `like` was before there was anything in it; whether that could be done."""
        empty = _emptied(self._files.read(_state(like)) or b"", stack)
        return empty is not None and self._files.create(_state(stack), empty)

    def last_update(self, stack: str, since: datetime) -> Mapping[str, Any] | None:
        """The last entry of its history, if that is not older than `since`."""
        folder = _history(stack)
        # An entry is called by the moment when it was written: a long history need not be looked through.
        names = self._files.names(folder, after=f"{stack}-{int(since.timestamp())}")
        last = max((name for name in names if name.endswith(_ENTRY)), default=None)
        if last is None:
            return None
        try:
            entry = json.loads(self._files.read(f"{folder}/{last}") or b"")
        except ValueError:
            return None
        return entry if isinstance(entry, dict) else None

    def locks(self, stack: str) -> Sequence[Lock]:
        """The locks on it."""
        names = [name for name in self._files.names(_locks(stack)) if name.endswith(_SUFFIX)]
        return [lock for name in names if (lock := self._lock(f"{_locks(stack)}/{name}"))]

    def release(self, lock: Lock) -> None:
        """Remove a lock, and no other."""
        self._files.remove(lock.key)

    def mend(self) -> None:
        """Make readable for Pulumi the states that processes were killed in writing anew.

        One that it cannot read keeps it from listing all of them, and whoever needs outputs of it from beginning.
        """
        self._files.remove_cut_off(_STATES)

    def remove_half_written(self, stack: str) -> int:
        """Remove what a disk that was full, or a killed process, has left of locks; returns how many there were.

        Pulumi writes a lock beside its place first, and later takes such a file for one, which it then cannot read, not even
        to take it away.
        """
        left = self._half_written(stack)
        if left:
            self._files.wait_for_writers()
            left &= self._half_written(stack)
        for name in left:
            self._files.remove(f"{_locks(stack)}/{name}")
        return len(left)

    def _half_written(self, stack: str) -> set[str]:
        return {name for name in self._files.names(_locks(stack)) if name.endswith(_HALF)}

    def _lock(self, key: str) -> Lock | None:
        text = self._files.read(key)
        if text is None:
            # It was given back meanwhile.
            return None
        try:
            content = json.loads(text)
            return Lock(key, int(content["pid"]), str(content["hostname"]), str(content.get("timestamp", "")))
        except (ValueError, KeyError, TypeError):
            # A lock that cannot be read is one half written by a process that was killed.
            return Lock(key, -1, socket.gethostname(), "")


def _latest(text: bytes) -> Mapping[str, Any] | None:
    try:
        return _latest_of(json.loads(text))
    except ValueError:
        return None


def _latest_of(whole: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - any value that JSON has
    try:
        found = whole["checkpoint"]["latest"]
    except (KeyError, TypeError):
        return None
    return found if isinstance(found, dict) else None


def _emptied(text: bytes, stack: str) -> bytes | None:
    """A state as Pulumi writes that of a new stack, in the form of another one's; None where that has a form unknown here."""
    try:
        whole = json.loads(text)
    except ValueError:
        return None
    found = _latest_of(whole)
    if not found or whole.get("version") != _VERSION or not found.keys() >= _OF_NEW:
        return None
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    latest = {**{name: found[name] for name in _OF_NEW}, "manifest": {**found["manifest"], "time": now}}
    checkpoint = {"stack": f"organization/{PROJECT}/{stack}", "latest": latest}
    return json.dumps({"version": _VERSION, "checkpoint": checkpoint}, indent=4).encode()


def _state(stack: str) -> str:
    return f"{_STATES}/{stack}{_SUFFIX}"


def _history(stack: str) -> str:
    return f".pulumi/history/{PROJECT}/{stack}"


def _locks(stack: str) -> str:
    return f".pulumi/locks/organization/{PROJECT}/{stack}"
