"""Where each context's stores lie: the servers that hold them, and what of a server is a context's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from plat import names
from plat.findings import Location
from plat.landscape import Landscape, LinkedContext, LinkedDatastore, LinkedDeployable
from plat.plan.intent import datastore_name, stores_of
from plat.plan.kinds import STORES
from plat.plan.model import PLATFORM, Datastore, SecretRef
from plat.quantities import mebibytes

OUTBOX = "outbox"
"""The table of events that wait to be published."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A server that holds stores, before it has a port."""

    name: str
    kind: str
    owner: str
    team: str
    durability: str
    version: str | None
    shared_database: str | None
    location: Location
    storage: str | None = None


def holders(landscape: Landscape) -> Iterator[Holder]:
    """The servers that hold the stores of `landscape`, one for each store; one that holds several comes several times."""
    yield from (holder for _, holder in placed(landscape))


def placed(landscape: Landscape) -> Iterator[tuple[tuple[str, str], Holder]]:
    """The server of each store, by its context and its own name."""
    for context in landscape.contexts:
        for store in stores_of(context):
            yield (context.name, datastore_name(store)), _holder(store, context, landscape)


def datastores(landscape: Landscape) -> Iterator[Datastore]:
    """The stores of all contexts, each in its server."""
    for context in landscape.contexts:
        relational = next((store for store in stores_of(context) if STORES[store.type].relational), None)
        for store in stores_of(context):
            name, holder = datastore_name(store), _holder(store, context, landscape)
            named = STORES[store.type].databases
            own = names.sql_identifier(store.name) if named else "0"
            yield Datastore(
                name=name,
                context=context.name,
                team=context.team,
                type=store.type,
                server=holder.name,
                database=holder.shared_database or own,
                role=names.sql_identifier(context.name) if named else context.name,
                secret=SecretRef(f"datastore/{name}"),
                schema=own if holder.shared_database else None,
                outbox=OUTBOX if context.outbox and store is relational else None,
                pooling=store.pooling,
                location=store.location,
            )


def _holder(store: LinkedDatastore, context: LinkedContext, landscape: Landscape) -> Holder:
    match store.isolation:
        case "instance":
            name = datastore_name(store)
            return Holder(
                name,
                store.type,
                context.name,
                context.team,
                store.durability,
                store.version,
                None,
                store.location,
                store.storage,
            )
        case "database":
            name, team = names.resource_name(PLATFORM, store.type), landscape.platform_team or PLATFORM
            # A server that several teams' contexts use is no one of theirs to decide about.
            return Holder(name, store.type, PLATFORM, team, "persistent", None, None, store.location)
        case "schema":
            host = next(item for item in landscape.deployables_of(context.name) if item.standalone)
            name, database = names.resource_name(host.name, store.type), names.sql_identifier(host.name)
            version = next((mate.version for mate in _mates(store, host, landscape) if mate.version), None)
            storage = max(
                (mate.storage for mate in _mates(store, host, landscape) if mate.storage), key=mebibytes, default=None
            )
            place = host.at("hosts")
            return Holder(name, store.type, host.name, host.team, store.durability, version, database, place, storage)


def _mates(store: LinkedDatastore, host: LinkedDeployable, landscape: Landscape) -> Iterable[LinkedDatastore]:
    """The stores that share a server with `store`, which is among them: the loader has seen to it that they agree."""
    hosted = (landscape.context(name) for name in host.contexts)
    every = (mate for context in hosted for mate in stores_of(context))
    return (mate for mate in every if mate.isolation == "schema" and mate.type == store.type)
