"""`plat plan`: what each context will get, and which line says so."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from plat.cli.shared import (
    DEFAULT_LANDSCAPE,
    EnvironmentOption,
    Format,
    FormatOption,
    Landscape,
    print_json,
    project,
    say,
)
from plat.descriptors.suggest import did_you_mean
from plat.environment import DEFAULT_ENVIRONMENT
from plat.outline import Line, Outline, Section, outline
from plat.places import Places, repository
from plat.project import Unreadable

_VERSION = 1


def plan(
    landscape: Landscape = DEFAULT_LANDSCAPE,
    context: Annotated[
        str | None, typer.Argument(help="A context, a deployable of its own, or `platform`; all of them if left out.")
    ] = None,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    format: FormatOption = Format.TEXT,  # noqa: A002 - the name of the option
) -> None:
    """Shows what each context will get, and which line of which descriptor says so; changes nothing."""
    here = project()
    # All places are asked for, for which a plan that is kept would have every descriptor read again.
    found = here.planned(f"{landscape}.{environment}")
    base = Path.cwd() if format is Format.TEXT else repository(here.landscapes, here.root)
    place = partial(Places(here.landscapes, base).place, landscape=landscape)
    sections = _asked_for(outline(found).moved(place), context)
    if format is Format.JSON:
        shown = [section.to_dict() for section in sections]
        stack = {"landscape": found.landscape, "environment": found.environment, "digest": found.digest}
        print_json({"version": _VERSION, **stack, "sections": shown})
        return
    say(f"{found.landscape} on {found.environment}, plan {found.digest[:12]}")
    for section in sections:
        _print(section)


def _asked_for(found: Outline, name: str | None) -> tuple[Section, ...]:
    sections = tuple(section for section in found.sections if name in {None, section.name})
    if sections:
        return sections
    known = [section.name for section in found.sections]
    hint = did_you_mean(str(name), known) or f"there are: {', '.join(known)}"
    msg = f"nothing called `{name}` gets anything here: {hint}"
    raise Unreadable([msg])


def _print(section: Section) -> None:
    alone = {"context": "", "deployable": "deployable of its own, ", "platform": ""}[section.kind]
    say(f"\n{section.name} ({alone}{section.team})")
    width = max((len(line.kind) for line in section.lines), default=0)
    for line in section.lines:
        say(_line(line, width))


def _line(line: Line, width: int) -> str:
    because = f"  <- {line.location}" if line.location else ""
    return f"  {line.kind:<{width}}  {line.text}{because}"
