"""What stands on the map on request: datastores and events. And whoever reads another context's data, always."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from plat.landscape import Landscape, LinkedAccess, LinkedContext, LinkedContract, LinkedDatastore
from plat.map import notation
from plat.map.identity import context_id, datastore_id, event_id
from plat.map.model import Edge, EdgeKind, Node, NodeKind
from plat.map.relations import Use


def datastore_nodes(context: LinkedContext, template: Node) -> Iterator[Node]:
    """Give a node for each datastore of a context, owned and hosted as `template`, the context's node, is."""
    for store in context.datastores:
        details: list[str] = [store.isolation] if store.isolation != "instance" else []
        details += ["in memory"] if store.durability == "ephemeral" else []
        yield Node(
            id=_id_of(context, store),
            kind=NodeKind.DATASTORE,
            name=f"{store.type} {store.version}" if store.version else store.type,
            details=tuple(details),
            team=template.team,
            host=template.host,
        )


def datastore_edges(landscape: Landscape) -> Iterator[Edge]:
    """Give an edge from each context to each datastore of its own."""
    for context in landscape.contexts:
        for store in context.datastores:
            yield Edge(kind=EdgeKind.STORE, source=context_id(context.name), target=_id_of(context, store))


def data_edges(landscape: Landscape, *, drawn: bool) -> Iterator[Edge]:
    """Give an edge for each touch on foreign data, with its contract; from the datastore itself where those are drawn."""
    contracts = {contract.name: contract for contract in landscape.contracts}
    contexts = {context.name: context for context in landscape.contexts}
    for context in landscape.contexts:
        for access in context.accesses:
            contract = contracts.get(access.contract or "")
            owner = contexts[access.owner]
            yield Edge(
                kind=EdgeKind.DATA,
                source=_store_of(owner, access) if drawn else context_id(owner.name),
                target=context_id(context.name),
                details=tuple(_terms(access, contract)),
                locations=(access.location, contract.location) if contract else (access.location,),
            )


def event_nodes(context: LinkedContext, template: Node) -> Iterator[Node]:
    """Give a node for each event of a context, owned as `template`, the context's node, is."""
    for name, event in context.publishes.items():
        details = [f"v{event.version}"] + ([event.status] if event.status != "active" else [])
        yield Node(
            id=event_id(context.name, name),
            kind=NodeKind.EVENT,
            name=name,
            details=(" · ".join(details),),
            team=template.team,
            host=template.host,
        )


def event_edges(landscape: Landscape, uses: Iterable[Use]) -> Iterator[Edge]:
    """Give the way of each event: from its publisher to it, and from it to each consumer, with the patterns at both ends."""
    reads: dict[tuple[str, str], list[Use]] = defaultdict(list)
    for use in uses:
        for event in use.events:
            reads[use.upstream, event].append(use)
    for context in landscape.contexts:
        for event in context.publishes:
            publisher, node = context_id(context.name), event_id(context.name, event)
            readers = reads[publisher, event]
            yield Edge(
                kind=EdgeKind.PUBLISHES,
                source=publisher,
                target=node,
                source_marks=notation.in_order(mark for use in readers for mark in use.edge.source_marks),
                locations=(context.source.key_at("publishes", event),),
            )
            for use in readers:
                yield replace(
                    use.edge,
                    kind=EdgeKind.CONSUMES,
                    source=node,
                    source_marks=(),
                    calls=(),
                    events=(),
                )


def _id_of(context: LinkedContext, store: LinkedDatastore) -> str:
    return datastore_id(context.name, store.type, store.name)


def _store_of(owner: LinkedContext, access: LinkedAccess) -> str:
    """Give the datastore that an access names, or the owner itself where it has none of that type."""
    found = [store for store in owner.datastores if access.type in (None, store.type)]
    return _id_of(owner, found[0]) if found else context_id(owner.name)


def _terms(access: LinkedAccess, contract: LinkedContract | None) -> Iterator[str]:
    verb = {"read": "reads", "write": "writes"}[access.mode]
    if contract:
        yield f"contract {contract.name}"
        yield f"{verb} until {contract.expires.isoformat()}"
    else:
        yield f"{verb} {', '.join(access.tables)}" if access.tables else verb
        yield "without a contract"
