"""`plat up`, `plat down` and `plat destroy`: what changes a landscape's servers."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from plat.cli.preview import OnlyAsOption, looked, refuse_other_than
from plat.cli.shared import (
    DEFAULT_LANDSCAPE,
    FAILED,
    EnvironmentOption,
    Landscape,
    operations,
    project,
    say,
    stderr,
    stdout,
)
from plat.cli.tables import overview
from plat.cli.units import ForceOption, JsonOption, ParallelOption, UnitsArgument, run
from plat.environment import DEFAULT_ENVIRONMENT
from plat.home import Home
from plat.operations import Unconfirmed
from plat.preview import read
from plat.project import Unreadable
from plat.rollout import PARALLEL
from providers.local.runtime import LocalRuntime


def up(  # noqa: PLR0913, PLR0917 - an option each
    landscape: Landscape = DEFAULT_LANDSCAPE,
    units: UnitsArgument = None,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    refresh: Annotated[bool, typer.Option("--refresh", help="Look at every resource before changing any.")] = False,
    force: ForceOption = False,
    parallel: ParallelOption = PARALLEL,
    as_json: JsonOption = False,
    only_as: OnlyAsOption = None,
) -> None:
    """Brings a landscape up, proves that its fences hold, and says how to reach everything.

    Where each unit has stacks of its own, those go in the order in which they need each other, and what is current is passed
    over. Named units are brought up alone, without the proof, which needs everybody's.
    """
    said = read(only_as) if only_as else None
    opened = operations(landscape, environment)
    opened.require_places()
    if said:
        refuse_other_than(said, looked(opened, units or [], stderr, parallel))
    if opened.by_unit or units:
        names = units or []
        with opened.at_the_ready(everything=refresh or force):
            run(
                opened,
                lambda stacks: opened.up_units(stacks, names, refresh=refresh, force=force),
                parallel=parallel,
                as_json=as_json,
            )
        if units or as_json:
            return
    else:
        with opened.at_the_ready():
            opened.up(refresh=refresh)
    report = opened.verify()
    report.render(stdout)
    stdout.print(overview(opened.plan))
    activate = opened.home.shown(opened.home.plat / "activate")
    say(f"`. {activate}` puts plat, pulumi and the servers' clients on this shell's PATH; `plat status` shows this again")
    if not report.ok:
        raise typer.Exit(FAILED)


def refresh(
    landscape: Landscape = DEFAULT_LANDSCAPE,
    units: UnitsArgument = None,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    parallel: ParallelOption = PARALLEL,
    as_json: JsonOption = False,
) -> None:
    """Takes into the state what there really is; the next `plat up` puts right what differs."""
    opened = operations(landscape, environment)
    if opened.by_unit or units:
        run(opened, lambda stacks: stacks.refresh(units or []), parallel=parallel, as_json=as_json)
    else:
        opened.refresh()


def restack(
    landscape: Landscape = DEFAULT_LANDSCAPE,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Move, instead of only showing what would move.")] = False,
) -> None:
    """Moves what is there into the stacks that it belongs to, after `stacks` of an environment or who hosts what has changed.

    Nothing is made, replaced or lost: only Pulumi's state changes. `plat up` then goes on from there.
    """
    opened = operations(landscape, environment)
    planned = opened.restack.moves()
    for move in planned:
        say(f"{move.source} -> {move.dest}")
        for urn in move.urns:
            say(f"    {urn.split('::', 2)[2].rpartition('$')[2]}")
    if not planned:
        say(f"{opened.stack}: everything is in the stack that it belongs to")
    elif yes:
        opened.restack.run()
        say(f"moved; `plat up {landscape} -e {environment}` goes on from there")
    else:
        say(f"nothing has been moved: `plat restack {landscape} -e {environment} --yes` does it")


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


def destroy(  # noqa: PLR0913, PLR0917 - an option each
    landscape: Landscape,
    units: UnitsArgument = None,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    with_data: Annotated[bool, typer.Option("--with-data", help="Remove datastores too, with all that is in them.")] = False,
    confirm: Annotated[str | None, typer.Option("--confirm", help="The landscape's name, said once more.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Remove units although others that are up need them.")] = False,
    parallel: ParallelOption = PARALLEL,
    as_json: JsonOption = False,
) -> None:
    """Removes a landscape's runtime and keeps its data; with --with-data, removes the data too.

    Where each unit has stacks of its own, what needs others goes first, and named units are removed alone.
    """
    opened = operations(landscape, environment)
    if units and with_data:
        msg = f"--with-data removes the data of all of {landscape}: leave it out, or leave out {', '.join(units)}"
        raise Unreadable([msg])
    if units or (opened.by_unit and not with_data):
        names = units or []
        run(opened, lambda stacks: opened.destroy_units(stacks, names, force=force), parallel=parallel, as_json=as_json)
        if not as_json:
            say(f"datastores and their data are kept; `plat up {landscape} -e {environment}` carries on")
        return
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
