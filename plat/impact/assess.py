"""Finds whom a change reaches: who uses the changed thing, who uses something of those, and so on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations

import networkx as nx

from plat.grouping import grouped
from plat.impact.model import Affected, Impact, Party, Tie
from plat.impact.target import Target
from plat.landscape import Landscape
from plat.outline.rights import right
from plat.plan.intent import intended_claims
from plat.rules.map.uses import Use, uses_of

_START = ""  # stands for the change itself: no context or deployable is called so
_SHARED = {"partnership", "shared-kernel"}

_Tied = tuple[str, Tie]
"""Who is affected, and why."""


def impact_of(landscape: Landscape, target: Target) -> Impact:
    """Everybody whom a change of `target` in `landscape` reaches, those whom it reaches first before the others."""
    rights = _rights(landscape)
    uses = uses_of(landscape)
    direct: dict[str, list[Tie]] = {}
    for use in uses:
        if target.concerns(use):
            direct.setdefault(use.downstream, []).append(_tie(use, rights))
    ties = [(use.downstream, _tie(use, rights)) for use in uses]
    ties += [*_symmetric(landscape), *_carrying(landscape)]
    if target.kind in {"context", "deployable"}:
        for name, tie in ties[len(uses) :]:
            if tie.on == target.owner:
                direct.setdefault(name, []).append(tie)
    reached = _reached(target.owner, direct, ties)
    return Impact(
        target=target,
        owner=_party(landscape, target.owner),
        affected=tuple(Affected(_party(landscape, name), found, through) for name, found, through in reached),
        public=_public(landscape, target),
        released_with=_released_with(landscape, target.owner),
    )


def _reached(
    owner: str, direct: Mapping[str, list[Tie]], ties: list[_Tied]
) -> Iterator[tuple[str, tuple[Tie, ...], tuple[str, ...]]]:
    between = grouped(ties, lambda tied: (tied[1].on, tied[0]))
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_node(_START)
    graph.add_edges_from((_START, name) for name in sorted(direct))
    graph.add_edges_from(sorted(ends for ends in between if owner not in ends))
    paths = nx.single_source_shortest_path(graph, _START)
    for name in sorted(paths, key=lambda name: (len(paths[name]), name)):
        _, *through = paths[name][:-1] or [_START]
        if name == _START:
            continue
        last = through[-1] if through else None
        found = direct[name] if last is None else [tie for _, tie in between[last, name]]
        yield name, tuple(found), tuple(through)


def _tie(use: Use, rights: Mapping[tuple[str, object], tuple[str, ...]]) -> Tie:
    pattern = next((str(statement.pattern) for statement in use.statements), None)
    location = use.place.location
    return Tie(use.kind, use.upstream, _doing(use), pattern, location, rights.get((use.downstream, location), ()))


def _doing(use: Use) -> str:
    names = ", ".join(use.names)
    match use.kind:
        case "call":
            return f"calls {names} of {use.upstream}"
        case "event":
            return f"consumes {names} of {use.upstream}"
        case "access":
            return f"touches the datastore of {use.upstream}" + (f" ({names})" if names else "")
        case "contract":
            return f"reads data of {use.upstream} by contract {names}"


def _rights(landscape: Landscape) -> Mapping[tuple[str, object], tuple[str, ...]]:
    """What each may do, by who may and by the place that says so."""
    claims = [claim for claim in intended_claims(landscape) if claim.origin.location and right(claim)]
    by_place = grouped(claims, lambda claim: (claim.origin.subject, claim.origin.location))
    return {key: tuple(right(claim) for claim in found) for key, found in by_place.items()}


def _symmetric(landscape: Landscape) -> Iterator[_Tied]:
    for relation in landscape.relations:
        if relation.pattern in _SHARED:
            for one, other in permutations(relation.between, 2):
                what = f"is in a {relation.pattern} with {other}"
                yield one, Tie(relation.pattern, other, what, relation.pattern, relation.location)


def _carrying(landscape: Landscape) -> Iterator[_Tied]:
    for host in landscape.deployables:
        if host.standalone:
            for context in host.contexts:
                yield host.name, Tie("carries", context, f"carries {context}", None, host.at("hosts"))


def _party(landscape: Landscape, name: str) -> Party:
    contexts = {context.name: context for context in landscape.contexts}
    kind, team = ("context", contexts[name].team) if name in contexts else ("deployable", landscape.deployable(name).team)
    contact = next((item.contact for item in landscape.teams if item.name == team), None)
    running = [item.name for item in landscape.deployables_of(name)] if name in contexts else [name]
    return Party(name, kind, team, contact, tuple(running))


def _public(landscape: Landscape, target: Target) -> tuple[str, ...]:
    contexts = {context.name: context for context in landscape.contexts}
    owner = contexts.get(target.owner) or landscape.deployable(target.owner)
    asked = {"operation": {target.part}, "context": set(owner.exposes), "deployable": set(owner.exposes)}
    return tuple(sorted(name for name in asked.get(target.kind, set()) if owner.exposes[name].public))


def _released_with(landscape: Landscape, name: str) -> tuple[str, ...]:
    carriers = [item for item in landscape.deployables if name in {item.name, *item.contexts}]
    return tuple(sorted({context for carrier in carriers for context in carrier.contexts} - {name}))
