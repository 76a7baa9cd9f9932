"""`plat up`, `plat down` and `plat destroy`: what changes a landscape's servers."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from plat.cli.shared import (
    DEFAULT_ENVIRONMENT,
    DEFAULT_LANDSCAPE,
    FAILED,
    EnvironmentOption,
    Landscape,
    project,
    say,
    stdout,
)
from plat.cli.tables import overview
from plat.home import Home
from plat.operations import Operations, Unconfirmed
from plat.project import Unreadable
from providers.local.runtime import LocalRuntime


def up(
    landscape: Landscape = DEFAULT_LANDSCAPE,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    refresh: Annotated[bool, typer.Option("--refresh", help="Look at every resource before changing any.")] = False,
) -> None:
    """Brings a landscape up, proves that its fences hold, and says how to reach everything."""
    operations = _operations(landscape, environment)
    operations.up(refresh=refresh)
    report = operations.verify()
    report.render(stdout)
    stdout.print(overview(operations.plan))
    activate = operations.home.shown(operations.home.plat / "activate")
    say(f"`. {activate}` puts plat, pulumi and the servers' clients on this shell's PATH; `plat status` shows this again")
    if not report.ok:
        raise typer.Exit(FAILED)


def down(
    landscape: Annotated[str | None, typer.Argument(help="One landscape; all of them if left out.")] = None,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
) -> None:
    """Stops everything and keeps all data; `plat up` carries on from there."""
    home = Home(project().root)
    stacks = [f"{landscape}.{environment}"] if landscape else home.stacks()
    for stack in stacks:
        stopped = LocalRuntime(home, stack).stop()
        say(f"{stack}: stopped {stopped} process(es); data is kept in {home.shown(home.runtime(stack).root)}")
    if not stacks:
        say("nothing has been brought up here")


def destroy(
    landscape: Landscape,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    with_data: Annotated[bool, typer.Option("--with-data", help="Remove datastores too, with all that is in them.")] = False,
    confirm: Annotated[str | None, typer.Option("--confirm", help="The landscape's name, said once more.")] = None,
) -> None:
    """Removes a landscape's runtime and keeps its data; with --with-data, removes the data too."""
    operations = _operations(landscape, environment, plan=False)
    if with_data and confirm is None:
        confirm = _ask(landscape)
    try:
        operations.destroy(with_data=with_data, confirmed=confirm)
    except Unconfirmed as refusal:
        raise Unreadable([str(refusal)]) from None


def _ask(landscape: str) -> str | None:
    if not sys.stdin.isatty():
        return None
    question = f"This removes every datastore of {landscape} for good. Type the landscape's name to go on"
    return str(typer.prompt(question, default="", show_default=False))


def _operations(landscape: str, environment: str, *, plan: bool = True) -> Operations:
    here = project()
    operations = Operations(here, f"{landscape}.{environment}", say)
    if plan:
        _ = operations.plan  # a refused landscape ends here, before anything is touched
    return operations
