"""Puts the lines of a plan's parts together, by whose they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from plat.outline import calls, messaging, places, rights, stores
from plat.outline.model import Line, Outline, Section
from plat.outline.tell import tell
from plat.plan.model import PLATFORM, Plan

CHAPTERS = (places, stores, messaging, calls, rights)
"""The modules that tell of parts: each registers itself when it is imported."""


def outline(plan: Plan) -> Outline:
    """All that `plan` gives to each context, to each deployable of its own and to the platform."""
    lines: dict[str | None, list[Line]] = {}
    for part in parts(plan):
        for owned in tell(part, plan):
            lines.setdefault(owned.owner, []).append(owned.line)
    alone = [name for name in sorted(filter(None, lines)) if name not in plan.teams]
    sections = [
        *(Section(name, "context", plan.teams[name], tuple(lines.get(name, ()))) for name in plan.contexts),
        *(Section(name, "deployable", plan.workload(name).team, tuple(lines[name])) for name in alone),
    ]
    if None in lines:
        sections.append(Section(PLATFORM, "platform", _platform_team(plan), tuple(lines[None])))
    return Outline(tuple(sections))


def parts(whole: object) -> Iterator[object]:
    """Every part of a plan, or of a part that holds others, in the order in which its type lists them."""
    if not dataclasses.is_dataclass(whole):
        return
    for field in dataclasses.fields(whole):
        value = getattr(whole, field.name)
        if dataclasses.is_dataclass(value):
            yield value
            yield from parts(value)
        elif isinstance(value, tuple):
            yield from (item for item in value if dataclasses.is_dataclass(item))


def _platform_team(plan: Plan) -> str:
    return next((server.team for server in plan.servers if server.owner == PLATFORM), PLATFORM)
