"""A context's datastore, and the server that holds it."""

from __future__ import annotations

import dataclasses

import pulumi

from components.local import postgresql, redis, servers
from components.local.servers import RunningServer
from components.options import child
from components.secrets import Secrets
from plat.plan.model import Datastore, Server
from providers.local import sdk


class DatastoreServer(pulumi.ComponentResource):
    """One server of the plan, its own context's or the platform's."""

    def __init__(self, server: Server, secrets: Secrets, local: sdk.Provider, parent: pulumi.Resource) -> None:
        super().__init__("plat:index:DatastoreServer", server.name, None, child(parent))
        running = servers.create(server, secrets[server.admin_secret], local, self)
        if server.kind == "postgresql":
            running = dataclasses.replace(running, provider=postgresql.administrator(running, self))
        self.running = running
        self.register_outputs({})


class ContextDatastore(pulumi.ComponentResource):
    """One store of one context, which its own role alone can open."""

    def __init__(self, store: Datastore, server: RunningServer, secrets: Secrets, parent: pulumi.Resource) -> None:
        super().__init__("plat:index:ContextDatastore", store.name, None, child(parent))
        adapter = {"postgresql": postgresql, "redis": redis}[store.type]
        self.ready = adapter.create(store, server, secrets[store.secret], self)
        self.register_outputs({})
