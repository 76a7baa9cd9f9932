"""What the commands share that work on the stacks of units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from plat.cli.shared import FAILED, INTERRUPTED, print_json, stderr, stdout
from plat.operations import Operations
from plat.project import Unreadable
from plat.rollout import PARALLEL, NotThere, Result, State, UnitStacks
from plat.rollout.show import Progress, summary

UnitsArgument = Annotated[
    list[str] | None,
    typer.Argument(help="Units (contexts, deployables beside contexts, platform) or stacks of theirs; all if left out."),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Work on what is current too.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print how it ended as JSON, progress to standard error.")]
ParallelOption = Annotated[int, typer.Option("--parallel", min=1, help="How many stacks are worked on at a time.")]


def run(opened: Operations, call: Callable[[UnitStacks], Result], *, parallel: int = PARALLEL, as_json: bool = False) -> None:
    """Does something with the stacks of units, shows how that goes and how it ended, and exits where it did not end well."""
    console = stderr if as_json else stdout
    progress = Progress(console, opened.home.plat / "logs", len(opened.heads))
    try:
        with progress.shown():
            result = call(opened.unit_stacks(progress, parallel))
    except NotThere as problem:
        raise Unreadable([str(problem)]) from None
    if as_json:
        print_json(result.to_dict())
    else:
        for part in summary(result, opened.home.plat / "logs"):
            console.print(part, highlight=False, soft_wrap=isinstance(part, str), markup=False)
    if result.of(State.INTERRUPTED):
        raise typer.Exit(INTERRUPTED)
    if not result.ok:
        raise typer.Exit(FAILED)
