"""`plat new`: a first descriptor that passes `plat check`, for a team to fill in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from jinja2 import Environment, PackageLoader, StrictUndefined

from plat.cli.shared import DEFAULT_LANDSCAPE, LandscapeOption, project, readable, say
from plat.descriptors.loader import check_name
from plat.plan.kinds import STORES
from plat.project import Project, Unreadable

app = typer.Typer(help="Writes a first descriptor.", no_args_is_help=True, rich_markup_mode=None)

_TEMPLATES = Environment(
    loader=PackageLoader("plat.cli"),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - YAML, made of names that were checked before
    keep_trailing_newline=True,
)


@app.command()
def context(
    name: Annotated[str, typer.Argument(help="The context's name: lower-case letters, digits, hyphens.")],
    landscape: LandscapeOption = DEFAULT_LANDSCAPE,
    team: Annotated[str | None, typer.Option("--team", help="One of the landscape's teams; the first if left out.")] = None,
    datastore: Annotated[str, typer.Option("--datastore", help="mongodb, postgresql, redis, ... or none.")] = "postgresql",
) -> None:
    """Writes contexts/LANDSCAPE/NAME.yaml, a descriptor that passes `plat check`."""
    here = project()
    _, loaded = readable(here, landscape)
    # A team that owns contexts first: the platform's team comes last, whatever its name.
    teams = [item.name for item in sorted(loaded.teams, key=lambda item: (item.type != "stream-aligned", item.name))]
    if team is not None and team not in teams:
        msg = f"there is no team `{team}` in {landscape}/landscape.yaml (there are: {', '.join(teams)})"
        raise Unreadable([msg])
    if datastore not in {*STORES, "none"}:
        msg = f"there is no datastore type `{datastore}` to begin with: {', '.join(sorted(STORES))} or none"
        raise Unreadable([msg])
    values = {"name": name, "team": team or teams[0], "datastore": datastore, "schema": _schema(here, landscape, "context")}
    _write(here, landscape, name, "context.yaml.j2", values)


@app.command()
def landscape(
    name: Annotated[str, typer.Argument(help="The landscape's name: lower-case letters, digits, hyphens.")],
    team: Annotated[str, typer.Option("--team", help="Its first team.")] = "first-team",
) -> None:
    """Writes contexts/NAME/landscape.yaml with one team, a platform team and a broker; `plat new context` goes on."""
    here = project()
    for label in (name, team):
        _refuse_bad(label)
    values = {"name": name, "team": team, "schema": _schema(here, name, "landscape")}
    _write(here, name, "landscape", "landscape.yaml.j2", values)


def _write(here: Project, landscape: str, name: str, template: str, values: dict[str, str]) -> None:
    _refuse_bad(name)
    path = here.landscapes / landscape / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = _TEMPLATES.get_template(template).render(values)
    try:
        # Exclusive, so that a descriptor that somebody wrote meanwhile is never overwritten.
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        msg = f"{_shown(path)} exists already: nothing was written"
        raise Unreadable([msg]) from None
    say(f"wrote {_shown(path)}: `plat check {landscape}` judges it and `make up LANDSCAPE={landscape}` brings it up")


def _refuse_bad(name: str) -> None:
    problem = check_name(name)
    if problem:
        raise Unreadable([problem])


def _schema(here: Project, landscape: str, kind: str) -> str:
    return os.path.relpath(here.root / "schemas" / f"{kind}.schema.json", here.landscapes / landscape)


def _shown(path: Path) -> str:
    return os.path.relpath(path)
