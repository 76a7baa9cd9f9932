"""What is said of a relation: it agrees with what the other side says, and with what both have declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations

from plat.descriptors.parts import Pattern
from plat.findings import Severity
from plat.landscape import Landscape
from plat.rules.map.model import Flaw, MapRule, pair, quoted
from plat.rules.map.uses import Statement, agreed, by_direction, uses_of

_SYMMETRIC = {"partnership", "shared-kernel"}
_EXCLUDING: tuple[tuple[Pattern, Pattern], ...] = (
    ("anti-corruption-layer", "conformist"),
    ("conformist", "customer-supplier"),
    ("conformist", "partnership"),
    ("conformist", "shared-kernel"),
    ("customer-supplier", "partnership"),
    ("partnership", "separate-ways"),
    ("separate-ways", "shared-kernel"),
)


def check_partners(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each use by partnership or shared kernel that landscape.yaml does not declare as such."""
    relations = agreed(landscape)
    for use in uses_of(landscape):
        declared = {relation.pattern for relation in relations.get(use.ends, ())}
        for pattern, place, field in use.statements:
            if pattern in _SYMMETRIC and pattern not in declared:
                yield Flaw(
                    subject=pair(*use.ends),
                    message=f"{use.told} by {pattern}, but landscape.yaml declares no {pattern} of the two",
                    place=place,
                    field=field,
                    hint=f"agree on it with the other team and write `{{between: [{', '.join(sorted(use.ends))}], pattern: "
                    f"{pattern}}}` below `relations`, or name a pattern by which the downstream alone decides",
                )


def check_contradictions(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each relation that is said to follow two patterns which exclude each other."""
    relations = {
        ends: [Statement(relation.pattern, relation, "pattern") for relation in group]
        for ends, group in agreed(landscape).items()
    }
    for ends, declared in sorted(relations.items(), key=lambda each: sorted(each[0])):
        yield from _contradictions(sorted(ends), declared)
    for names, uses in by_direction(uses_of(landscape)).items():
        declared = [each for each in relations.get(uses[0].ends, ()) if each.pattern in _SYMMETRIC]
        stated = [each for use in uses for each in use.statements if each.pattern != "separate-ways"]
        # What both have agreed on stands: two agreements that exclude each other have been told above.
        yield from _contradictions(names, [*declared[:1], *stated])


def _contradictions(names: Sequence[str], statements: Sequence[Statement]) -> Iterator[Flaw]:
    for earlier, later in combinations(statements, 2):
        first, second = sorted((earlier.pattern, later.pattern))
        if (first, second) in _EXCLUDING:
            yield Flaw(
                subject=pair(*names),
                message=f"the relation of {quoted(names)} is said to be {later.pattern} here, and {earlier.pattern} elsewhere",
                place=later.place,
                field=later.field,
                related=(earlier.place.at(earlier.field),),
            )
            return


PARTNERS = MapRule(
    id="partnership-undeclared",
    title="A partnership or a shared kernel is declared by both",
    severity=Severity.ERROR,
    why=(
        "A partnership and a shared kernel bind both teams: neither can declare one alone. So they stand once, in the "
        "landscape's own file, where both see them, and a context only refers to them."
    ),
    fix="write the relation below `relations` in landscape.yaml, agreed by both teams, or name another pattern",
    source="Eric Evans, Domain-Driven Design (2003), ch. 14, pattern Shared Kernel; Domain-Driven Design Reference (2015), "
    "pattern Partnership",
    example="""\
# landscape.yaml
relations:
  - {between: [booking, payment], pattern: partnership, reason: A table is booked when it is paid for.}
""",
    exceptable=False,
    check=check_partners,
)

CONTRADICTIONS = MapRule(
    id="contradictory-patterns",
    title="A relation follows one pattern",
    severity=Severity.WARNING,
    why=(
        "A conformist takes the upstream's model over, an anti-corruption layer keeps it out; a conformist has no say, a "
        "customer has one, a partner has an equal one. A relation that is said to be two of these is either two relations "
        "or not understood yet, and the map cannot be relied on."
    ),
    fix="say the same pattern everywhere that the two depend on each other in this direction, or split the context where "
    "they really differ",
    source="Vaughn Vernon, Implementing Domain-Driven Design (2013), ch. 3 'Context Maps'; Alberto Brandolini, Strategic "
    "Domain Driven Design with Context Mapping (2009)",
    example="""\
# booking.yaml
consumes:
  - {event: authentication.UserRenamed, pattern: anti-corruption-layer}
upstreams:
  - {context: authentication, uses: [WhoIs], pattern: anti-corruption-layer}
""",
    check=check_contradictions,
)
