"""What an outline is: sections of lines."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from plat.findings import Location

SectionKind = Literal["context", "deployable", "platform"]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that somebody gets.

    `kind` is what it is (`database`, `right`, ...), `name` what it is called, `text` what there is to know of it, `location`
    the place in a descriptor that makes it, `details` the same as plain values. No secret stands in any of them.
    """

    kind: str
    name: str
    text: str
    location: Location | None
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The line as plain values for JSON, every key always there."""
        location = self.location.to_dict() if self.location else None
        return {"kind": self.kind, "name": self.name, "text": self.text, "location": location, "details": dict(self.details)}


@dataclass(frozen=True, slots=True)
class Section:
    """What one context, one deployable of its own or the platform gets."""

    name: str
    kind: SectionKind
    team: str
    lines: tuple[Line, ...]

    def to_dict(self) -> dict[str, Any]:
        """The section as plain values for JSON."""
        return {"name": self.name, "kind": self.kind, "team": self.team, "gets": [line.to_dict() for line in self.lines]}


@dataclass(frozen=True, slots=True)
class Outline:
    """A plan in sections: contexts by name, then deployables of their own, then the platform."""

    sections: tuple[Section, ...]

    def moved(self, place: Callable[[Location], Location]) -> Outline:
        """The same with every location as `place` tells it."""
        return Outline(tuple(dataclasses.replace(one, lines=tuple(_moved(one.lines, place))) for one in self.sections))


def _moved(lines: tuple[Line, ...], place: Callable[[Location], Location]) -> list[Line]:
    return [dataclasses.replace(line, location=place(line.location)) if line.location else line for line in lines]
