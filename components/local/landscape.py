"""What a landscape has on this machine: the platform's part, then each context, then what runs."""

from __future__ import annotations

import pulumi

from components.landscape import Landscape
from components.local.datastore import ContextDatastore, DatastoreServer, PublishedContract
from components.local.messaging import MessageBroker, Publications, Subscriptions
from components.local.runtime import DeployableRuntime
from components.local.servers import RunningServer
from components.options import child
from plat.plan.model import Plan, Server
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
        broker = self._plan.broker.server if self._plan.broker else None
        servers = {server.name: self._server(server) for server in self._plan.servers if server.name != broker}
        made: dict[str, pulumi.Resource] = {}
        for store in self._plan.datastores:
            context = self._contexts[store.context]
            made[store.name] = ContextDatastore(store, servers[store.server], self._secrets, context).ready
            context.ready.append(made[store.name])
        for contract in self._plan.contracts:
            provider, consumer = self._contexts[contract.provider], self._contexts.get(contract.consumer)
            waits_for = [made[contract.datastore]]
            published = PublishedContract(contract, servers[contract.server], self._secrets, provider, waits_for).ready
            provider.ready.append(published)
            if consumer:
                consumer.ready.append(published)

    def _server(self, server: Server) -> RunningServer:
        elsewhere = server.name in self._landscape.elsewhere
        return DatastoreServer(server, self._secrets, self._local, self._parent(server), elsewhere=elsewhere).running

    def _parent(self, server: Server) -> pulumi.Resource:
        return self._contexts.get(server.owner, self._landscape)

    def _add_messaging(self) -> None:
        if not self._plan.broker:
            return
        elsewhere = self._plan.broker.server in self._landscape.elsewhere
        broker = MessageBroker(self._plan, self._plan.broker, self._secrets, self._local, self._landscape, elsewhere=elsewhere)
        publications = {
            user.context: Publications(user.context, broker, user, self._secrets, self._contexts[user.context])
            for user in sorted(self._plan.broker.users, key=lambda user: user.context)
        }
        sources = {name: made for item in publications.values() for name, made in item.sources.items()}
        for name, item in publications.items():
            self._contexts[name].ready += item.ready
            if broker.plan.queues_of(name) or broker.plan.subscriptions_of(name):
                self._contexts[name].ready += Subscriptions(name, broker, sources, self._contexts[name]).ready
