"""From the linked landscape to the context map. Pure: the same landscape and wishes always give the same map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from plat.grouping import grouped_by_each
from plat.landscape import Landscape, LinkedContext, LinkedDeployable
from plat.map.data import data_edges, datastore_edges, datastore_nodes, event_edges, event_nodes
from plat.map.identity import context_id, deployable_id, external_id
from plat.map.model import ContextMap, Edge, MapTeam, Node, NodeKind
from plat.map.relations import Use, dependencies, relation_edges


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is drawn beside contexts and their relations."""

    databases: bool = False
    topics: bool = False


def context_map(landscape: Landscape, wishes: Wishes | None = None) -> ContextMap:
    """Give the map of a whole landscape.

    A modular monolith is a frame around its contexts; it is a node of its own only where it calls or offers something
    by itself. Where its contexts are not all of its own team, which rule 2 refuses, it is written below their names.
    """
    wishes = wishes or Wishes()
    uses = list(dependencies(landscape))
    edges = sorted(_edges(landscape, uses, wishes), key=_order)
    teams = {context.name: context.team for context in landscape.contexts}
    hosts = {host.name for host in landscape.deployables if _is_frame(host, teams)}
    ends = {end for edge in edges for end in (edge.source, edge.target)}
    nodes = sorted(_nodes(landscape, hosts, wishes, ends), key=lambda node: node.id)
    owners = {node.team for node in nodes}
    return ContextMap(
        name=landscape.name,
        title=landscape.title,
        teams=tuple(MapTeam(name=team.name, type=team.type) for team in landscape.teams if team.name in owners),
        hosts=tuple(sorted({node.host for node in nodes if node.host})),
        nodes=tuple(nodes),
        edges=tuple(edges),
        broker=_broker(landscape) if wishes.topics else None,
    )


def _broker(landscape: Landscape) -> str | None:
    if landscape.broker is None:
        return None
    team = landscape.broker.team
    return f"{landscape.broker.type}, run by {team}" if team else landscape.broker.type


def _edges(landscape: Landscape, uses: Iterable[Use], wishes: Wishes) -> Iterator[Edge]:
    if wishes.topics:
        yield from event_edges(landscape, uses)
        uses = [replace(use, events=frozenset()) for use in uses if use.calls or not use.events]
    yield from relation_edges(landscape, uses)
    yield from data_edges(landscape, drawn=wishes.databases)
    if wishes.databases:
        yield from datastore_edges(landscape)


def _order(edge: Edge) -> tuple[str, str, str, tuple[str, ...]]:
    return (edge.source, edge.target, edge.kind, edge.source_marks)


def _nodes(landscape: Landscape, hosts: set[str], wishes: Wishes, ends: set[str]) -> Iterator[Node]:
    running = grouped_by_each(landscape.deployables, lambda deployable: deployable.contexts)
    for context in landscape.contexts:
        node = _context(context, running.get(context.name, ()), hosts)
        yield node
        if wishes.databases:
            yield from datastore_nodes(context, node)
        if wishes.topics:
            yield from event_nodes(context, node)
    for deployable in landscape.deployables:
        if deployable.standalone and (not deployable.contexts or deployable_id(deployable.name) in ends):
            yield _deployable(deployable, hosts)
    for external in landscape.externals:
        if external_id(external.name) in ends:
            node_id = external_id(external.name)
            yield Node(
                id=node_id, kind=NodeKind.EXTERNAL, name=external.name, details=(external.host,), purpose=external.purpose
            )


def _context(context: LinkedContext, runs_in: Sequence[LinkedDeployable], hosts: set[str]) -> Node:
    framed = [deployable.name for deployable in runs_in if deployable.name in hosts]
    named = [deployable.name for deployable in runs_in if deployable.name not in framed[:1]]
    says_something = len(runs_in) > 1 or any(deployable.standalone for deployable in runs_in)
    return Node(
        id=context_id(context.name),
        kind=NodeKind.CONTEXT,
        name=context.name,
        details=(f"runs in {', '.join(named)}",) if named and says_something else (),
        team=context.team,
        host=framed[0] if framed else None,
        subdomain=context.subdomain,
        purpose=context.purpose,
    )


def _deployable(deployable: LinkedDeployable, hosts: set[str]) -> Node:
    return Node(
        id=deployable_id(deployable.name),
        kind=NodeKind.DEPLOYABLE,
        name=deployable.name,
        team=deployable.team,
        host=deployable.name if deployable.name in hosts else None,
        role=deployable.role,
    )


def _is_frame(deployable: LinkedDeployable, teams: Mapping[str, str]) -> bool:
    """Tell whether all that it hosts is its own team's, so that a frame within the team's can hold it."""
    return deployable.standalone and {teams[name] for name in deployable.contexts} == {deployable.team}
