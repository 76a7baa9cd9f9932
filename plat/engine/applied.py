"""What the last update of a stack has left, read from the files of Pulumi's own file backend.

Reading them costs a fraction of a start of Pulumi, and a landscape may have thousands of stacks. What a stack's outputs say
counts only where all else agrees: no lock, nothing pending, and the last of its history an update that succeeded, after which
nobody has written its state.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from plat.engine import recovery

_PARTIAL = ("pulumi.flag.target", "pulumi.flag.exclude")
"""How the history begins to call the options that leave something out."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The outputs of a stack but for secret ones, and whether its last update ended well with nothing after it.

    `names` are those of its resources.
    """

    outputs: Mapping[str, Any]
    sound: bool
    names: frozenset[str]


def resources_of(state: Path, stack: str, project: str = "plat") -> Sequence[Mapping[str, Any]]:
    """The resources of `stack` as the backend folder `state` has them, secrets encrypted; none where it has no such stack."""
    latest = _latest(state, stack, project)
    found: Sequence[Mapping[str, Any]] = (latest or {}).get("resources") or ()
    return found


def is_down(resources: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a stack with these `resources` has but what a destroy keeps: what is protected, and what that stands on."""
    known = {str(item["urn"]): item for item in resources}
    waiting = [urn for urn, item in known.items() if item.get("protect")]
    kept: set[str] = set()
    while waiting:
        urn = waiting.pop()
        if urn not in kept:
            kept.add(urn)
            waiting += _stands_on(known[urn]) & known.keys()
    return all(urn in kept for urn, item in known.items() if item.get("custom"))


def _stands_on(item: Mapping[str, Any]) -> set[str]:
    inner = item.get("propertyDependencies") or {}
    found = {*(item.get("dependencies") or ()), *(urn for urns in inner.values() for urn in urns or ())}
    # A provider is named with its id behind its URN.
    return found | {item.get("parent", ""), item.get("deletedWith", ""), str(item.get("provider", "")).rpartition("::")[0]}


def _latest(state: Path, stack: str, project: str) -> Mapping[str, Any] | None:
    try:
        content = json.loads((state / ".pulumi" / "stacks" / project / f"{stack}.json").read_text(encoding="utf-8"))
        latest: Mapping[str, Any] | None = content["checkpoint"]["latest"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return latest


def applied(state: Path, stack: str, project: str = "plat") -> Applied | None:
    """What the backend folder `state` has of `stack`; None where it has none, or nothing that can be read."""
    latest = _latest(state, stack, project)
    try:
        resources = latest["resources"] if latest else None
        written = datetime.fromisoformat(latest["manifest"]["time"]) if latest else None
    except (ValueError, KeyError, TypeError):
        return None
    if not latest or not resources or not written:
        return None
    outputs: Mapping[str, Any] = next(
        (item.get("outputs", {}) for item in resources if item.get("type") == "pulumi:pulumi:Stack"), {}
    )
    pending = latest.get("pending_operations") or any(item.get("delete") for item in resources)
    sound = not pending and not list(recovery.locks(state, stack)) and _ended_after(state, stack, project, written)
    names = frozenset(str(item.get("urn", "")).rpartition("::")[2] for item in resources)
    return Applied({name: value for name, value in outputs.items() if not isinstance(value, dict)}, sound, names)


def _ended_after(state: Path, stack: str, project: str, written: datetime) -> bool:
    """Whether the last thing in its history is an update that succeeded, and ended when the state was last written."""
    files = (state / ".pulumi" / "history" / project / stack).glob("*.history.json")
    last = max(files, key=lambda path: path.name, default=None)
    if last is None:
        return False
    try:
        entry = json.loads(last.read_text(encoding="utf-8"))
        ended = int(entry["endTime"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    partial = any(flag.startswith(_PARTIAL) for flag in entry.get("environment", ()))
    # The history knows whole seconds.
    return (
        entry.get("kind") == "update"
        and entry.get("result") == "succeeded"
        and not partial
        and ended >= int(written.timestamp())
    )
