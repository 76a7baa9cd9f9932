"""CODEOWNERS, made from the map: a change of a descriptor asks the team whose it is.

The last line of the file that matches a path counts, so that a folder comes before what is in it
(https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners).
GitLab reads the same form.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from plat.landscape import Landscape, LinkedContext, LinkedDeployable
from plat.places import Places

BEGIN = "# plat: begin. `plat codeowners --write` makes these lines from the descriptors; write nothing between the two marks."
END = "# plat: end"
_MARKED = re.compile(r"^# plat: begin.*?^# plat: end[^\n]*\n?", re.DOTALL | re.MULTILINE)
_SPECIAL = re.compile(r"([\\ #!*?\[\]])")
_ESCAPED = r"\\\1"


def lines(landscapes: Iterable[Landscape], places: Places, organization: str) -> tuple[str, ...]:
    """A line for each folder of a landscape and each descriptor in it, with the handles of those who own it.

    A team's handle is `@<organization>/<team>`, or `@<team>` without an organization.
    """
    return tuple(line for landscape in landscapes for line in _of_landscape(landscape, places, organization))


def block(made: Iterable[str]) -> str:
    """The lines between their marks."""
    return "\n".join((BEGIN, *made, END)) + "\n"


def put_into(text: str, made: Iterable[str]) -> str:
    """`text`, the content of a file, with the lines in the place of those that were there, or at its end."""
    new = block(made)
    if _MARKED.search(text):
        return _MARKED.sub(lambda _: new, text, count=1)
    before = text if not text or text.endswith("\n") else f"{text}\n"
    return f"{before}\n{new}" if before else new


def differing(text: str, made: Iterable[str]) -> tuple[str, ...]:
    """The lines of a file that are to go (`-`) and to come (`+`); nothing where it is current."""
    wanted = put_into(text, made)
    told = difflib.unified_diff(text.splitlines(), wanted.splitlines(), lineterm="", n=0)
    return tuple(line for line in told if line[:1] in {"+", "-"} and line[:3] not in {"+++", "---"})


def _of_landscape(landscape: Landscape, places: Places, organization: str) -> Iterator[str]:
    def owned(path: str, teams: Iterable[str]) -> str:
        handles = (f"@{organization}/{team}" if organization else f"@{team}" for team in dict.fromkeys(teams))
        return f"/{_SPECIAL.sub(_ESCAPED, path)} {' '.join(handles)}"

    own = places.file(landscape.location, landscape.name)
    folder = f"{own.rpartition('/')[0]}/"
    if landscape.platform_team:
        yield owned(folder, [landscape.platform_team])
        yield owned(own, [landscape.platform_team])
    files: dict[str, list[str]] = {}
    deployables = [each for each in landscape.deployables if each.standalone]
    owners: list[LinkedContext | LinkedDeployable] = [*landscape.contexts, *deployables]
    for item in owners:
        files.setdefault(places.file(item.location, landscape.name), []).append(item.team)
        events = item.publishes.values() if isinstance(item, LinkedContext) else ()
        described = (*(each.spec for each in item.exposes.values()), *(each.schema_file for each in events))
        for file in filter(None, described):
            files.setdefault(f"{folder}{file}", []).append(item.team)
    for contract in landscape.contracts:
        both = (contract.provider_owner, contract.consumer_owner)
        files.setdefault(places.file(contract.location, landscape.name), []).extend(both)
        if contract.standard:
            files.setdefault(f"{folder}{contract.standard}", []).extend(both)
    for file in sorted(files):
        yield owned(file, files[file])
