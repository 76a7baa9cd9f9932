"""A context's datastore, and the server that holds it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import pulumi

from components.local import mongodb, mysql, outbox, postgresql, redis, servers
from components.local.servers import RunningServer
from components.options import child
from components.secrets import Secrets
from plat.plan.model import Contract, Datastore, Server
from providers.local import sdk

Create = Callable[[Datastore, RunningServer, pulumi.Output[str], pulumi.Resource], pulumi.Resource]

_STORES: Mapping[str, Create] = {
    "mongodb": mongodb.create,
    "mysql": mysql.create,
    "postgresql": postgresql.create,
    "redis": redis.create,
}
"""What makes a store of each kind, and returns what a workload has to wait for."""

_ADMINISTRATORS: Mapping[str, Callable[[RunningServer, pulumi.Resource], pulumi.ProviderResource]] = {
    "postgresql": postgresql.administrator,
}
"""The way in for the kinds that have an official provider."""


class DatastoreServer(pulumi.ComponentResource):
    """One server of the plan, its own context's or the platform's; `elsewhere` says that another stack makes it."""

    def __init__(
        self, server: Server, secrets: Secrets, local: sdk.Provider, parent: pulumi.Resource, *, elsewhere: bool = False
    ) -> None:
        super().__init__("plat:index:DatastoreServer", server.name, None, child(parent))
        password = secrets[server.admin_secret]
        running = RunningServer(server, (), password, local) if elsewhere else servers.create(server, password, local, self)
        if administrator := _ADMINISTRATORS.get(server.kind):
            running = dataclasses.replace(running, provider=administrator(running, self))
        if server.shared_database is not None and not elsewhere:
            running = dataclasses.replace(running, shared=(postgresql.share(server.shared_database, running, self),))
        self.running = running
        self.register_outputs({})


class PublishedContract(pulumi.ComponentResource):
    """What one context shows of its data to another: the provider's, which stands below it."""

    def __init__(
        self,
        contract: Contract,
        server: RunningServer,
        secrets: Secrets,
        parent: pulumi.Resource,
        waits_for: Sequence[pulumi.Resource],
    ) -> None:
        super().__init__("plat:index:PublishedContract", contract.name, None, child(parent))
        self.ready = postgresql.publish(contract, server, secrets[contract.secret], self, waits_for)
        self.register_outputs({})


class ContextDatastore(pulumi.ComponentResource):
    """One store of one context, which its own role alone can open."""

    def __init__(self, store: Datastore, server: RunningServer, secrets: Secrets, parent: pulumi.Resource) -> None:
        super().__init__("plat:index:ContextDatastore", store.name, None, child(parent))
        self.ready = _STORES[store.type](store, server, secrets[store.secret], self)
        if store.outbox:
            self.ready = outbox.create(store, server, self, self.ready)
        self.register_outputs({})
