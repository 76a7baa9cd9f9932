"""What a killed update leaves behind in Pulumi's state, and how the next one gets over it."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

# Creating one of these twice is an error at the server, so a create that may have happened has to be looked up. The
# value is the input whose value is the id, as the official providers form it.
_LOOKED_UP_BY = {
    "kafka:index/topic:Topic": "name",
    "postgresql:index/database:Database": "name",
    "postgresql:index/role:Role": "name",
}

# Creating one of these again fails as well, and its id nobody knows before it is there. Their plugins take away what was
# begun, by its name, before they make it: nothing is in them that anybody has written.
_BEGUN = frozenset(
    (
        "docker:index/container:Container",
        "docker:index/network:Network",
        "libvirt:index/cloudInitDisk:CloudInitDisk",
        "libvirt:index/domain:Domain",
        "libvirt:index/volume:Volume",
    )
)

_WRITTEN_WITHIN = 1.0  # seconds

HALF_MADE = "PLAT_HALF_MADE"
"""A variable for plugins: the file with what a killed update had begun to make (toolchain/go/machines/internal/halfmade)."""


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock of Pulumi's self-managed backend: who holds the stack, since when."""

    path: Path
    pid: int
    host: str
    since: str

    def is_stale(self, host: str) -> bool:
        """Whether its holder is gone: decided only for this `host`, since another one's processes cannot be seen."""
        return self.host == host and not _runs(self.pid)


def _runs(pid: int) -> bool:
    try:
        # What was killed stays as a zombie where nobody asks for its exit code, as in many containers.
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except (psutil.NoSuchProcess, ValueError):
        return False


def locks(state: Path, stack: str) -> Iterator[Lock]:
    """The locks on `stack` in the backend folder `state` (`.pulumi/locks/<organization>/<project>/<stack>/*.json`)."""
    for path in sorted((state / ".pulumi" / "locks").glob(f"*/*/{stack}/*.json")):
        try:
            content = json.loads(path.read_text())
            yield Lock(path, int(content["pid"]), str(content["hostname"]), str(content.get("timestamp", "")))
        except (OSError, ValueError, KeyError, TypeError):
            # A lock that cannot be read is one half written by a process that was killed.
            yield Lock(path, -1, socket.gethostname(), "")


def remove_half_written(state: Path, stack: str) -> int:
    """Remove what a disk that was full, or a killed process, has left of locks on `stack`; returns how many there were.

    Pulumi writes a lock beside its place first, and later takes such a file for one, which it then cannot read, not even to
    take it away.
    """
    left = sorted((state / ".pulumi" / "locks").glob(f"*/*/{stack}/*.tmp"))
    if left:
        # Whoever is writing one right now needs a moment of that.
        time.sleep(_WRITTEN_WITHIN)
    there = [path for path in left if path.exists()]
    for path in there:
        path.unlink(missing_ok=True)
    return len(there)


def pending(deployment: Mapping[str, Any]) -> tuple[list[tuple[str, str]], int]:
    """Of an exported stack: the pending creates to look up, as (URN, id), and how many operations are pending in all."""
    operations = deployment.get("deployment", {}).get("pending_operations") or []
    found = []
    for operation in operations:
        resource = operation.get("resource", {})
        key = _LOOKED_UP_BY.get(resource.get("type", ""))
        name = resource.get("inputs", {}).get(key) if key else None
        if operation.get("type") == "creating" and isinstance(name, str):
            found.append((resource["urn"], name))
    return found, len(operations)


def half_made(deployment: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """Of an exported stack: what was begun and holds no data, each with `type` and `name`.

    What is protected is never among it: a disk for data that was there before would be taken for one that was begun.
    """
    found: list[Mapping[str, str]] = []
    for operation in deployment.get("deployment", {}).get("pending_operations") or []:
        resource = operation.get("resource", {})
        name = resource.get("inputs", {}).get("name")
        begun = operation.get("type") == "creating" and resource.get("type") in _BEGUN and not resource.get("protect")
        if begun and isinstance(name, str):
            found.append({"type": resource["type"], "name": name})
    return found
