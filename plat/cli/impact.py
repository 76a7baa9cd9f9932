"""`plat impact`: who is affected by a change."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from plat.cli.shared import AnyLandscapeOption, Format, FormatOption, print_json, project, say
from plat.descriptors.suggest import did_you_mean
from plat.findings import INDENT
from plat.impact import Affected, Impact, Target, impact_of, targets
from plat.landscape import Landscape
from plat.places import Places, repository
from plat.project import Project, Unreadable

_VERSION = 1


def impact(
    name: Annotated[
        str, typer.Argument(help="A context, an event or operation (`shipping.ParcelBooked`), a contract.", metavar="NAME")
    ],
    landscape: AnyLandscapeOption = None,
    format: FormatOption = Format.TEXT,  # noqa: A002 - the name of the option
) -> None:
    """Says who is affected by a change: contexts, teams, rights and deployables, directly and through others."""
    here = project()
    found, target = _meant(here, name, landscape)
    base = Path.cwd() if format is Format.TEXT else repository(here.landscapes, here.root)
    place = partial(Places(here.landscapes, base).place, landscape=found.name)
    reached = impact_of(found, target).moved(place)
    if format is Format.JSON:
        print_json({"version": _VERSION, "landscape": found.name, **reached.to_dict()})
    else:
        _print(reached)


def _meant(here: Project, name: str, landscape: str | None) -> tuple[Landscape, Target]:
    """The landscape that is meant and what `name` is in it: the landscape that was named, or the one that knows `name`."""
    names = [landscape] if landscape else list(here.landscape_names())
    linked = [(each, here.check(each).landscape) for each in names]
    found = [(one, targets(one)) for _, one in linked if one]
    known = [(one, in_it[name]) for one, in_it in found if name in in_it]
    if len(known) > 1:
        several = ", ".join(one.name for one, _ in known)
        msg = f"`{name}` is in several landscapes ({several}): say which with --landscape"
        raise Unreadable([msg])
    if known:
        return known[0]
    unlinked = [f"{each} cannot be read as it is: `plat check {each}` says why" for each, one in linked if not one]
    if not found:
        raise Unreadable(unlinked or [f"no landscape in {here.landscapes}: make one with `plat new landscape NAME`"])
    there = sorted({target.name for _, in_it in found for target in in_it.values() if not target.part})
    hint = did_you_mean(name, [each for _, in_it in found for each in in_it]) or f"there are: {', '.join(there)}"
    where = "any landscape" if len(found) > 1 else found[0][0].name
    raise Unreadable([f"there is no context, event, operation or contract `{name}` in {where}: {hint}", *unlinked])


def _print(found: Impact) -> None:
    target, owner = found.target, found.owner
    whose = f" of {owner.name}" if target.name != owner.name else ""
    say(f"{target.name}: {target.kind}{whose} ({_team(owner.team, owner.contact)})  <- {target.location}")
    say(f"  runs in {', '.join(owner.deployables) or 'nothing yet'}")
    if found.released_with:
        say(f"  released together with {', '.join(found.released_with)}")
    if found.public:
        say(f"  {', '.join(found.public)}: public, so that anybody outside may depend on it")
    for title, direct in (("affected directly", True), ("affected through others", False)):
        reached = [one for one in found.affected if one.direct is direct]
        if reached:
            say(f"\n{title}")
        for one in reached:
            _print_affected(one)
    if found.teams:
        say("\nteams to talk to")
    for team, contact, names in found.teams:
        say(f"  {_team(team, contact)}: {', '.join(names)}")
    if not found.affected:
        say("\nnobody else in this landscape is affected")


def _print_affected(one: Affected) -> None:
    through = f", through {' and then '.join(one.through)}" if one.through else ""
    say(f"  {one.party.name} ({_team(one.party.team, one.party.contact)}){through}")
    for tie in one.ties:
        pattern = f" as {tie.pattern}" if tie.pattern and tie.pattern != tie.kind else ""
        say(f"{INDENT}{tie.what}{pattern}  <- {tie.location}")
        for right in tie.rights:
            say(f"{INDENT}  may {right}")
    say(f"{INDENT}runs in {', '.join(one.party.deployables) or 'nothing yet'}")


def _team(name: str, contact: str | None) -> str:
    return f"{name}, {contact}" if contact else name
