"""Which way a relation runs: who only consumes, and who depends on whom in turn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from plat.findings import Severity
from plat.landscape import Landscape
from plat.rules.map.model import Flaw, MapRule, pair
from plat.rules.map.uses import Use, agreed, by_direction, uses_of

_CONSUMING = {"conformist": "a conformist", "anti-corruption-layer": "an anti-corruption layer"}
_TOGETHER = {"partnership", "shared-kernel"}


def check_consuming(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each conformist or anti-corruption layer whose upstream depends on it in turn."""
    ways = by_direction(uses_of(landscape))
    for (downstream, upstream), uses in ways.items():
        back = ways.get((upstream, downstream))
        stated = next((each for use in uses for each in use.statements if each.pattern in _CONSUMING), None)
        if stated and back:
            yield Flaw(
                subject=pair(downstream, upstream),
                message=f"`{downstream}` is {_CONSUMING[stated.pattern]} towards `{upstream}` and so only consumes, "
                f"but {back[0].told}",
                place=stated.place,
                field=stated.field,
                related=tuple(use.place.at(use.field) for use in back),
            )


def check_mutual(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each two that depend on each other and are not declared to succeed or fail together."""
    relations = agreed(landscape)
    ways = by_direction(uses_of(landscape))
    for (downstream, upstream), uses in ways.items():
        back = ways.get((upstream, downstream), ())
        together = any(relation.pattern in _TOGETHER for relation in relations.get(uses[0].ends, ()))
        if downstream < upstream and back and not together and not _told_elsewhere(uses, back):
            yield Flaw(
                subject=pair(downstream, upstream),
                message=f"{uses[0].told} and {back[0].told}: each depends on the other, and no partnership is declared",
                place=uses[0].place,
                field=uses[0].field,
                related=(back[0].place.at(back[0].field),),
            )


def _told_elsewhere(one: tuple[Use, ...], other: tuple[Use, ...]) -> bool:
    """Tell whether `consumes-only` or `synchronous-cycle` says it, more gravely."""
    consuming = any(each.pattern in _CONSUMING for use in (*one, *other) for each in use.statements)
    return consuming or all(any(use.kind == "call" for use in way) for way in (one, other))


CONSUMING = MapRule(
    id="consumes-only",
    title="A conformist or an anti-corruption layer only consumes",
    severity=Severity.ERROR,
    why=(
        "Who conforms to an upstream, or shields itself from one, has no say in it: the relation has one direction. Where the "
        "upstream depends on the downstream in turn, each can break the other, and the pattern on the map hides that they "
        "have to agree."
    ),
    fix="take the dependency in the other direction out, or declare what the two really are: a partnership, or "
    "customer and supplier",
    source="Eric Evans, Domain-Driven Design (2003), ch. 14, patterns Conformist and Anticorruption Layer; Vlad Khononov, "
    "Learning Domain-Driven Design (2021), ch. 4 'Integrating Bounded Contexts'",
    example="""\
# sales.yaml: catalog is upstream, and uses nothing of sales
upstreams:
  - {context: catalog, uses: [GetProduct], pattern: anti-corruption-layer}
""",
    exceptable=False,
    check=check_consuming,
)

MUTUAL = MapRule(
    id="mutual-dependency",
    title="Two contexts that depend on each other are declared partners",
    severity=Severity.WARNING,
    why=(
        "Contexts that depend on each other cannot change apart: the plans of both teams are one plan. As a partnership this "
        "is a decision that both have made; undeclared it is found out when one of them releases."
    ),
    fix="turn one direction round (an event instead of a call, say), or declare the partnership below `relations` in "
    "landscape.yaml",
    source="Eric Evans, Domain-Driven Design Reference (2015), pattern Partnership, and mutually dependent; Vlad Khononov, "
    "Learning Domain-Driven Design (2021), ch. 4 'Integrating Bounded Contexts'",
    example="""\
# landscape.yaml
relations:
  - {between: [fulfillment, billing], pattern: partnership, reason: An invoice follows the parcel and a parcel the payment.}
""",
    check=check_mutual,
)
