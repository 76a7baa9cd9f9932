"""Who uses what of whom: every declared dependency of a landscape in one form, for rules to judge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from plat.descriptors.parts import Pattern, Role
from plat.landscape import Landscape, LinkedContext, LinkedUpstream, Placed
from plat.plan.intent import own_upstreams

Kind = Literal["call", "event", "access", "contract"]


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
                return f"`{self.downstream}` reads the data of `{self.upstream}` by the contract `{names}`"


def uses_of(landscape: Landscape) -> tuple[Use, ...]:
    """Give every use in `landscape`, in the order of contexts, then of deployables, then of contracts."""
    return tuple(_uses(landscape))


def calls(uses: Iterable[Use]) -> Iterator[Use]:
    """Give the synchronous uses."""
    return (use for use in uses if use.kind == "call")


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
