"""What the commands share: the project, its options, the consoles, the exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from plat.descriptors.suggest import did_you_mean
from plat.landscape import Landscape as LinkedLandscape
from plat.operations import Operations
from plat.project import Checked, Project, Unreadable

FAILED = 1
UNREADABLE = 2
INTERRUPTED = 130  # as a shell calls a program that was ended by Ctrl-C

DEFAULT_LANDSCAPE = "order-processing"

# A pipe has no width of its own: wide enough there for a table to be read, and searched, without folding.
stdout = Console(width=None if sys.stdout.isatty() else 180)
stderr = Console(stderr=True)


class Format(StrEnum):
    """How a report is printed."""

    TEXT = "text"
    JSON = "json"


Landscape = Annotated[str, typer.Argument(help="A folder below contexts/.", metavar="LANDSCAPE")]
_LANDSCAPE = typer.Option("--landscape", "-l", envvar="LANDSCAPE", help="A folder below contexts/.", metavar="LANDSCAPE")
LandscapeOption = Annotated[str, _LANDSCAPE]
AnyLandscapeOption = Annotated[str | None, _LANDSCAPE]  # None: whichever knows the name that is asked for
EnvironmentOption = Annotated[
    str, typer.Option("--environment", "-e", envvar="PLAT_ENVIRONMENT", help="A file in stacks/environments/.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="Text for people, JSON for programs.")]


def project() -> Project:
    """The project that the current folder is in, or the one that this code is part of. Raises Unreadable."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "Pulumi.yaml").is_file() and (folder / "stacks").is_dir():
            return Project(folder)
    own = Path(__file__).resolve().parents[2]
    if (own / "Pulumi.yaml").is_file():
        return Project(own)
    msg = f"no project here: neither {here} nor a folder above it holds a Pulumi.yaml and a folder stacks/"
    raise Unreadable([msg])


def operations(landscape: str, environment: str) -> Operations:
    """What can be done with a landscape in an environment, with progress printed line by line."""
    return Operations(project(), f"{landscape}.{environment}", say)


def readable(here: Project, landscape: str) -> tuple[Checked, LinkedLandscape]:
    """What `plat check` finds, and the landscape, which may be wrong but can be read. Raises Unreadable."""
    checked = here.check(landscape)
    if checked.landscape is None:
        msg = f"landscape `{landscape}` cannot be read as it is: `plat check {landscape}` says why"
        raise Unreadable([msg])
    return checked, checked.landscape


def refuse_unknown(kind: str, name: str, known: Iterable[str]) -> None:
    """Refuses a name that is none of `known`, with the nearest one. Raises Unreadable."""
    known = list(known)
    if name not in known:
        hint = did_you_mean(name, known) or f"there are: {', '.join(known) or 'none'}"
        msg = f"there is no {kind} `{name}`: {hint}"
        raise Unreadable([msg])


def say(line: str) -> None:
    """Prints one line of progress."""
    stdout.print(line, markup=False, highlight=False, soft_wrap=True)


def print_json(value: object) -> None:
    """Prints `value` as JSON, plain, for a program to read."""
    typer.echo(as_json(value))


def as_json(value: object) -> str:
    """`value` as JSON in lines, for programs and for whoever compares two of them."""
    return json.dumps(value, indent=2, sort_keys=True)
