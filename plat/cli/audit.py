"""`plat audit`: what there is that the landscape does not grant."""

from __future__ import annotations

from typing import Annotated

import typer

from plat.cli.check import RENDERERS
from plat.cli.shared import (
    DEFAULT_LANDSCAPE,
    FAILED,
    UNREADABLE,
    EnvironmentOption,
    Landscape,
    operations,
    project,
    stderr,
    stdout,
)
from plat.environment import DEFAULT_ENVIRONMENT
from plat.reports import CheckFormat
from plat.reports.as_text import print_report


def audit(
    landscape: Landscape = DEFAULT_LANDSCAPE,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    live: Annotated[bool, typer.Option("--live", help="Ask the servers too, as their administrators.")] = False,
    format: Annotated[  # noqa: A002 - the name of the option
        CheckFormat,
        typer.Option("--format", help="Text for people, JSON for programs, SARIF for code scanning, commands for GitHub."),
    ] = CheckFormat.TEXT,
) -> None:
    """Reports what no descriptor grants, in all stacks' states and on the servers: drift, left-overs, foreign things.

    Exits 0 when nothing is found (data that is kept is no error), 1 with findings, 2 when something cannot be read.
    """
    from plat.audit import run  # noqa: PLC0415 - observers and every database's client, which no other command needs

    audited = run.audit(operations(landscape, environment), project().today, live=live)
    if format is CheckFormat.TEXT:
        print_report(audited.report, stdout, stderr)
        stdout.print(f"read: {', '.join(audited.read)}", markup=False, highlight=False, soft_wrap=True)
    else:
        typer.echo(RENDERERS[format](audited.report))
    for line in (*audited.skipped, *audited.unread):
        stderr.print(line, markup=False, highlight=False, soft_wrap=True)
    if audited.unread:
        raise typer.Exit(UNREADABLE)
    if not audited.report.ok:
        raise typer.Exit(FAILED)
