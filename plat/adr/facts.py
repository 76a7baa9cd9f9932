"""What an architecture decision record says of a context, gathered from the landscape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from plat.align.model import Row, rows
from plat.align.rationale import Reasons
from plat.landscape import Landscape, LinkedContext, LinkedContract, LinkedTeam
from plat.map.build import context_map
from plat.map.identity import context_id
from plat.map.model import ContextMap, Edge, EdgeKind, Node
from plat.map.notation import MEANINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Somebody in a relation to the context; `team` is None for a system outside.

    `ours` and `theirs` are the patterns at both ends, in words; `calls` and `events` are what passes between them.
    """

    name: str
    team: str | None
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    calls: tuple[str, ...]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Who has to agree before something changes: teams, by what would change."""

    change: str
    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the record says."""

    landscape: Landscape
    context: LinkedContext
    team: LinkedTeam
    row: Row
    rationale: str
    downstream: tuple[Neighbour, ...]
    upstream: tuple[Neighbour, ...]
    partners: tuple[Neighbour, ...]
    provided: tuple[LinkedContract, ...]
    consumed: tuple[LinkedContract, ...]
    costs: tuple[Cost, ...]


def facts_of(landscape: Landscape, name: str) -> Facts:
    """Gather the facts of the context of that name. Raises KeyError where there is none."""
    context = landscape.context(name)
    drawn = context_map(landscape)
    me = context_id(name)
    row = next(row for row in rows(landscape) if row.context and row.context.name == name)
    downstream = tuple(_neighbours(drawn, me, [edge for edge in _of(drawn, EdgeKind.DEPENDENCY) if edge.source == me]))
    upstream = tuple(_neighbours(drawn, me, [edge for edge in _of(drawn, EdgeKind.DEPENDENCY) if edge.target == me]))
    partners = tuple(_neighbours(drawn, me, [edge for edge in _of(drawn, EdgeKind.SYMMETRIC) if edge.touches(me)]))
    provided = tuple(contract for contract in landscape.contracts if contract.provider == name)
    return Facts(
        landscape=landscape,
        context=context,
        team=landscape.team(context.team),
        row=row,
        rationale=Reasons(landscape).of(row),
        downstream=downstream,
        upstream=upstream,
        partners=partners,
        provided=provided,
        consumed=tuple(contract for contract in landscape.contracts if contract.consumer == name),
        costs=tuple(_costs(context, (*downstream, *partners), provided)),
    )


def _of(drawn: ContextMap, kind: EdgeKind) -> list[Edge]:
    return [edge for edge in drawn.edges if edge.kind is kind]


def _neighbours(drawn: ContextMap, me: str, edges: Sequence[Edge]) -> Iterator[Neighbour]:
    nodes: dict[str, Node] = {node.id: node for node in drawn.nodes}
    for edge in edges:
        is_source = edge.source == me
        other = nodes[edge.target if is_source else edge.source]
        ends = (edge.source_marks, edge.target_marks)
        ours, theirs = ends if is_source else ends[::-1]
        yield Neighbour(
            name=other.name,
            team=other.team,
            ours=_in_words(ours),
            theirs=_in_words(theirs),
            calls=edge.calls,
            events=edge.events,
        )


def _in_words(marks: Iterable[str]) -> tuple[str, ...]:
    return tuple(MEANINGS[mark] for mark in marks if mark not in ("U", "D"))


def _costs(context: LinkedContext, others: Sequence[Neighbour], provided: Iterable[LinkedContract]) -> Iterator[Cost]:
    for change, using in (
        *((f"the operation `{name}`", [one for one in others if name in one.calls]) for name in context.exposes),
        *((f"the event `{name}`", [one for one in others if name in one.events]) for name in context.publishes),
    ):
        yield Cost(change=change, teams=_teams(using, context))
    for contract in provided:
        teams = {contract.provider_owner, contract.consumer_owner} - {context.team}
        yield Cost(change=f"the views of the contract `{contract.name}`", teams=tuple(sorted(teams)))


def _teams(neighbours: Iterable[Neighbour], context: LinkedContext) -> tuple[str, ...]:
    return tuple(sorted({one.team for one in neighbours if one.team} - {context.team}))
