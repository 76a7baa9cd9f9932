"""In which order shares are brought up, or taken down."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx

from plat.plan.shares import Share


def before(shares: Mapping[str, Share], *, backwards: bool = False) -> Mapping[str, frozenset[str]]:
    """For each share, in order, those that must have ended before it begins: what it needs, or `backwards` what needs it.

    Shares that need each other, round in a circle, go one after another by name, after all that the circle needs.
    """
    needs = _needs(shares)
    for group in _circles(needs):
        outside = {needed for name in group for needed in needs.successors(name) if needed not in group}
        needs.remove_edges_from([(name, needed) for name in group for needed in list(needs.successors(name))])
        needs.add_edges_from((name, needed) for name in group for needed in outside)
        needs.add_edges_from((name, earlier) for place, name in enumerate(group) for earlier in group[:place])
    ordered: nx.DiGraph[str] = needs if backwards else needs.reverse()
    return {name: frozenset(ordered.predecessors(name)) for name in nx.lexicographical_topological_sort(ordered)}


def circles(shares: Mapping[str, Share]) -> tuple[tuple[str, ...], ...]:
    """The groups of shares that need each other round in a circle, each by name."""
    return _circles(_needs(shares))


def _needs(shares: Mapping[str, Share]) -> nx.DiGraph[str]:
    needs: nx.DiGraph[str] = nx.DiGraph()
    needs.add_nodes_from(sorted(shares))
    for name, share in shares.items():
        needs.add_edges_from((name, needed) for needed in share.needs if needed in shares)
    return needs


def _circles(needs: nx.DiGraph[str]) -> tuple[tuple[str, ...], ...]:
    groups = (tuple(sorted(group)) for group in nx.strongly_connected_components(needs) if len(group) > 1)
    return tuple(sorted(groups))
