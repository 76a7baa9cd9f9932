"""The little of a state that says whether its stack has to be updated, read without the rest of it.

What is on a cluster fills hundreds of kilobytes of a unit's state, and a run that changes nothing asks every stack.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_LATEST = re.compile(r'"latest"\s*:\s*\{')
_BETWEEN = re.compile(r"[\s,:\[]*")
_HEAD = 1 << 16
"""Bytes in which the state's own part and its first resource are, as a rule."""

_UNFINISHED = (b'"pending_operations"', b'"delete":')
_STACK = "pulumi:pulumi:Stack"
_decoder = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Outline:
    """When a state was `written`, in ISO 8601, the `outputs` of its stack, and whether something is `unfinished` in it."""

    written: str
    outputs: Mapping[str, Any]
    unfinished: bool


def outline_of(latest: Mapping[str, Any]) -> Outline | None:
    """The outline of a state, as `States.latest` gives it; None where there is nothing in it."""
    try:
        resources, written = latest["resources"], latest["manifest"]["time"]
    except (KeyError, TypeError):
        return None
    if not resources:
        return None
    outputs: Mapping[str, Any] = next((item.get("outputs", {}) for item in resources if item.get("type") == _STACK), {})
    unfinished = bool(latest.get("pending_operations")) or any(item.get("delete") for item in resources)
    return Outline(str(written), outputs, unfinished)


def outline_at_the_head(text: bytes) -> Outline | None:
    """The outline of a state, as Pulumi writes it into a file, by its first bytes; None where these do not tell.

    The order of what is in the file is that of `apitype.DeploymentV3`, and a stack is the first of its resources. Where any
    word speaks for something unfinished, all of it has to be read.
    """
    if any(word in text for word in _UNFINISHED):
        return None
    head = text[:_HEAD].decode(errors="ignore")
    found = _LATEST.search(head)
    if not found:
        return None
    own: dict[str, Any] = {}
    place = found.end()
    try:
        while "resources" not in own:
            name, place = _value(head, place)
            own[name], place = _value(head, place)
        written, first = own["manifest"]["time"], own["resources"]
        return Outline(str(written), first.get("outputs", {}), unfinished=False) if first["type"] == _STACK else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _value(text: str, place: int) -> tuple[Any, int]:
    """The value that comes next, of a list its first, and the place behind it. Raises ValueError where there is none."""
    begins = _BETWEEN.match(text, place)
    return _decoder.raw_decode(text, begins.end() if begins else place)
