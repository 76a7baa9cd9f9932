"""What the last update of a stack has left.

What a stack's outputs say counts only where all else agrees: no lock, nothing pending, and the last of its history an update
that succeeded, after which nobody has written its state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from plat.engine.backend.model import States
from plat.recalled import Recalled

_PARTIAL = ("pulumi.flag.target", "pulumi.flag.exclude")
"""How the history begins to call the options that leave something out."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The outputs of a stack but for secret ones, and whether its last update ended well with nothing after it."""

    outputs: Mapping[str, Any]
    sound: bool


def resources_of(states: States, stack: str) -> Sequence[Mapping[str, Any]]:
    """The resources of `stack`, secrets encrypted; none where there is no such stack. Raises BackendProblem."""
    found: Sequence[Mapping[str, Any]] = (states.latest(stack) or {}).get("resources") or ()
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


def applied(states: States, stack: str, kept: Recalled | None = None) -> Applied | None:
    """What `states` have of `stack`; None where they have none, or nothing that can be read. Raises BackendProblem.

    What is `kept` of it is not read again, and what is read is kept, but for states that cannot be told from others without.
    """
    found = _recalled(states, stack, kept) if kept else _read(states, stack)
    if found and found.sound and states.locks(stack):
        return replace(found, sound=False)
    return found


def _recalled(states: States, stack: str, kept: Recalled) -> Applied | None:
    mark = states.mark(stack)
    if not mark:
        return _read(states, stack)
    key = f"{mark}".encode()
    before: Applied | None = kept.of(stack, key)
    if before:
        return before
    found = _read(states, stack)
    if found:
        kept.keep(stack, key, found)
    return found


def _read(states: States, stack: str) -> Applied | None:
    """What they have of it, whoever holds it."""
    outline = states.outline(stack)
    try:
        written = datetime.fromisoformat(outline.written) if outline else None
    except ValueError:
        return None
    if not outline or not written:
        return None
    sound = not outline.unfinished and _ended_after(states, stack, written)
    return Applied({name: value for name, value in outline.outputs.items() if not isinstance(value, dict)}, sound)


def _ended_after(states: States, stack: str, written: datetime) -> bool:
    """Whether the last thing in its history is an update that succeeded, and ended when the state was last written."""
    entry = states.last_update(stack, since=written)
    try:
        ended = int(entry["endTime"]) if entry else None
    except (ValueError, KeyError, TypeError):
        return False
    if not entry or ended is None:
        return False
    partial = any(flag.startswith(_PARTIAL) for flag in entry.get("environment", ()))
    # The history knows whole seconds.
    return (
        entry.get("kind") == "update"
        and entry.get("result") == "succeeded"
        and not partial
        and ended >= int(written.timestamp())
    )
