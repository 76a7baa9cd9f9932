"""The record as a file: numbered after those that are there, and never in place of one."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from plat.adr.facts import Facts
from plat.align.model import shown_releases, trains_of
from plat.markdown import escaped

_TEMPLATES: Final = Environment(
    loader=PackageLoader("plat.adr"),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - Markdown, in which every text that a team wrote goes through `escaped`
    keep_trailing_newline=True,
)
_TEMPLATES.filters["escaped"] = escaped
_NUMBERED: Final = re.compile(r"(?P<number>[0-9]{4})-.*\.md", re.ASCII)
_ISOLATIONS: Final = {
    "instance": "a server of its own",
    "database": "a database of its own in a shared server",
    "schema": "a schema of its own in its deployable's database",
}


def render(facts: Facts, number: int, today: date) -> str:
    """Give the record's text: the same facts, number and day always give the same."""
    return _TEMPLATES.get_template("context.md.j2").render(
        number=number,
        today=today.isoformat(),
        landscape=facts.landscape,
        context=facts.context,
        team=facts.team,
        row=facts.row,
        rationale=facts.rationale,
        downstream=facts.downstream,
        upstream=facts.upstream,
        partners=facts.partners,
        provided=facts.provided,
        consumed=facts.consumed,
        costs=facts.costs,
        isolations=_ISOLATIONS,
        releases=shown_releases(facts.row.deployables),
        trains=trains_of(facts.row.deployables),
    )


def write(facts: Facts, folder: Path, today: date) -> Path:
    """Write the record into `folder`, which is made where it is missing, and return its path. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    while True:
        number = _next_number(folder)
        path = folder / f"{number:04d}-{facts.context.name}.md"
        try:
            # Exclusive: whoever takes the number meanwhile keeps it.
            with path.open("x", encoding="utf-8") as file:
                file.write(render(facts, number, today))
        except FileExistsError:
            continue
        return path


def _next_number(folder: Path) -> int:
    taken = [int(found["number"]) for file in folder.iterdir() if (found := _NUMBERED.fullmatch(file.name))]
    return max(taken, default=0) + 1
