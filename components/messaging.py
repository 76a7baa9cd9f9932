"""Messaging: the platform's broker, what a context publishes, and what it consumes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_rabbitmq

from components.local import rabbitmq, servers
from components.options import child
from components.secrets import Secrets
from plat.plan.model import Broker, Plan
from providers.local import sdk


class MessageBroker(pulumi.ComponentResource):
    """The landscape's broker: the platform team's, with one virtual host for all contexts."""

    def __init__(self, plan: Plan, broker: Broker, secrets: Secrets, local: sdk.Provider, parent: pulumi.Resource) -> None:
        super().__init__("plat:index:MessageBroker", broker.server, None, child(parent))
        server = plan.server(broker.server)
        running = servers.create(server, secrets[server.admin_secret], local, self)
        self.plan = broker
        running = dataclasses.replace(running, provider=rabbitmq.administrator(running, self))
        self.vhost = rabbitmq.virtual_host(broker, running, self)
        self.register_outputs({})


class Publications(pulumi.ComponentResource):
    """What a context publishes on, and its identity at the broker."""

    def __init__(self, context: str, broker: MessageBroker, secrets: Secrets, parent: pulumi.Resource) -> None:
        super().__init__("plat:index:Publications", context, None, child(parent))
        self.exchanges = {
            plan.name: rabbitmq.exchange(plan, broker.vhost, self) for plan in broker.plan.exchanges if plan.owner == context
        }
        made: list[pulumi.Resource] = list(self.exchanges.values())
        for user in broker.plan.users:
            if user.context == context:
                exchanges = list(self.exchanges.values())
                made += rabbitmq.user(user, secrets[user.secret], broker.vhost, self, exchanges)
        self.ready: Sequence[pulumi.Resource] = made
        self.register_outputs({})


class Subscriptions(pulumi.ComponentResource):
    """What a context consumes: a queue of its own for each event, bound to the publisher's exchange."""

    def __init__(
        self,
        context: str,
        broker: MessageBroker,
        exchanges: Mapping[str, pulumi_rabbitmq.Exchange],
        parent: pulumi.Resource,
    ) -> None:
        super().__init__("plat:index:Subscriptions", context, None, child(parent))
        made: list[pulumi.Resource] = []
        for queue in broker.plan.queues_of(context):
            made += rabbitmq.queue(queue, broker.vhost, self, exchanges[queue.exchange])
        self.ready: Sequence[pulumi.Resource] = made
        self.register_outputs({})
