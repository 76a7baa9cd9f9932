"""`plat preview`: what an update would change, in the words of the domain, and whether that is still so."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from plat.cli.shared import (
    DEFAULT_LANDSCAPE,
    FAILED,
    INTERRUPTED,
    EnvironmentOption,
    Landscape,
    as_json,
    operations,
    stderr,
    stdout,
)
from plat.cli.units import ParallelOption, UnitsArgument
from plat.environment import DEFAULT_ENVIRONMENT
from plat.operations import Operations
from plat.preview import Report, differences, read
from plat.preview.as_markdown import as_markdown
from plat.preview.as_text import as_text
from plat.project import Unreadable
from plat.rollout import PARALLEL, NotThere, State
from plat.rollout.show import Progress
from plat.written import write_whole


class PreviewFormat(StrEnum):
    """How the report is printed."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


OnlyAsOption = Annotated[
    Path | None,
    typer.Option(
        "--only-as", help="Look first, and change nothing unless all is as in this report of `plat preview`.", metavar="REPORT"
    ),
]


def preview(  # noqa: PLR0913, PLR0917 - an option each
    landscape: Landscape = DEFAULT_LANDSCAPE,
    units: UnitsArgument = None,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    parallel: ParallelOption = PARALLEL,
    format: Annotated[  # noqa: A002 - the name of the option
        PreviewFormat, typer.Option("--format", help="Text for people, Markdown for a comment, JSON for programs.")
    ] = PreviewFormat.TEXT,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write the report as JSON into this file too.", metavar="FILE")
    ] = None,
    check: Annotated[
        Path | None, typer.Option("--check", help="Refuse what is no longer as in this report.", metavar="REPORT")
    ] = None,
) -> None:
    """Says what `plat up` would change, and changes nothing: contexts, teams, rights, data at risk, who must approve.

    Progress goes to standard error. Where a stack could not be looked at, the report says so and the exit code is 1.
    """
    said = read(check) if check else None
    found = looked(operations(landscape, environment), units or [], stderr, parallel)
    if report:
        write_whole(report, f"{as_json(found.to_dict())}\n".encode())
    _print(found, format)
    if any(stack.state == State.INTERRUPTED for stack in found.stacks):
        raise typer.Exit(INTERRUPTED)
    if said:
        refuse_other_than(said, found)
    if not found.complete:
        raise typer.Exit(FAILED)


def looked(opened: Operations, units: Sequence[str], console: Console, parallel: int) -> Report:
    """The report on what an update of these units would change, with progress on `console`. Raises what `preview` raises."""
    try:
        with opened.at_the_ready():
            progress = Progress(console, opened.home.plat / "logs", len(opened.heads))
            with progress.shown():
                return opened.preview(units, progress, parallel)
    except NotThere as problem:
        raise Unreadable([str(problem)]) from None


def refuse_other_than(said: Report, found: Report) -> None:
    """Ends the command where what was `found` is not what was `said`."""
    differing = differences(said, found)
    for line in differing:
        stderr.print(line, markup=False, highlight=False, soft_wrap=True)
    if differing:
        last = "nothing was changed: what would change is not what the report says; `plat preview` makes a new one to agree to"
        stderr.print(last, markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(FAILED)


def _print(found: Report, form: PreviewFormat) -> None:
    if form is PreviewFormat.TEXT:
        stdout.print(as_text(found), markup=False, highlight=False, soft_wrap=True)
    else:
        typer.echo((as_markdown(found) if form is PreviewFormat.MARKDOWN else as_json(found.to_dict())).rstrip("\n"))
