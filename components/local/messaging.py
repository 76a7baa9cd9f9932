"""Messaging: the platform's broker, what a context publishes, and what it consumes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import pulumi

from components.local import kafka, rabbitmq, servers
from components.local.servers import RunningServer
from components.options import child
from components.secrets import Secrets
from plat.plan.model import Broker, BrokerUser, Plan
from providers.local import sdk


class Inside(Protocol):
    """A broker, open to its administrator."""

    def sources(self, context: str, parent: pulumi.Resource) -> Mapping[str, pulumi.Resource]:
        """Makes what a context publishes on, by name."""

    def user(
        self,
        plan: BrokerUser,
        password: pulumi.Output[str],
        parent: pulumi.Resource,
        sources: Mapping[str, pulumi.Resource],
    ) -> Sequence[pulumi.Resource]:
        """Makes a context's user with its rights; `sources` are its own. Returns what a workload has to wait for."""

    def subscriptions(
        self, context: str, parent: pulumi.Resource, sources: Mapping[str, pulumi.Resource]
    ) -> Sequence[pulumi.Resource]:
        """Makes what a context consumes; `sources` are everybody's. Returns what a workload has to wait for."""


@dataclasses.dataclass(frozen=True)
class _Adapter:
    administrator: Callable[[RunningServer, pulumi.Resource], pulumi.ProviderResource]
    inside: Callable[[Broker, RunningServer, pulumi.Resource], Inside]
    there: Callable[[Broker, RunningServer], Inside]
    """The same where another stack has made what all need."""


_ADAPTERS = {
    "kafka": _Adapter(kafka.administrator, kafka.inside, kafka.Cluster),
    "rabbitmq": _Adapter(rabbitmq.administrator, rabbitmq.inside, rabbitmq.VirtualHost),
}


class MessageBroker(pulumi.ComponentResource):
    """The landscape's broker: the platform team's; `elsewhere` says that another stack makes it."""

    def __init__(  # noqa: PLR0913 - an argument for each thing that differs
        self,
        plan: Plan,
        broker: Broker,
        secrets: Secrets,
        local: sdk.Provider,
        parent: pulumi.Resource,
        *,
        elsewhere: bool = False,
    ) -> None:
        super().__init__("plat:index:MessageBroker", broker.server, None, child(parent))
        server = plan.server(broker.server)
        password = secrets[server.admin_secret]
        running = RunningServer(server, (), password, local) if elsewhere else servers.create(server, password, local, self)
        adapter = _ADAPTERS[broker.type]
        running = dataclasses.replace(running, provider=adapter.administrator(running, self))
        self.plan = broker
        self.inside = adapter.there(broker, running) if elsewhere else adapter.inside(broker, running, self)
        self.register_outputs({})


class Publications(pulumi.ComponentResource):
    """What a context publishes on, and its identity at the broker."""

    def __init__(
        self, context: str, broker: MessageBroker, user: BrokerUser, secrets: Secrets, parent: pulumi.Resource
    ) -> None:
        super().__init__("plat:index:Publications", context, None, child(parent))
        self.sources = broker.inside.sources(context, self)
        rights = broker.inside.user(user, secrets[user.secret], self, self.sources)
        self.ready: Sequence[pulumi.Resource] = [*self.sources.values(), *rights]
        self.register_outputs({})


class Subscriptions(pulumi.ComponentResource):
    """What a context consumes, and what takes that which it cannot handle."""

    def __init__(
        self,
        context: str,
        broker: MessageBroker,
        sources: Mapping[str, pulumi.Resource],
        parent: pulumi.Resource,
    ) -> None:
        super().__init__("plat:index:Subscriptions", context, None, child(parent))
        self.ready = broker.inside.subscriptions(context, self, sources)
        self.register_outputs({})
