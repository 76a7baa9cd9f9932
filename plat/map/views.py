"""Parts of a map: what one team, or whoever works on one context, has to know. Neighbours stay on it."""

from __future__ import annotations

from dataclasses import replace

from plat.map.model import ContextMap, EdgeKind, NodeKind

_OWNING = (EdgeKind.STORE, EdgeKind.PUBLISHES)
_CENTRES = (NodeKind.CONTEXT, NodeKind.DEPLOYABLE, NodeKind.EXTERNAL)


def centres(drawn: ContextMap) -> list[str]:
    """Name everything that `around` can be asked for."""
    return sorted({node.name for node in drawn.nodes if node.kind in _CENTRES})


def around(drawn: ContextMap, name: str) -> ContextMap:
    """Give what stands in a relation to the context, deployable or external of that name, and nothing else."""
    own = {node.id for node in drawn.nodes if node.name == name and node.kind in _CENTRES}
    return _part(drawn, own, f"around {name}", fade=False)


def of_team(drawn: ContextMap, team: str) -> ContextMap:
    """Give what a team owns and what stands in a relation to that, the latter faded."""
    own = {node.id for node in drawn.nodes if node.team == team}
    return _part(drawn, own, team, fade=True)


def _part(drawn: ContextMap, own: set[str], what: str, *, fade: bool) -> ContextMap:
    own = own | {edge.target for edge in drawn.edges if edge.kind in _OWNING and edge.source in own}
    touching = {edge for edge in drawn.edges if edge.source in own or edge.target in own}
    ends = {end for edge in touching for end in (edge.source, edge.target)}
    # Whose a neighbour's event or datastore is belongs to what it is.
    kept = [edge for edge in drawn.edges if edge in touching or (edge.kind in _OWNING and edge.target in ends)]
    shown = own | ends | {edge.source for edge in kept}
    nodes = [replace(node, faded=fade and node.id not in own) for node in drawn.nodes if node.id in shown]
    teams = {node.team for node in nodes}
    return replace(
        drawn,
        title=f"{drawn.title} · {what}",
        teams=tuple(team for team in drawn.teams if team.name in teams),
        hosts=tuple(host for host in drawn.hosts if any(node.host == host for node in nodes)),
        nodes=tuple(nodes),
        edges=tuple(kept),
    )
