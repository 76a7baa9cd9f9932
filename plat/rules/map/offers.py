"""What a context offers: to whom, in which form, and until when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from plat.descriptors.parts import Event, Operation
from plat.findings import Location, Severity
from plat.landscape import Landscape, LinkedContext, LinkedDeployable
from plat.rules.map.model import Flaw, MapRule, pair, quoted
from plat.rules.map.uses import Use, uses_of

Offer = Event | Operation
Offering = LinkedContext | LinkedDeployable


def check_offered(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each use of what is made for others, and for each customer that its supplier does not name."""
    offering: dict[str, Offering] = {one.name: one for one in landscape.deployables if one.standalone}
    offering |= {context.name: context for context in landscape.contexts}
    for use in uses_of(landscape):
        for name, offer, place in _offers(use, offering[use.upstream]):
            customer = any(each.pattern == "customer-supplier" for each in use.statements)
            if use.downstream in offer.offered_to or not (customer or offer.offered_to):
                continue
            made_for = f"is made for {quoted(offer.offered_to)}" if offer.offered_to else "is marked for no customer"
            role = "as its customer, but it" if customer else "but it"
            team = offering[use.upstream].team
            yield Flaw(
                subject=pair(*use.ends),
                message=f"`{use.downstream}` uses {name} of `{use.upstream}` {role} {made_for}",
                place=use.place,
                field=f"uses[{name}]" if use.kind == "call" else use.field,
                hint=f"ask {team} to add `offered-to: [{', '.join(sorted({*offer.offered_to, use.downstream}))}]` to {name}",
                related=(place,),
            )


def _offers(use: Use, upstream: Offering) -> Iterator[tuple[str, Offer, Location]]:
    if use.kind == "call":
        field, offers = "exposes", _of(upstream.exposes)
    elif use.kind == "event" and isinstance(upstream, LinkedContext):
        field, offers = "publishes", _of(upstream.publishes)
    else:
        return
    for name in use.names:
        yield name, offers[name], upstream.source.key_at(field, name)


def _of(offers: Mapping[str, Event] | Mapping[str, Operation]) -> dict[str, Offer]:
    return {**offers}


def check_schemas(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each part of a published language that nothing describes."""
    for context in landscape.contexts:
        if "published-language" not in context.offered_as:
            continue
        silent = [(f"exposes.{name}", name, "spec") for name, offer in context.exposes.items() if offer.spec is None]
        silent += [
            (f"publishes.{name}", name, "schema")
            for name, event in context.publishes.items()
            if event.schema_file is None and event.status != "retired"
        ]
        for field, name, missing in silent:
            yield Flaw(
                subject=context.name,
                message=f"`{context.name}` offers {name} in a published language, but names no `{missing}` of it",
                place=context,
                field=field,
            )


def check_retired(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each retired event that is consumed still."""
    consumers: dict[tuple[str, str], list[Use]] = {}
    for use in uses_of(landscape):
        if use.kind == "event":
            consumers.setdefault((use.upstream, use.names[0]), []).append(use)
    for context in landscape.contexts:
        for name, event in context.publishes.items():
            left = consumers.get((context.name, name), [])
            if event.status == "retired" and left:
                listed = [f"`{use.downstream}` ({landscape.context(use.downstream).team})" for use in left]
                yield Flaw(
                    subject=context.name,
                    message=f"`{context.name}` retires {name}, which is still consumed by {', '.join(listed)}",
                    place=context,
                    field=f"publishes.{name}.status",
                    related=tuple(use.place.at(use.field) for use in left),
                )


OFFERED = MapRule(
    id="not-offered",
    title="Who uses something is one of those it is offered to",
    severity=Severity.ERROR,
    why=(
        "A supplier that makes something for certain customers plans its changes with them. Somebody else who builds on it "
        "is broken by a change that all who were asked agreed on. And a customer is one only when the supplier knows it: "
        "then it may ask for what it needs."
    ),
    fix="ask the upstream's team to add you to `offered-to`, or use what it offers to everybody",
    source="Eric Evans, Domain-Driven Design (2003), ch. 14, pattern Customer/Supplier Development Teams",
    example="""\
# tracking.yaml: the supplier marks what it makes for a customer
publishes:
  ParcelDelivered: {version: 1, offered-to: [billing]}
# billing.yaml
consumes:
  - {event: tracking.ParcelDelivered, from-role: customer}
""",
    exceptable=False,
    check=check_offered,
)

SCHEMAS = MapRule(
    id="published-language-without-schema",
    title="A published language is written down",
    severity=Severity.WARNING,
    why=(
        "A published language is a documented language that others can translate into and out of. An operation or an event "
        "that only the code describes changes with the code, and consumers find out by failing."
    ),
    fix="name the file that describes it: `spec` of the operation (OpenAPI), `schema` of the event (AsyncAPI, JSON Schema)",
    source="Eric Evans, Domain-Driven Design (2003), ch. 14, pattern Published Language; Sam Newman, Building Microservices "
    "(2nd ed., 2021), ch. 5 'Implementing Microservice Communication', on schemas",
    example="""\
offered-as: [open-host-service, published-language]
exposes:
  FindTable: {spec: apis/booking.openapi.yaml}
publishes:
  TableBooked: {version: 1, schema: events/table-booked.json}
""",
    check=check_schemas,
)

RETIRED = MapRule(
    id="retiring-with-consumers",
    title="An event is retired when nobody consumes it any more",
    severity=Severity.ERROR,
    why=(
        "A retired event is not published: whoever still waits for it waits for ever, without any error. First it is "
        "deprecated, so that its consumers are warned and move; when the last one has gone it is retired."
    ),
    fix="write `status: deprecated` until the last consumer has moved to the successor",
    source="Danilo Sato, Parallel Change (2014, martinfowler.com); Sam Newman, Building Microservices (2nd ed., 2021), ch. 5, "
    "on managing breaking changes",
    example="""\
publishes:
  OrderPlaced: {version: 1, status: deprecated}
  OrderAccepted: {version: 1}
""",
    exceptable=False,
    check=check_retired,
)
