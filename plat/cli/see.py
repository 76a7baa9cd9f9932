"""`plat status`, `plat exec`, `plat logs` and `plat verify`: looking at a landscape, changing nothing."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable
from typing import Annotated

import typer

from plat.cli import tables
from plat.cli.shared import (
    DEFAULT_LANDSCAPE,
    FAILED,
    AnyLandscapeOption,
    EnvironmentOption,
    Format,
    FormatOption,
    Landscape,
    operations,
    print_json,
    project,
    say,
    stdout,
)
from plat.environment import DEFAULT_ENVIRONMENT
from plat.operations import Operations, known
from plat.plan.model import Plan
from plat.project import Unreadable


def status(
    landscape: Landscape = DEFAULT_LANDSCAPE,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    format: FormatOption = Format.TEXT,  # noqa: A002 - the name of the option
) -> None:
    """Lists contexts, teams, datastores with host and port, topics and deployables, with their state; no secrets."""
    opened = operations(landscape, environment)
    found = opened.status()
    states = {item.name: item.state for item in found}
    if json or format is Format.JSON:
        print_json(tables.as_dict(opened.plan, states))
        return
    stdout.print(tables.overview(opened.plan, states))
    for item in found:
        if item.reason:
            say(f"{item.name}: {item.reason}")


def execute(
    call: typer.Context,
    context: Annotated[str, typer.Argument(help="A context, one of its deployables, or a server.")],
    landscape: AnyLandscapeOption = None,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
) -> None:
    """Runs a command with exactly the variables that the context's deployables get: plat exec CONTEXT -- COMMAND.

    For a server they are those that its own tools find it by, as in plat exec platform--rabbitmq -- rabbitmqctl status.
    """
    if not call.args:
        msg = f"no command: plat exec {context} -- COMMAND"
        raise Unreadable([msg])
    operations = _operations_with(context, landscape, environment)
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    sys.exit(operations.execute(_running(operations.plan, context), call.args, context=context, terminal=terminal))


def logs(
    context: Annotated[str, typer.Argument(help="A context, one of its deployables, or a server.")],
    landscape: AnyLandscapeOption = None,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    tail: Annotated[int, typer.Option("--tail", "-n", min=0, help="How many of the last lines.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines come.")] = False,
) -> None:
    """Shows what a context's deployables and servers wrote."""
    operations = _operations_with(context, landscape, environment)
    plan = operations.plan
    # A deployable may own a server, whose schemas its contexts share: both wrote something.
    owned = [workload.name for workload in plan.workloads if context in {workload.name, *workload.contexts}]
    owned += [server.name for server in plan.servers if server.owner == context]
    operations.print_logs(owned or [context], tail=tail, follow=follow)


def verify(
    landscape: Landscape = DEFAULT_LANDSCAPE,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    format: FormatOption = Format.TEXT,  # noqa: A002 - the name of the option
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="The server's words for every cell.")] = False,
) -> None:
    """Tries every right with every context's own credentials; exits 1 when any differs from the plan."""
    report = operations(landscape, environment).verify()
    if format is Format.JSON:
        print_json(report.to_dict())
    else:
        report.render(stdout, verbose=verbose)
    if not report.ok:
        raise typer.Exit(FAILED)


def _operations_with(name: str, landscape: str | None, environment: str) -> Operations:
    """The landscape that is meant: the named one, or the one that is brought up here and knows `name`."""
    here = project()
    if landscape:
        stacks = [f"{landscape}.{environment}"]
    else:
        # Where units have stacks of their own, several of these are of one landscape.
        landscapes = dict.fromkeys(stack.partition(".")[0] for stack in known(here, environment))
        stacks = [f"{name}.{environment}" for name in landscapes]
    found = [Operations(here, stack, say) for stack in stacks or [f"{DEFAULT_LANDSCAPE}.{environment}"]]
    knowing = [operations for operations in found if name in _names(operations.plan)]
    if len(knowing) > 1:
        there = ", ".join(operations.plan.landscape for operations in knowing)
        msg = f"`{name}` is in several landscapes ({there}): say which with --landscape"
        raise Unreadable([msg])
    if not knowing:
        raise Unreadable([_unknown(found, name)])
    return knowing[0]


def _running(plan: Plan, name: str) -> str:
    """The server or the deployable that is meant: a context is its first deployable."""
    known = {server.name for server in plan.servers} | {workload.name for workload in plan.workloads}
    return name if name in known else plan.workloads_of(name)[0].name


def _names(plan: Plan) -> set[str]:
    """What runs: contexts by their deployables, deployables, servers."""
    contexts = {context for workload in plan.workloads for context in workload.contexts}
    return contexts | {workload.name for workload in plan.workloads} | {server.name for server in plan.servers}


def _unknown(found: Iterable[Operations], name: str) -> str:
    plans = [operations.plan for operations in found]
    running = sorted({item for plan in plans for item in _names(plan)})
    near = difflib.get_close_matches(name, running, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(running)}"
    return f"nothing called `{name}` runs in {', '.join(plan.landscape for plan in plans)}: {hint}"
