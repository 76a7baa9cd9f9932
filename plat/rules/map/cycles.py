"""Which way dependencies lead: not in a circle, and towards what is stable."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise, product

import networkx as nx

from plat.findings import Severity
from plat.landscape import Landscape
from plat.rules.map.model import Flaw, MapRule, pair, quoted
from plat.rules.map.uses import Use, agreed, carried, uses_of


def check_cycles(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each knot of contexts and deployables that wait for each other: all that reach each other by calls."""
    graph = _calls(landscape)
    for knot in sorted(sorted(names) for names in nx.strongly_connected_components(graph) if len(names) > 1):
        if _are_partners(knot, landscape):
            continue
        way = _shortest_round(graph.subgraph(knot), knot[0])
        closing: list[Use] = [graph.edges[edge]["use"] for edge in pairwise(way)]
        caught = [name for name in knot if name not in way]
        more = f"; {quoted(caught)} {'is' if len(caught) == 1 else 'are'} caught in it too" if caught else ""
        yield Flaw(
            subject=pair(*knot),
            message=f"calls lead in a circle: {' -> '.join(f'`{name}`' for name in way)}{more}",
            place=closing[-1].place,
            field=closing[-1].field,
            related=tuple(use.place.at(use.field) for use in closing[:-1]),
        )


def _calls(landscape: Landscape) -> nx.DiGraph[str]:
    """Give who waits for whom; what a deployable calls, the contexts that it hosts wait for."""
    hosted = carried(landscape)
    graph: nx.DiGraph[str] = nx.DiGraph()
    for use in uses_of(landscape):
        if use.kind == "call":
            waiting, awaited = (hosted.get(name, (name,)) for name in (use.downstream, use.upstream))
            graph.add_edges_from((ends for ends in product(waiting, awaited) if ends[0] != ends[1]), use=use)
    return graph


def _are_partners(names: list[str], landscape: Landscape) -> bool:
    """Tell whether these are two, and partners: three are not, whoever of them is."""
    return any(relation.pattern == "partnership" for relation in agreed(landscape).get(frozenset(names), ()))


def _shortest_round(graph: nx.DiGraph[str], start: str) -> list[str]:
    back = nx.single_target_shortest_path(graph, start)
    following = min(sorted(graph.successors(start)), key=lambda name: len(back[name]))
    return [start, *back[following]]


def check_generic(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each generic context that depends on a core one without a layer that keeps its model out."""
    kinds = {context.name: context.subdomain for context in landscape.contexts}
    for use in uses_of(landscape):
        shielded = any(each.pattern == "anti-corruption-layer" for each in use.statements)
        if kinds.get(use.downstream) == "generic" and kinds.get(use.upstream) == "core" and not shielded:
            yield Flaw(
                subject=pair(*use.ends),
                message=f"{use.told}: the generic context depends on the core one, which changes most",
                place=use.place,
                field=use.field,
            )


CYCLE = MapRule(
    id="synchronous-cycle",
    title="Calls do not lead in a circle",
    severity=Severity.ERROR,
    why=(
        "Contexts that call each other in a circle wait for each other: one slow answer holds all of them up, each must be "
        "there before the other can start, and none can be released alone. What looks like several contexts fails as one."
    ),
    fix="turn one of the calls round into an event that the callee publishes and the caller keeps what it needs of, or put "
    "into one context what cannot be apart",
    source="Michael Nygard, Release It! (2nd ed., 2018), ch. 4 'Stability Antipatterns', on cascading failures; Robert C. "
    "Martin, Clean Architecture (2017), ch. 14 'Component Coupling', acyclic dependencies principle",
    example="""\
# booking calls catalog; catalog keeps its own count of free tables from what booking publishes
# catalog.yaml
consumes:
  - {event: booking.TableFreed}
""",
    check=check_cycles,
)

GENERIC = MapRule(
    id="core-upstream-of-generic",
    title="A generic context does not depend on a core one",
    severity=Severity.WARNING,
    why=(
        "Dependencies should lead towards what is stable. A core subdomain is where the business changes most; a generic one "
        "is solved the same way everywhere and could be bought. When it depends on the core, each experiment there breaks "
        "what nobody wants to think about, and it can never be replaced by a product."
    ),
    fix="let the core context call what the generic one exposes, in the generic one's own language (a recipient and a text, "
    "say), or translate at its edge: `pattern: anti-corruption-layer`",
    source="Eric Evans, Domain-Driven Design (2003), ch. 15 'Distillation', Generic Subdomains; Robert C. Martin, Clean "
    "Architecture (2017), ch. 14 'Component Coupling', stable dependencies principle",
    example="""\
# booking.yaml (core): it calls notifications (generic), which knows nothing of bookings
upstreams:
  - {context: notifications, uses: [SendNotification]}
""",
    check=check_generic,
)
