"""In which order shares are brought up, or taken down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush

import networkx as nx

from plat.grouping import grouped_by_each
from plat.plan.shares import Head

_Needs = Mapping[str, frozenset[str]]
"""For each share, by name, those that it needs."""


def before(shares: Mapping[str, Head], *, backwards: bool = False) -> Mapping[str, frozenset[str]]:
    """For each share, in order, those that must have ended before it begins: what it needs, or `backwards` what needs it.

    Shares that need each other, round in a circle, go one after another by name, after all that the circle needs.
    """
    needs = dict(_needs(shares))
    for group in _circles(needs):
        outside = frozenset().union(*(needs[name] for name in group)) - set(group)
        needs |= {name: outside | set(group[:place]) for place, name in enumerate(group)}
    if backwards:
        needing = grouped_by_each(needs, lambda name: needs[name])
        needs = {name: frozenset(needing.get(name, ())) for name in needs}
    return {name: needs[name] for name in _in_order(needs)}


def circles(shares: Mapping[str, Head]) -> tuple[tuple[str, ...], ...]:
    """The groups of shares that need each other round in a circle, each by name."""
    return _circles(_needs(shares))


def _needs(shares: Mapping[str, Head]) -> _Needs:
    return {name: frozenset(needed for needed in shares[name].needs if needed in shares) for name in sorted(shares)}


def _circles(needs: _Needs) -> tuple[tuple[str, ...], ...]:
    try:
        TopologicalSorter(needs).prepare()
    except CycleError:
        graph: nx.DiGraph[str] = nx.DiGraph(needs)
        groups = (tuple(sorted(group)) for group in nx.strongly_connected_components(graph) if len(group) > 1)
        return tuple(sorted(groups))
    return ()


def _in_order(needs: _Needs) -> Iterator[str]:
    """What is needed comes first; else the order is by name."""
    order = TopologicalSorter(needs)
    order.prepare()
    ready: list[str] = []
    while order.is_active():
        for name in order.get_ready():
            heappush(ready, name)
        name = heappop(ready)
        yield name
        order.done(name)
