"""Contexts that go separate ways have nothing to do with each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product

from plat.findings import Severity
from plat.landscape import Landscape
from plat.rules.map.model import Flaw, MapRule, pair, quoted
from plat.rules.map.uses import agreed, carried, uses_of


def check(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each use between contexts that go separate ways, whoever declares it."""
    apart = {
        ends: relation
        for ends, relations in agreed(landscape).items()
        for relation in relations
        if relation.pattern == "separate-ways"
    }
    hosted = carried(landscape)
    for use in uses_of(landscape):
        sides = (hosted.get(name, (name,)) for name in (use.downstream, use.upstream))
        ends = next((ends for each in product(*sides) if (ends := frozenset(each)) in apart), None)
        if ends is not None:
            why = f" ({apart[ends].reason})" if apart[ends].reason else ""
            yield Flaw(
                subject=pair(*ends),
                message=f"{use.told}, but {quoted(sorted(ends))} go separate ways{why}",
                place=use.place,
                field=use.field,
                related=(apart[ends].at("pattern"),),
            )
        elif use.pattern == "separate-ways":
            yield Flaw(
                subject=pair(use.downstream, use.upstream),
                message=f"{use.told} by the pattern separate-ways, by which the two would have nothing to do with each other",
                place=use.place,
                field="pattern",
                hint="take the use out, or name the pattern by which it is meant, such as conformist or anti-corruption-layer",
            )


RULE = MapRule(
    id="separate-ways",
    title="Contexts that go separate ways use nothing of each other",
    severity=Severity.ERROR,
    why=(
        "Separate ways is the decision that integrating costs more than it brings. A call, an event or a look into the "
        "other's data brings the cost back, and nobody has decided it: whoever relies on the two being apart is wrong from "
        "then on. So it is refused even where both declare it."
    ),
    fix="take the use out and let each context solve it for itself, or take the separate ways back where both agreed on them",
    source="Eric Evans, Domain-Driven Design (2003), ch. 14 'Maintaining Model Integrity', pattern Separate Ways",
    example="""\
# landscape.yaml
relations:
  - {between: [sales, support], pattern: separate-ways, reason: Support keeps its own list of customers.}
""",
    exceptable=False,
    check=check,
)
