"""`plat codeowners`: whom a change of each descriptor asks, for the host of the repository."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plat import codeowners as made
from plat.cli.shared import FAILED, project, readable, say, stderr
from plat.places import Places, repository
from plat.project import Unreadable
from plat.written import write_whole

_PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where GitHub and GitLab look for it."""


def codeowners(
    landscape: Annotated[list[str] | None, typer.Argument(help="Folders below contexts/; all of them if left out.")] = None,
    organization: Annotated[
        str,
        typer.Option(
            "--organization",
            envvar="PLAT_ORGANIZATION",
            help="Whose teams they are: `acme` makes `@acme/orders-team` of `orders-team`; without it, `@orders-team`.",
        ),
    ] = "",
    file: Annotated[
        Path | None, typer.Option("--file", help="The file; the one that the repository has, else .github/CODEOWNERS.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Write the lines into the file, and leave its others alone.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Say which lines of the file are not current; exit 1 then.")] = False,
) -> None:
    """Prints the lines of CODEOWNERS that follow from the map: each descriptor is its team's, the rest the platform team's."""
    if write and check:
        raise Unreadable(["`--write` and `--check` at once: the first makes current what the second asks for"])
    here = project()
    names = list(dict.fromkeys(landscape or here.landscape_names()))
    base = repository(here.landscapes, here.root)
    lines = made.lines([readable(here, name)[1] for name in names], Places(here.landscapes, base), organization)
    path = file or next((base / place for place in _PLACES if (base / place).is_file()), base / _PLACES[0])
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if write:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, made.put_into(text, lines).encode())
        say(f"{path}: {len(lines)} line(s) of {len(names)} landscape(s)")
    elif check:
        _check(path, made.differing(text, lines), landscape, organization)
    else:
        typer.echo(made.block(lines), nl=False)


def _check(path: Path, differing: tuple[str, ...], landscape: list[str] | None, organization: str) -> None:
    if not differing:
        say(f"{path} is current")
        return
    for line in differing:
        say(line)
    option = f" --organization {organization}" if organization else ""
    command = " ".join(["plat codeowners --write", *(landscape or ())]) + option
    last = f"{path} is not what the descriptors say: `{command}` makes it so"
    stderr.print(last, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(FAILED)
