"""What a landscape has on this machine: the platform's part, then each context, then what runs."""

from __future__ import annotations

import pulumi

from components.landscape import Landscape
from components.local.datastore import ContextDatastore, DatastoreServer, PublishedContract
from components.local.messaging import MessageBroker, Publications, Subscriptions
from components.local.runtime import DeployableRuntime
from components.options import child
from plat.plan.model import PLATFORM, Plan, Server
from providers.local import sdk


class OnThisMachine:
    """What `plan` has on this machine."""

    def __init__(self, plan: Plan, landscape: Landscape) -> None:
        self._plan = plan
        self._landscape = landscape
        self._contexts = landscape.contexts
        self._secrets = landscape.generated
        self._local = sdk.Provider("local", stack=plan.stack, opts=child(landscape))

    def provide(self) -> None:
        """Registers servers, with all that is in them."""
        self._add_datastores()
        self._add_messaging()

    def run(self) -> None:
        """Registers what runs, each after all that its contexts have."""
        for workload in self._plan.workloads:
            waits_for = [resource for name in workload.contexts for resource in self._contexts[name].ready]
            # A deployable of one context is that context's; one of several belongs to none of them alone.
            only = self._contexts[workload.contexts[0]] if len(workload.contexts) == 1 else self._landscape
            DeployableRuntime(workload, self._secrets, self._local, only, waits_for)

    def _add_datastores(self) -> None:
        servers = {
            server.name: DatastoreServer(server, self._secrets, self._local, self._parent(server)).running
            for server in self._plan.servers
            if server.owner != PLATFORM or server.name in {store.server for store in self._plan.datastores}
        }
        made: dict[str, pulumi.Resource] = {}
        for store in self._plan.datastores:
            context = self._contexts[store.context]
            made[store.name] = ContextDatastore(store, servers[store.server], self._secrets, context).ready
            context.ready.append(made[store.name])
        for contract in self._plan.contracts:
            provider, consumer = self._contexts[contract.provider], self._contexts[contract.consumer]
            waits_for = [made[contract.datastore]]
            published = PublishedContract(contract, servers[contract.server], self._secrets, provider, waits_for).ready
            provider.ready.append(published)
            consumer.ready.append(published)

    def _parent(self, server: Server) -> pulumi.Resource:
        return self._contexts.get(server.owner, self._landscape)

    def _add_messaging(self) -> None:
        if not self._plan.broker:
            return
        broker = MessageBroker(self._plan, self._plan.broker, self._secrets, self._local, self._landscape)
        publications = {
            user.context: Publications(user.context, broker, user, self._secrets, self._contexts[user.context])
            for user in sorted(self._plan.broker.users, key=lambda user: user.context)
        }
        sources = {name: made for item in publications.values() for name, made in item.sources.items()}
        for name, item in publications.items():
            self._contexts[name].ready += item.ready
            if broker.plan.queues_of(name) or broker.plan.subscriptions_of(name):
                self._contexts[name].ready += Subscriptions(name, broker, sources, self._contexts[name]).ready
