"""`plat audit`: what there is that the landscape does not grant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from plat.audit import live as servers
from plat.audit import stacks, state
from plat.audit.report import report as reported
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
from plat.engine import EngineProblem
from plat.environment import DEFAULT_ENVIRONMENT
from plat.operations import Operations
from plat.plan.model import SecretRef
from plat.project import Unreadable
from plat.reports import CheckFormat
from plat.reports.as_text import print_report
from plat.stacks import StackName


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
    opened = operations(landscape, environment)
    plan, name = opened.plan, StackName(landscape, environment)
    try:
        states = stacks.states(opened.home, name)
    except EngineProblem as problem:
        raise Unreadable([str(problem)]) from None
    if not states:
        msg = f"{name} has not been brought up here, so that there is nothing to read: `plat up {landscape}` does"
        raise Unreadable([msg])
    found = list(state.findings(states, plan, opened.shares))
    read = [f"{len(states)} stack(s)"]
    unread: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    if live:
        looked = servers.look(plan, _secrets(opened), opened.home, opened.cluster.kubectl if opened.cluster else None)
        found += looked.findings
        read.append(f"{len(looked.asked)} server(s)")
        unread, skipped = looked.unread, looked.skipped
    report = reported(plan, found, project().today)
    if format is CheckFormat.TEXT:
        print_report(report, stdout, stderr)
        stdout.print(f"read: {', '.join(read)}", markup=False, highlight=False)
    else:
        typer.echo(RENDERERS[format](report))
    for line in (*skipped, *unread):
        stderr.print(line, markup=False, highlight=False, soft_wrap=True)
    if unread:
        raise typer.Exit(UNREADABLE)
    if not report.ok:
        raise typer.Exit(FAILED)


def _secrets(opened: Operations) -> Mapping[SecretRef, str]:
    try:
        return opened.secrets
    except EngineProblem as problem:
        raise Unreadable([str(problem)]) from None
