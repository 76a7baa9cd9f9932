"""What a run of the engine would do or did, read from its log of events: steps, what policies found, what went wrong.

The engine writes secrets into its log as `[secret]`; what one looks like there is never told apart from another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_OPERATIONS = {"create", "update", "delete", "replace", "import"}
"""A replacement is told three times; `replace` is the one that has both sides."""

_MARK = "4dabf18193072939515e22adb298388d"
"""Marks what stands for another value in the engine's own notation (sdk/go/common/resource: SigKey)."""

_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_COLOUR = re.compile(r"<\{%[^%]*%\}>")
_DEPTH = 3
_HIDDEN = "(hidden)"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that would be done with the resource `urn`: `create`, `update`, `delete`, `replace`, `import`.

    `keys` are the paths of inputs that differ; `old` and `new` are its inputs, with secrets and what is not known yet left
    out. Where it was `protected` it cannot be deleted, where it was `retained` that leaves the real thing as it is.
    """

    op: str
    urn: str
    type: str
    keys: tuple[str, ...] = ()
    old: Mapping[str, Any] = field(default_factory=dict)
    new: Mapping[str, Any] = field(default_factory=dict)
    protected: bool = False
    retained: bool = False

    @property
    def name(self) -> str:
        """What the resource is called in its stack."""
        return self.urn.split("::", 3)[-1]


@dataclass(frozen=True, slots=True)
class Violation:
    """What a policy found on the resource `urn`; `level` is how strictly it is meant, in the engine's words."""

    policy: str
    level: str
    urn: str
    message: str


@dataclass
class Log:
    """Takes the lines of a log, and holds what they tell; `whole` says whether the run came to its own end."""

    steps: list[Step] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    parents: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    whole: bool = False

    def take(self, line: str) -> None:
        """Take one line of the log."""
        try:
            event: dict[str, Any] = json.loads(line)
        except ValueError:
            return
        if found := event.get("resourcePreEvent"):
            self._step(found.get("metadata") or {})
        elif found := event.get("policyEvent"):
            message = _plain(found.get("message", ""))
            self.violations.append(
                Violation(
                    found.get("policyName", ""), found.get("enforcementLevel", ""), found.get("resourceUrn", ""), message
                )
            )
        elif found := event.get("diagnosticEvent"):
            if found.get("severity") == "error" and (message := _plain(found.get("message", ""))):
                self.problems.append(message)
        elif found := event.get("summaryEvent"):
            self.counts = {str(name): int(count) for name, count in (found.get("resourceChanges") or {}).items()}
            self.whole = True

    def _step(self, metadata: Mapping[str, Any]) -> None:
        old, new, urn = metadata.get("old") or {}, metadata.get("new") or {}, str(metadata.get("urn", ""))
        self.parents[urn] = str(new.get("parent") or old.get("parent") or "")
        if metadata.get("op") not in _OPERATIONS:
            return
        before, after = old.get("inputs") or {}, new.get("inputs") or {}
        told = (str(key) for key in metadata.get("diffs") or ())
        keys = set(_differing(before, after)) if old and new else set()
        keys |= {key for key in told if not any(_begins(other, key) for other in keys)}
        self.steps.append(
            Step(
                op=str(metadata["op"]),
                urn=urn,
                type=str(metadata.get("type", "")),
                keys=tuple(sorted(keys)),
                old=shown(before),
                new=shown(after),
                protected=bool(old.get("protect")),
                retained=bool(old.get("retainOnDelete")),
            )
        )


def shown(value: Any) -> Any:  # noqa: ANN401 - any value that JSON has
    """`value` without what must not be shown, and without what is not known before the update."""
    if isinstance(value, Mapping):
        return {key: shown(item) for key, item in value.items() if key != "__defaults" and not _is_hidden(item)}
    if isinstance(value, list):
        return [_HIDDEN if _is_hidden(item) else shown(item) for item in value]
    return value


def _is_hidden(value: Any) -> bool:  # noqa: ANN401 - any value that JSON has
    return (isinstance(value, Mapping) and _MARK in value) or value in ("[secret]", _UNKNOWN)


def _differing(old: Any, new: Any, path: str = "", depth: int = 0) -> Iterator[str]:  # noqa: ANN401 - any values that JSON has
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and depth < _DEPTH and not {_MARK} & (old.keys() | new.keys()):
        for key in sorted({*old, *new} - {"__defaults"}):
            yield from _differing(old.get(key), new.get(key), f"{path}.{key}" if path else str(key), depth + 1)
    elif path:
        yield path


def _begins(key: str, top: str) -> bool:
    return key == top or key.startswith((f"{top}.", f"{top}["))


def _plain(message: object) -> str:
    return _COLOUR.sub("", str(message)).strip()
