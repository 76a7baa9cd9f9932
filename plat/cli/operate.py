"""`plat up`, `plat down` and `plat destroy`: what changes a landscape's servers."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from plat.cli.shared import (
    DEFAULT_LANDSCAPE,
    FAILED,
    EnvironmentOption,
    Landscape,
    operations,
    project,
    say,
    stdout,
)
from plat.cli.tables import overview
from plat.environment import DEFAULT_ENVIRONMENT
from plat.home import Home
from plat.operations import Unconfirmed
from plat.project import Unreadable
from providers.local.runtime import LocalRuntime


def up(
    landscape: Landscape = DEFAULT_LANDSCAPE,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    refresh: Annotated[bool, typer.Option("--refresh", help="Look at every resource before changing any.")] = False,
) -> None:
    """Brings a landscape up, proves that its fences hold, and says how to reach everything."""
    opened = operations(landscape, environment)
    opened.up(refresh=refresh)
    report = opened.verify()
    report.render(stdout)
    stdout.print(overview(opened.plan))
    activate = opened.home.shown(opened.home.plat / "activate")
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
        if landscape and operations(landscape, environment).cluster:
            say(f"{stack} is on a cluster, which goes on; `plat destroy {landscape} -e {environment}` removes what runs there")
            continue
        stopped = LocalRuntime(home, stack).stop()
        say(f"{stack}: stopped {stopped} process(es); data is kept in {home.shown(home.runtime(stack).root)}")
        if landscape and operations(landscape, environment).machines:
            say(f"its machines go on; `plat destroy {landscape} -e {environment}` removes what runs there and keeps data")
    if not stacks:
        say("nothing has been brought up here")


def destroy(
    landscape: Landscape,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    with_data: Annotated[bool, typer.Option("--with-data", help="Remove datastores too, with all that is in them.")] = False,
    confirm: Annotated[str | None, typer.Option("--confirm", help="The landscape's name, said once more.")] = None,
) -> None:
    """Removes a landscape's runtime and keeps its data; with --with-data, removes the data too."""
    opened = operations(landscape, environment)
    if with_data and confirm is None:
        confirm = _ask(landscape)
    try:
        opened.destroy(with_data=with_data, confirmed=confirm)
    except Unconfirmed as refusal:
        raise Unreadable([str(refusal)]) from None


def _ask(landscape: str) -> str | None:
    if not sys.stdin.isatty():
        return None
    question = f"This removes every datastore of {landscape} for good. Type the landscape's name to go on"
    return str(typer.prompt(question, default="", show_default=False))
