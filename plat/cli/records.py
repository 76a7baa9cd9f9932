"""`plat align` and `plat adr`: the alignment of contexts, teams, services and databases, and the decisions behind it."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from plat.adr import record
from plat.adr.facts import facts_of
from plat.align import markdown
from plat.align.model import rows
from plat.align.rationale import Reasons
from plat.cli.shared import DEFAULT_LANDSCAPE, Landscape, LandscapeOption, print_json, project, readable, refuse_unknown, say

adr = typer.Typer(help="Writes architecture decision records.", no_args_is_help=True, rich_markup_mode=None)


class TableFormat(StrEnum):
    """How the alignment table is printed."""

    MARKDOWN = "markdown"
    JSON = "json"


def align(
    landscape: Landscape = DEFAULT_LANDSCAPE,
    format: Annotated[  # noqa: A002 - the name of the option
        TableFormat, typer.Option("--format", help="Markdown for people, JSON for programs.")
    ] = TableFormat.MARKDOWN,
) -> None:
    """Prints which context is whose, what runs it, what it keeps its data in, and why; violations of rules are named."""
    checked, found = readable(project(), landscape)
    reasons = Reasons(found)
    table = [(row, reasons.of(row)) for row in rows(found, checked.findings)]
    if format is TableFormat.JSON:
        print_json({"version": 1, "landscape": found.name, "rows": [row.to_dict(why) for row, why in table]})
    else:
        typer.echo(markdown.render(found.title, table), nl=False)


@adr.command()
def new(
    context: Annotated[str, typer.Argument(help="The context whose boundary is decided.")],
    landscape: LandscapeOption = DEFAULT_LANDSCAPE,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A folder; adr in the landscape's own if left out.")
    ] = None,
) -> None:
    """Writes the decision record of a context, filled from the map: NUMBER-CONTEXT.md, never in place of another one."""
    here = project()
    _, found = readable(here, landscape)
    refuse_unknown("context", context, [item.name for item in found.contexts])
    path = record.write(facts_of(found, context), output or here.landscapes / landscape / "adr", here.today)
    say(f"wrote {os.path.relpath(path)}: the status is `proposed` until its team and those who depend on it agree")


@adr.callback()
def _adr() -> None:
    """A command that has others below it."""
