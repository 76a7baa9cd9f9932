"""Servers and datastores, told."""

from __future__ import annotations

from collections.abc import Iterator

from plat.outline.model import Line
from plat.outline.tell import Owned, address, holder, tell
from plat.plan.kinds import STORES, any_kind
from plat.plan.model import PLATFORM, Contract, Datastore, Plan, Server, plain


@tell.register
def _server(server: Server, plan: Plan) -> Iterator[Owned]:
    owner = None if server.owner == PLATFORM else server.owner
    if owner and owner not in plan.teams:
        owner = holder(plan.workload(owner))
    version = f" {server.version}" if server.version else ""
    text = f"{server.name}: {any_kind(server.kind).title}{version} on {address(server)}, {server.durability}"
    yield Owned(owner, Line("server", server.name, text, server.location, plain(server)))
    for pooler in server.poolers:
        text = f"{pooler.name}: few connections to {server.name} for many clients, each for a {pooler.mode}"
        yield Owned(owner, Line("pooler", pooler.name, text, server.location, plain(pooler)))


@tell.register
def _datastore(store: Datastore, plan: Plan) -> Iterator[Owned]:
    server = plan.server(store.server)
    whose = {store.context: "its own server", PLATFORM: "the platform's server"}.get(server.owner, f"{server.owner}'s server")
    what = f"database {store.database} in" if STORES[store.type].databases else "all of"
    part = f"schema {store.schema} of {what}" if store.schema else what
    text = f"{store.name}: {part} {whose} {server.name}"
    yield Owned(store.context, Line("datastore", store.name, text, store.location, plain(store)))
    text = f"{store.role}: with a password of its own, the only one besides the administrator that may enter {store.name}"
    details = {"datastore": store.name, "server": server.name}
    yield Owned(store.context, Line("role", store.role, text, store.location, details))
    if store.outbox:
        text = f"{store.outbox}: the table for events that wait to be published, in {store.name}"
        yield Owned(store.context, Line("outbox", store.outbox, text, store.location, details))


@tell.register
def _contract(contract: Contract, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    views = ", ".join(view.name for view in contract.views)
    text = f"{contract.schema}: {views} in {contract.datastore}, for {contract.consumer} until {contract.expires}"
    yield Owned(contract.provider, Line("views", contract.schema, text, contract.location, plain(contract)))
    text = f"{contract.role}: with a password of its own, may read {views} of {contract.provider} until {contract.expires}"
    details = {"contract": contract.name, "datastore": contract.datastore, "server": contract.server}
    yield Owned(contract.consumer, Line("role", contract.role, text, contract.location, details))
