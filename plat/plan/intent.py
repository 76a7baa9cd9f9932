"""The claims that a landscape intends: what its descriptors say about who owns and who touches what."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from plat import names
from plat.claims import (
    AccessClaim,
    AccessMode,
    Claim,
    ContractClaim,
    DatastoreClaim,
    EgressClaim,
    GrantClaim,
    Origin,
    RouteClaim,
    SeparationClaim,
    TopicClaim,
    WorkloadClaim,
)
from plat.landscape import Landscape, LinkedContext, LinkedContract, LinkedDatastore, LinkedDeployable, LinkedUpstream


def intended_claims(landscape: Landscape) -> tuple[Claim, ...]:
    """Every claim of `landscape`, in a stable order, each with the place in the descriptor that makes it."""
    claims: list[Claim] = []
    kafka = landscape.broker is not None and landscape.broker.type == "kafka"
    for context in landscape.contexts:
        claims += _ownership(context)
        claims += _accesses(landscape, context)
        claims += _topics(landscape.name, context) if kafka else _events(context)
        claims += [
            RouteClaim(context.name, upstream.context, Origin(context.name, upstream.location, "upstreams"))
            for upstream in context.upstreams
        ]
    for deployable in landscape.deployables:
        field = "hosts" if deployable.standalone else "team"
        origin = Origin(deployable.name, deployable.at(field), field)
        claims.append(WorkloadClaim(deployable.name, deployable.team, deployable.contexts, origin))
        claims += [
            EgressClaim(deployable.name, external, Origin(deployable.name, deployable.at("externals"), "externals"))
            for external in deployable.externals
        ]
        claims += [
            RouteClaim(deployable.name, upstream.context, Origin(deployable.name, upstream.location, "upstreams"))
            for upstream in own_upstreams(deployable)
        ]
    claims += _separations(landscape)
    claims += _contracts(landscape)
    return tuple(claims)


def datastore_name(store: LinkedDatastore) -> str:
    """What a store is called wherever it is claimed: by its name and type."""
    return names.resource_name(store.name, store.type)


def stores_of(context: LinkedContext) -> tuple[LinkedDatastore, ...]:
    """The stores that `context` really has, the primary one first."""
    return tuple(store for store in context.datastores if store.type != "none")


def own_upstreams(deployable: LinkedDeployable) -> tuple[LinkedUpstream, ...]:
    """What a standalone deployable calls by its own descriptor, without what the contexts that it hosts call."""
    if not deployable.standalone:
        return ()
    own = deployable.location.file
    return tuple(upstream for upstream in deployable.upstreams if upstream.location.file == own)


def _separations(landscape: Landscape) -> Iterator[Claim]:
    for relation in landscape.relations:
        if relation.pattern == "separate-ways":
            for one, other in combinations(relation.between, 2):
                origin = Origin(f"{one} / {other}", relation.at("pattern"), relation.source.path("pattern"))
                yield SeparationClaim(one, other, relation.reason or "", origin)


def is_used(contract: LinkedContract, landscape: Landscape) -> bool:
    """Whether the consumer of `contract` names it among what it accesses."""
    return any(access.contract == contract.name for access in landscape.context(contract.consumer).accesses)


def store_of(contract: LinkedContract, landscape: Landscape) -> LinkedDatastore:
    """The provider's store that `contract` is about: the first one of its type."""
    return next(store for store in stores_of(landscape.context(contract.provider)) if store.type == contract.datastore)


def _contracts(landscape: Landscape) -> Iterator[Claim]:
    for contract in landscape.contracts:
        views = tuple(view.name for view in contract.views)
        origin = Origin(contract.name, contract.location, "views")
        store = datastore_name(store_of(contract, landscape))
        yield ContractClaim(contract.name, contract.consumer, store, views, contract.expires, origin)


def _ownership(context: LinkedContext) -> Iterator[Claim]:
    for store in stores_of(context):
        yield DatastoreClaim(context.name, datastore_name(store), Origin(context.name, store.location, "datastore"))


def _accesses(landscape: Landscape, context: LinkedContext) -> Iterator[Claim]:
    for access in context.accesses:
        origin = Origin(context.name, access.location, "accesses")
        agreed = next((item for item in landscape.contracts if item.name == access.contract), None)
        stores = [store for store in stores_of(landscape.context(access.owner)) if access.type in {None, store.type}]
        if agreed and agreed.provider == access.owner:
            stores = [store_of(agreed, landscape)]
        for store in stores:
            mode: AccessMode = "write" if access.mode == "write" else "read"
            yield AccessClaim(context.name, datastore_name(store), mode, origin, access.contract, access.tables)


def _events(context: LinkedContext) -> Iterator[Claim]:
    exchange = names.exchange_name(context.name)
    if routing_keys(context):
        origin = Origin(context.name, context.at("publishes"), "publishes")
        yield TopicClaim(context.name, exchange, origin)
    for event, version in live_events(context):
        origin = Origin(context.name, context.at(f"publishes.{event}"), "publishes")
        yield GrantClaim(context.name, "publish", exchange, origin, (names.routing_key(event, version),))
    for consumption in context.consumes:
        origin = Origin(context.name, consumption.location, "consumes")
        for queue in (consumption.queue, names.dead_letter_queue(consumption.queue)):
            yield GrantClaim(context.name, "consume", queue, origin)


def _topics(landscape: str, context: LinkedContext) -> Iterator[Claim]:
    for event, version in live_events(context):
        origin = Origin(context.name, context.at(f"publishes.{event}"), "publishes")
        topic = names.topic_name(landscape, context.name, event, version)
        yield TopicClaim(context.name, topic, origin)
        yield GrantClaim(context.name, "publish", topic, origin)
    for item in context.consumes:
        origin = Origin(context.name, item.location, "consumes")
        dead = names.dead_letter_queue(item.queue)
        topic = names.topic_name(landscape, item.producer, item.event, item.version)
        yield TopicClaim(context.name, dead, origin)
        yield GrantClaim(context.name, "publish", dead, origin)
        yield from (GrantClaim(context.name, "consume", one, origin) for one in (topic, dead, names.group_right(item.queue)))


def live_events(context: LinkedContext) -> tuple[tuple[str, int], ...]:
    """The events of `context` that are not retired, each with its version, by name."""
    live = {name: event for name, event in context.publishes.items() if event.status != "retired"}
    return tuple((name, live[name].version) for name in sorted(live))


def routing_keys(context: LinkedContext) -> tuple[str, ...]:
    """The keys under which `context` publishes to RabbitMQ: one for each event that is not retired."""
    return tuple(names.routing_key(name, version) for name, version in live_events(context))
