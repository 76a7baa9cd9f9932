"""The landscape's RabbitMQ: a virtual host, and in it exchanges, queues and users with exactly their rights.

Publishing needs write on the exchange, consuming read on the queue, declaring and binding configure
(https://www.rabbitmq.com/docs/access-control): nobody but the platform gets the last one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_rabbitmq as rabbitmq

from components.local.servers import RunningServer
from components.options import child
from plat.patterns import NOTHING, any_of
from plat.plan.model import Broker, BrokerUser, Exchange, Queue

# Arguments of a queue cannot be changed once it is there, so all but its kind stands in a policy.
_QUORUM = json.dumps({"x-queue-type": "quorum"})
_DELIVERIES = "5"


@dataclass(frozen=True)
class VirtualHost:
    """The landscape's virtual host, and the server that it is in; `ready` is what anything declared there waits for."""

    plan: Broker
    server: RunningServer
    ready: tuple[pulumi.Resource, ...] = ()

    @property
    def name(self) -> str:
        """What it is called."""
        return self.plan.vhost

    def sources(self, context: str, parent: pulumi.Resource) -> Mapping[str, pulumi.Resource]:
        """Makes the exchanges of a context."""
        return {exchange.name: _exchange(exchange, self, parent) for exchange in self.plan.exchanges_of(context)}

    def user(
        self,
        plan: BrokerUser,
        password: pulumi.Output[str],
        parent: pulumi.Resource,
        sources: Mapping[str, pulumi.Resource],
    ) -> Sequence[pulumi.Resource]:
        """Makes a context's user with its rights; returns what a workload has to wait for."""
        return _user(plan, password, self, parent, list(sources.values()))

    def subscriptions(
        self, context: str, parent: pulumi.Resource, sources: Mapping[str, pulumi.Resource]
    ) -> Sequence[pulumi.Resource]:
        """Makes a queue of its own for each event that a context consumes; returns what a workload has to wait for."""
        queues = self.plan.queues_of(context)
        return [made for queue in queues for made in _subscription(queue, self, parent, sources.get(queue.exchange))]

    def inside(self, parent: pulumi.Resource, *depends_on: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options for something in this virtual host.

        Names are given as the plan's literals, which the policy pack can judge before anything exists; so what must
        exist first is said apart from them.
        """
        return child(parent, provider=self.server.provider, depends_on=[*self.ready, *depends_on])


def administrator(server: RunningServer, parent: pulumi.Resource) -> rabbitmq.Provider:
    """The way into `server` as its administrator."""
    return rabbitmq.Provider(
        server.plan.name,
        endpoint=f"http://{server.plan.host}:{server.plan.extra_ports['management']}",
        username=server.plan.admin_user,
        password=server.admin_password,
        opts=child(parent, depends_on=server.made),
    )


def inside(broker: Broker, server: RunningServer, parent: pulumi.Resource) -> VirtualHost:
    """Makes the landscape's virtual host; its administrator gets the rights that declaring in it needs."""
    vhost = rabbitmq.VHost(
        f"{server.plan.name}--vhost", name=broker.vhost, opts=child(parent, provider=server.provider, holds_data=True)
    )
    rights = rabbitmq.Permissions(
        f"{server.plan.name}--administration",
        user=server.plan.admin_user,
        vhost=broker.vhost,
        permissions=rabbitmq.PermissionsPermissionsArgs(configure=".*", write=".*", read=".*"),
        opts=child(parent, provider=server.provider, depends_on=[vhost]),
    )
    # Whoever makes a virtual host has these rights there, but one that was kept when all else was destroyed has lost them.
    return VirtualHost(broker, server, (rights,))


def _exchange(plan: Exchange, vhost: VirtualHost, parent: pulumi.Resource) -> rabbitmq.Exchange:
    """Makes a context's exchange."""
    return rabbitmq.Exchange(
        plan.name,
        name=plan.name,
        vhost=vhost.name,
        settings=rabbitmq.ExchangeSettingsArgs(type="topic", durable=True, auto_delete=False),
        opts=vhost.inside(parent),
    )


def _user(
    plan: BrokerUser,
    password: pulumi.Output[str],
    vhost: VirtualHost,
    parent: pulumi.Resource,
    exchanges: Sequence[pulumi.Resource],
) -> Sequence[pulumi.Resource]:
    """Makes a context's user with its rights; returns what a workload has to wait for."""
    account = rabbitmq.User(
        f"{plan.name}--user", name=plan.name, password=password, tags=[], opts=child(parent, provider=vhost.server.provider)
    )
    permissions = rabbitmq.Permissions(
        f"{plan.name}--permissions",
        user=plan.name,
        vhost=vhost.name,
        permissions=rabbitmq.PermissionsPermissionsArgs(
            configure=NOTHING, write=any_of(plan.publishes_to), read=any_of(plan.consumes_from)
        ),
        opts=vhost.inside(parent, account),
    )
    if not plan.publishes_to:
        return [permissions]
    topics = rabbitmq.TopicPermissions(
        f"{plan.name}--topics",
        user=plan.name,
        vhost=vhost.name,
        permissions=[
            rabbitmq.TopicPermissionsPermissionArgs(exchange=name, write=any_of(plan.routing_keys), read=NOTHING)
            for name in plan.publishes_to
        ],
        opts=vhost.inside(parent, account, *exchanges),
    )
    return [permissions, topics]


def _subscription(
    plan: Queue,
    vhost: VirtualHost,
    parent: pulumi.Resource,
    source: pulumi.Resource | None,
) -> Sequence[pulumi.Resource]:
    """Makes a consumer's queue, its dead-letter queue and its binding; returns what a workload has to wait for.

    `source` is the exchange that it is bound to, None where another stack has made it.
    What nobody reads in time goes where what cannot be handled goes, and is kept there as long again.
    """
    opts = vhost.inside(parent)
    kept = str(plan.retention_ms)
    dead = _queue(plan.dead_letter, vhost, opts)
    main = _queue(plan.name, vhost, opts)
    policy = rabbitmq.Policy(
        f"{plan.name}--dead-letters",
        name=f"{plan.name}--dead-letters",
        vhost=vhost.name,
        policy=rabbitmq.PolicyPolicyArgs(
            pattern=any_of([plan.name]),
            priority=0,
            apply_to="queues",
            definition={
                "dead-letter-exchange": "",
                "dead-letter-routing-key": plan.dead_letter,
                "delivery-limit": _DELIVERIES,
                "message-ttl": kept,
            },
        ),
        opts=vhost.inside(parent, dead),
    )
    last = rabbitmq.Policy(
        f"{plan.dead_letter}--retention",
        name=f"{plan.dead_letter}--retention",
        vhost=vhost.name,
        policy=rabbitmq.PolicyPolicyArgs(
            pattern=any_of([plan.dead_letter]), priority=0, apply_to="queues", definition={"message-ttl": kept}
        ),
        opts=opts,
    )
    binding = rabbitmq.Binding(
        f"{plan.name}--binding",
        source=plan.exchange,
        destination=plan.name,
        destination_type="queue",
        vhost=vhost.name,
        routing_key=plan.routing_key,
        # The limits come first, so that no message is ever in the queue without them.
        opts=vhost.inside(parent, policy, last, main, *([source] if source else [])),
    )
    return [main, dead, binding]


def _queue(name: str, vhost: VirtualHost, opts: pulumi.ResourceOptions) -> rabbitmq.Queue:
    return rabbitmq.Queue(
        name,
        name=name,
        vhost=vhost.name,
        settings=rabbitmq.QueueSettingsArgs(durable=True, auto_delete=False, arguments_json=_QUORUM),
        opts=opts,
    )
