"""`plat check` and `plat schema`: descriptors judged, and described for editors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from plat.cli.shared import FAILED, UNREADABLE, project, stderr, stdout
from plat.configuration.schema import schema_text as stack_schema
from plat.descriptors.models import KINDS
from plat.descriptors.reference import reference_text
from plat.descriptors.schema import schema_text
from plat.places import Places, repository
from plat.project import Unreadable
from plat.reports import CheckFormat, Report, as_github, as_json, as_sarif
from plat.reports.as_text import print_report

RENDERERS: dict[CheckFormat, Callable[[Report], str]] = {
    CheckFormat.JSON: as_json.render,
    CheckFormat.SARIF: as_sarif.render,
    CheckFormat.GITHUB: as_github.render,
}
"""What makes a report's text in each format that is no text for people."""


def check(
    landscape: Annotated[list[str] | None, typer.Argument(help="Folders below contexts/; all of them if left out.")] = None,
    format: Annotated[  # noqa: A002 - the name of the option
        CheckFormat,
        typer.Option("--format", help="Text for people, JSON for programs, SARIF for code scanning, commands for GitHub."),
    ] = CheckFormat.TEXT,
) -> None:
    """Judges descriptors: exits 0 when nothing is wrong, 1 with findings, 2 when something cannot be read."""
    here = project()
    names = list(dict.fromkeys(landscape or here.landscape_names()))
    if not names:
        msg = f"no landscape in {here.landscapes}: make one with `plat new landscape NAME`"
        raise Unreadable([msg])
    results = {name: here.check(name) for name in names}
    base = Path.cwd() if format is CheckFormat.TEXT else repository(here.landscapes, here.root)
    report = Report.of(results, Places(here.landscapes, base), here.today, whole=not landscape)
    if format is CheckFormat.TEXT:
        print_report(report, stdout, stderr)
    else:
        typer.echo(RENDERERS[format](report))
    if not report.readable:
        raise typer.Exit(UNREADABLE)
    if not report.ok:
        raise typer.Exit(FAILED)


def schema(
    kind: Annotated[str | None, typer.Argument(help=f"{', '.join(sorted(KINDS))}; all of them if left out.")] = None,
    stack: Annotated[bool, typer.Option("--stack", help="Writes that of a stack's configuration instead.")] = False,
    reference: Annotated[
        bool, typer.Option("--reference", help="Writes the reference for people instead, as Markdown.")
    ] = False,
) -> None:
    """Writes the JSON Schema of descriptors, or of stacks' configuration, for editors to complete and check them."""
    if reference:
        typer.echo(reference_text(), nl=False)
        return
    if stack:
        typer.echo(stack_schema(), nl=False)
        return
    try:
        text = schema_text(kind)
    except KeyError as unknown:
        msg = f"there is no kind {unknown}: {', '.join(sorted(KINDS))} are the kinds of descriptors"
        raise Unreadable([msg]) from None
    typer.echo(text, nl=False)
