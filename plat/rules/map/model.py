"""What a rule over the map is: it judges the whole landscape, where a rule over claims judges one claim at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from plat.explanation import Explanation, Group
from plat.findings import Finding, Location
from plat.landscape import Landscape, Placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One thing on the map that a rule speaks of.

    `subject` is what it is about, in a form that stays when files move: a context, a deployable, or several of them as
    `pair` writes them; exceptions name it. `field` of `place` is what has to be changed. `hint` is the way out where it
    can be said more exactly than by the rule's `fix`; `related` are the other places that take part in it.
    """

    subject: str
    message: str
    place: Placed
    field: str = ""
    hint: str = ""
    related: tuple[Location, ...] = ()


MapCheck = Callable[[Landscape, date], Iterable[Flaw]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRule(Explanation):
    """One rule over the map, with its explanation.

    `check` gives the flaws of a landscape on a day. Where `exceptable`, an entry of `exceptions` in landscape.yaml may
    accept a finding for a while.
    """

    check: MapCheck
    exceptable: bool = True
    group: Group = Group.MAP

    def findings(self, landscape: Landscape, today: date) -> Iterator[Finding]:
        """Give what this rule finds in `landscape` on the day `today`."""
        for flaw in self.check(landscape, today):
            yield Finding(
                rule=self.id,
                severity=self.severity,
                message=flaw.message,
                location=flaw.place.at(flaw.field),
                field=flaw.place.source.path(flaw.field),
                subject=flaw.subject,
                hint=flaw.hint or self.fix,
                related=flaw.related,
            )


def pair(*names: str) -> str:
    """Give the subject of a flaw that several contexts or deployables have together, the same in whatever order."""
    return " / ".join(sorted(names))


def quoted(names: Iterable[str]) -> str:
    """Give names as a message lists them."""
    *most, last = [f"`{name}`" for name in names]
    return f"{', '.join(most)} and {last}" if most else last
