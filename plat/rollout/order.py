"""In which order shares are brought up, or taken down."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx

from plat.plan.shares import Share


def before(shares: Mapping[str, Share], *, backwards: bool = False) -> Mapping[str, frozenset[str]]:
    """For each share those that must have ended before it begins; `backwards` those that need it, as for taking them down.

    Shares that need each other, round in a circle, go one after another by name, after all that the circle needs.
    """
    needs: nx.DiGraph[str] = nx.DiGraph()
    needs.add_nodes_from(sorted(shares))
    for name, share in shares.items():
        needs.add_edges_from((name, needed) for needed in share.needs if needed in shares)
    found: dict[str, set[str]] = {name: set(needs.successors(name)) for name in needs}
    for group in circles(shares):
        outside = {needed for name in group for needed in found[name] if needed not in group}
        for place, name in enumerate(group):
            found[name] = outside | set(group[:place])
    if backwards:
        turned: dict[str, set[str]] = {name: set() for name in found}
        for name, needed in found.items():
            for other in needed:
                turned[other].add(name)
        found = turned
    return {name: frozenset(needed) for name, needed in found.items()}


def circles(shares: Mapping[str, Share]) -> tuple[tuple[str, ...], ...]:
    """The groups of shares that need each other round in a circle, each by name."""
    needs: nx.DiGraph[str] = nx.DiGraph()
    for name, share in shares.items():
        needs.add_edges_from((name, needed) for needed in share.needs if needed in shares)
    groups = (tuple(sorted(group)) for group in nx.strongly_connected_components(needs) if len(group) > 1)
    return tuple(sorted(groups))
