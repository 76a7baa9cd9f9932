"""Findings: what is wrong with a landscape, where, and what to do about it.

The loader, the rules, the policy pack and the audit all speak in findings, so that a user reads one form everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import total_ordering
from typing import Any

INDENT = "    "


class Severity(StrEnum):
    """How grave a finding is: an error stops the run, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@total_ordering
class Location:
    """A place in a descriptor: `file` as `<landscapes>/<landscape>/<path>`, `line` and `column` counted from 1.

    Of most places nobody ever asks where they are: instead of line and column there may be what finds them then, which goes
    with the place into other processes and has to be such that it can.
    """

    __slots__ = ("_position", "_seek", "file")

    def __init__(
        self, file: str, line: int = 1, column: int = 1, *, seek: Callable[[], tuple[int, int]] | None = None
    ) -> None:
        self.file = file
        self._position = (line, column)
        self._seek = seek

    @property
    def line(self) -> int:
        """The line, from 1."""
        return self._key[1]

    @property
    def column(self) -> int:
        """The column, from 1."""
        return self._key[2]

    @property
    def _key(self) -> tuple[str, int, int]:
        # Another thread may have found it since: policies judge side by side.
        if seek := self._seek:
            self._position, self._seek = seek(), None
        return (self.file, *self._position)

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, Location) else NotImplemented

    def __lt__(self, other: Location) -> bool:
        return self._key < other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __reduce__(self) -> tuple[Callable[..., Location], tuple[Any, ...]]:
        seek = self._seek
        return (_sought, (self.file, seek)) if seek else (Location, self._key)

    def __repr__(self) -> str:
        return f"Location{self._key}"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def to_dict(self) -> dict[str, Any]:
        """Give the location as plain values for JSON."""
        return {"file": self.file, "line": self.line, "column": self.column}


def _sought(file: str, seek: Callable[[], tuple[int, int]]) -> Location:
    return Location(file, seek=seek)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong.

    `rule` is a stable id (`duplicate-key`), `field` a path like `datastore.type`, `subject` the context, deployable or
    URN that it is about, `hint` the nearest right thing or the way out, `related` other places that take part in it.
    """

    rule: str
    message: str
    severity: Severity = Severity.ERROR
    location: Location | None = None
    field: str = ""
    subject: str = ""
    hint: str = ""
    related: tuple[Location, ...] = ()

    def __lt__(self, other: Finding) -> bool:
        return self.sort_key() < other.sort_key()

    def sort_key(self) -> tuple[Any, ...]:
        """Order findings by place, then by what they say; findings without a place come first."""
        place = self.location or Location("", 0, 0)
        return (place, self.rule, self.subject, self.field, self.message, self.severity, self.hint, self.related)

    def render(self) -> str:
        """Give the text for a terminal: one line, then indented the hint and the other places."""
        place = f"{self.location}: " if self.location else ""
        lines = [f"{place}{self.severity}[{self.rule}]: {self.message}"]
        lines += [f"{INDENT}{self.hint}"] if self.hint else []
        lines += [f"{INDENT}see {other}" for other in self.related]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Give the finding as plain values for JSON, every key always there."""
        return {
            "rule": self.rule,
            "severity": str(self.severity),
            "message": self.message,
            "location": self.location.to_dict() if self.location else None,
            "field": self.field,
            "subject": self.subject,
            "hint": self.hint,
            "related": [other.to_dict() for other in self.related],
        }


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give the findings that stop a run."""
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)
