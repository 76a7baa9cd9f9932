"""The edges between contexts, deployables of their own and externals, as the landscape's relations make them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from plat.descriptors.parts import Pattern
from plat.findings import Location
from plat.landscape import Landscape, LinkedConsumption, LinkedContext, LinkedDeployable, LinkedRelation, LinkedUpstream
from plat.map import notation
from plat.map.identity import context_id, deployable_id, external_id
from plat.map.model import Edge, EdgeKind

# Two that are partners or share a kernel have no upstream: what passes between them is drawn on that relation.
_ABSORBING: Final[frozenset[Pattern]] = frozenset({"partnership", "shared-kernel"})
_OFFERED: Final[frozenset[Pattern]] = frozenset({"open-host-service", "published-language"})


@dataclass(frozen=True, slots=True)
class Use:
    """That `downstream` depends on `upstream`, by calls or by events, as one or several lines of descriptors say."""

    upstream: str
    downstream: str
    calls: frozenset[str]
    events: frozenset[str]
    patterns: frozenset[Pattern]
    locations: frozenset[Location]

    def __or__(self, other: Use) -> Use:
        return Use(
            self.upstream,
            self.downstream,
            self.calls | other.calls,
            self.events | other.events,
            self.patterns | other.patterns,
            self.locations | other.locations,
        )

    @property
    def edge(self) -> Edge:
        """The dependency as an edge; one of partners or of a shared kernel alone is symmetric."""
        stated = self.patterns - _OFFERED
        only = [sign for pattern, sign in notation.SYMMETRIC.items() if pattern in _ABSORBING and stated == {pattern}]
        return Edge(
            kind=EdgeKind.SYMMETRIC if only else EdgeKind.DEPENDENCY,
            source=self.upstream,
            target=self.downstream,
            source_marks=tuple(only) or notation.upstream_marks(self.patterns),
            target_marks=tuple(only) or notation.downstream_marks(self.patterns),
            calls=tuple(sorted(self.calls)),
            events=tuple(sorted(self.events)),
            locations=tuple(sorted(self.locations)),
        )


def dependencies(landscape: Landscape) -> Iterator[Use]:
    """Give who depends on whom: contexts, deployables of their own, and externals, each pair once per direction."""
    merged: dict[tuple[str, str], Use] = {}
    for use in _single_uses(landscape):
        pair = (use.upstream, use.downstream)
        merged[pair] = merged[pair] | use if pair in merged else use
    offered = {context_id(context.name): frozenset(context.offered_as) for context in landscape.contexts}
    for _, use in sorted(merged.items()):
        yield replace(use, patterns=use.patterns | offered.get(use.upstream, frozenset()))


def relation_edges(landscape: Landscape, uses: Iterable[Use]) -> Iterator[Edge]:
    """Give an edge for each dependency and each symmetric relation, those that belong together as one."""
    left = {(use.upstream, use.downstream): use for use in uses}
    for relation in landscape.relations:
        for one, other in combinations(map(context_id, relation.between), 2):
            yield _symmetric(relation, one, other, list(_taken(relation, one, other, left)))
    for _, use in sorted(left.items()):
        yield use.edge


def _taken(relation: LinkedRelation, one: str, other: str, left: dict[tuple[str, str], Use]) -> Iterator[Use]:
    if relation.pattern not in _ABSORBING:
        return
    for pair in ((one, other), (other, one)):
        use = left.get(pair)
        if use and not use.patterns - _ABSORBING - _OFFERED:
            yield left.pop(pair)


def _symmetric(relation: LinkedRelation, one: str, other: str, uses: list[Use]) -> Edge:
    mark = (notation.SYMMETRIC[relation.pattern],)
    return Edge(
        kind=EdgeKind.SYMMETRIC,
        source=one,
        target=other,
        source_marks=mark,
        target_marks=mark,
        calls=tuple(sorted({call for use in uses for call in use.calls})),
        events=tuple(sorted({event for use in uses for event in use.events})),
        details=(f"contract {relation.contract}",) if relation.contract else (),
        locations=tuple(sorted({relation.location, *(place for use in uses for place in use.locations)})),
    )


def _single_uses(landscape: Landscape) -> Iterator[Use]:
    contexts = {context.name: context for context in landscape.contexts}
    for context in landscape.contexts:
        for call in context.upstreams:
            yield _call(contexts, call, context_id(context.name))
        for consumption in context.consumes:
            yield _consumption(consumption, context.name)
    for deployable in landscape.deployables:
        yield from _of_deployable(contexts, deployable)


def _of_deployable(contexts: Mapping[str, LinkedContext], deployable: LinkedDeployable) -> Iterator[Use]:
    hosted = [contexts[name] for name in deployable.contexts]
    downstream = deployable_id(deployable.name) if deployable.standalone else context_id(deployable.contexts[0])
    for call in own_upstreams(deployable, hosted):
        yield _call(contexts, call, downstream)
    for name in deployable.externals:
        pattern = deployable.external_patterns.get(name)
        if pattern is None and deployable.role == "anti-corruption-layer":
            pattern = deployable.role  # that is what it is for
        yield Use(
            external_id(name),
            downstream,
            frozenset(),
            frozenset(),
            frozenset({pattern} if pattern else ()),
            frozenset({deployable.at("externals")}),
        )


def own_upstreams(deployable: LinkedDeployable, hosted: Iterable[LinkedContext]) -> Iterator[LinkedUpstream]:
    """Give what a deployable of its own calls by itself, without what the contexts that it hosts call."""
    of_contexts = [call for context in hosted for call in context.upstreams]
    yield from (call for call in deployable.upstreams if call not in of_contexts)


def _call(contexts: Container[str], call: LinkedUpstream, downstream: str) -> Use:
    patterns: frozenset[Pattern] = frozenset({call.pattern} if call.pattern else ())
    upstream = context_id(call.context) if call.context in contexts else deployable_id(call.context)
    return Use(upstream, downstream, frozenset(call.uses), frozenset(), patterns, frozenset({call.location}))


def _consumption(consumption: LinkedConsumption, consumer: str) -> Use:
    stated = [consumption.pattern, notation.PATTERN_OF_ROLE[consumption.role] if consumption.role else None]
    patterns = frozenset(pattern for pattern in stated if pattern)
    upstream, downstream = context_id(consumption.producer), context_id(consumer)
    events = frozenset({consumption.event})
    return Use(upstream, downstream, frozenset(), events, patterns, frozenset({consumption.location}))
