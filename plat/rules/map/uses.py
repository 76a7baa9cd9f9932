"""Who uses what of whom: every declared dependency of a landscape in one form, for rules to judge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, NamedTuple

from plat.descriptors.parts import Pattern, Role
from plat.grouping import grouped
from plat.landscape import Landscape, LinkedContext, LinkedRelation, LinkedUpstream, Placed
from plat.once import once_for_each
from plat.plan.intent import own_upstreams

Kind = Literal["call", "event", "access", "contract"]

_PARTS: Mapping[Role, Pattern] = {"customer": "customer-supplier", "conformist": "conformist", "partner": "partnership"}


class Statement(NamedTuple):
    """What somebody says of a relation: its pattern, and the field of `place` that says so."""

    pattern: Pattern
    place: Placed
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """`downstream` uses something of `upstream`: contexts, or deployables of their own.

    `names` are the operations, the event, the tables or the contract; `place` is the entry that declares it, and `field`
    what of it names the other side. `pattern` and `role` are what the downstream says of the relation.
    """

    downstream: str
    upstream: str
    kind: Kind
    names: tuple[str, ...]
    place: Placed
    field: str
    pattern: Pattern | None = None
    role: Role | None = None

    @property
    def ends(self) -> frozenset[str]:
        """Both sides, whichever is which."""
        return frozenset((self.downstream, self.upstream))

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The patterns by which the downstream says that it depends; playing a part is following its pattern."""
        stated = [Statement(self.pattern, self.place, "pattern")] if self.pattern else []
        played = [Statement(_PARTS[self.role], self.place, "from-role")] if self.role else []
        return (*stated, *played)

    @property
    def told(self) -> str:
        """What the downstream does, as a message says it."""
        names = ", ".join(self.names)
        match self.kind:
            case "call":
                return f"`{self.downstream}` calls {names} of `{self.upstream}`"
            case "event":
                return f"`{self.downstream}` consumes {names} of `{self.upstream}`"
            case "access":
                return f"`{self.downstream}` touches the datastore of `{self.upstream}`"
            case "contract":
                return f"`{self.downstream}` reads data of `{self.upstream}` by contract `{names}`"


@once_for_each
def uses_of(landscape: Landscape) -> tuple[Use, ...]:
    """Give every use in `landscape`, in the order of contexts, then of deployables, then of contracts."""
    return tuple(_uses(landscape))


def by_direction(uses: Iterable[Use]) -> dict[tuple[str, str], tuple[Use, ...]]:
    """Give uses by downstream and upstream, in the order of these names."""
    return dict(sorted(grouped(uses, lambda use: (use.downstream, use.upstream)).items()))


def agreed(landscape: Landscape) -> dict[frozenset[str], tuple[LinkedRelation, ...]]:
    """Give the symmetric relations by the two between which they are; one between several is one between each two."""
    each = [(frozenset(ends), relation) for relation in landscape.relations for ends in combinations(relation.between, 2)]
    return {ends: tuple(relation for _, relation in group) for ends, group in grouped(each, lambda one: one[0]).items()}


def carried(landscape: Landscape) -> dict[str, tuple[str, ...]]:
    """Give the contexts that act where a deployable of its own is named: those that it hosts."""
    return {host.name: host.contexts for host in landscape.deployables if host.standalone and host.contexts}


def _uses(landscape: Landscape) -> Iterator[Use]:
    for context in landscape.contexts:
        yield from _calls(context.name, context.upstreams)
        yield from _events(context)
        for access in context.accesses:
            yield Use(
                downstream=context.name,
                upstream=access.owner,
                kind="access",
                names=access.tables,
                place=access,
                field="datastore",
            )
    for deployable in landscape.deployables:
        yield from _calls(deployable.name, own_upstreams(deployable))
    for contract in landscape.contracts:
        yield Use(
            downstream=contract.consumer,
            upstream=contract.provider,
            kind="contract",
            names=(contract.name,),
            place=contract,
            field="consumer",
        )


def _calls(downstream: str, upstreams: Iterable[LinkedUpstream]) -> Iterator[Use]:
    for call in upstreams:
        yield Use(
            downstream=downstream,
            upstream=call.context,
            kind="call",
            names=call.uses,
            place=call,
            field="context",
            pattern=call.pattern,
        )


def _events(context: LinkedContext) -> Iterator[Use]:
    for consumption in context.consumes:
        yield Use(
            downstream=context.name,
            upstream=consumption.producer,
            kind="event",
            names=(consumption.event,),
            place=consumption,
            field="event",
            pattern=consumption.pattern,
            role=consumption.role,
        )
