"""`plat map`: the context map of a landscape, or a part of it, for Markdown, as a picture, or for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from plat.cli.shared import DEFAULT_LANDSCAPE, Landscape, project, readable, refuse_unknown, say
from plat.map import dot, mermaid, picture, views
from plat.map.build import Wishes, context_map
from plat.map.findings import marked
from plat.map.model import ContextMap
from plat.project import Unreadable
from plat.written import write_whole


class MapFormat(StrEnum):
    """What the map is written in."""

    MERMAID = "mermaid"
    DOT = "dot"
    SVG = "svg"
    PNG = "png"
    JSON = "json"


_RENDERERS: Final[dict[MapFormat, Callable[[ContextMap], bytes]]] = {
    MapFormat.MERMAID: lambda drawn: mermaid.render(drawn).encode(),
    MapFormat.DOT: lambda drawn: dot.render(drawn).encode(),
    MapFormat.SVG: lambda drawn: picture.render(drawn, "svg"),
    MapFormat.PNG: lambda drawn: picture.render(drawn, "png"),
    MapFormat.JSON: lambda drawn: (json.dumps(drawn.to_dict(), indent=2) + "\n").encode(),
}
_BY_SUFFIX: Final = {
    ".md": MapFormat.MERMAID,
    ".mmd": MapFormat.MERMAID,
    ".mermaid": MapFormat.MERMAID,
    ".gv": MapFormat.DOT,
    **{f".{each}": each for each in MapFormat if each is not MapFormat.MERMAID},
}


def draw(  # noqa: PLR0913, PLR0917 - a parameter for each option
    landscape: Landscape = DEFAULT_LANDSCAPE,
    format: Annotated[  # noqa: A002 - the name of the option
        MapFormat | None, typer.Option("--format", help="What it is written in; as the file's ending says, else mermaid.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file to write; standard output if left out.")
    ] = None,
    team: Annotated[str | None, typer.Option("--team", help="Only what this team owns, and its neighbours.")] = None,
    around: Annotated[str | None, typer.Option("--around", help="Only this context, and its neighbours.")] = None,
    databases: Annotated[bool, typer.Option("--databases", help="With every context's datastores.")] = False,
    topics: Annotated[bool, typer.Option("--topics", help="With every event that is published.")] = False,
    findings: Annotated[bool, typer.Option("--findings", help="With what `plat check` finds, marked in red.")] = False,
) -> None:
    """Draws the context map: contexts by team and kind of subdomain, with the patterns at both ends of each relation."""
    chosen = format or _BY_SUFFIX.get(output.suffix.lower() if output else "", MapFormat.MERMAID)
    checked, found = readable(project(), landscape)
    drawn = context_map(found, Wishes(databases=databases, topics=topics))
    if findings:
        drawn = marked(drawn, checked.findings)
    if team:
        refuse_unknown("team", team, [item.name for item in found.teams])
        drawn = views.of_team(drawn, team)
    if around:
        refuse_unknown("context", around, views.centres(drawn))
        drawn = views.around(drawn, around)
    _put(_RENDERERS[chosen](drawn), chosen, output)


def _put(content: bytes, format: MapFormat, output: Path | None) -> None:  # noqa: A002 - that is what it is
    if output is None:
        if format is MapFormat.PNG and sys.stdout.isatty():
            msg = "a PNG is nothing for a terminal: name a file with --output"
            raise Unreadable([msg])
        typer.echo(content, nl=False)
        return
    if output.suffix.lower() == ".md" and format is MapFormat.MERMAID:
        content = b"```mermaid\n" + content + b"```\n"
    write_whole(output, content)
    say(f"wrote {output}")
