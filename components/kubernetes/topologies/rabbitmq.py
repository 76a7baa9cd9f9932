"""A landscape's virtual host by RabbitMQ's messaging topology operator: the same as components/local/rabbitmq.py makes.

https://www.rabbitmq.com/kubernetes/operator/using-topology-operator. Virtual host and queues stay with their messages when
nobody declares them any more, as their volume does; without a binding nothing more comes into them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from components.kubernetes.manifest import Hidden, Manifest, Unit, opaque, secret, until
from components.kubernetes.servers.rabbitmq_cluster import API
from plat import names
from plat.patterns import NOTHING, any_of
from plat.plan.model import Broker, BrokerUser, Queue, Server

_DELIVERIES = 5
_EVERYTHING = {"configure": ".*", "write": ".*", "read": ".*"}


def of_broker(unit: Unit, broker: Broker, server: Server, running: Manifest) -> Sequence[Manifest]:
    """All that the plan has inside of `server`, which is `running`."""
    return list(_Host(unit, broker, server).objects(running))


class _Host:
    def __init__(self, unit: Unit, broker: Broker, server: Server) -> None:
        self._unit = unit
        self._broker = broker
        self._server = server

    def objects(self, running: Manifest) -> Iterator[Manifest]:
        name, administrator = self._broker.vhost, self._server.admin_user
        host = self._put("Vhost", f"{self._server.name}--vhost", [name], {"name": name}, after=[running], kept=True)
        yield host
        # Whoever makes a virtual host has these rights there, but one that was kept when all else was destroyed has lost them.
        rights = {"user": administrator, "vhost": name, "permissions": _EVERYTHING}
        declared = self._put("Permission", f"{self._server.name}--administration", [administrator], rights, after=[host])
        yield declared
        exchanges = {
            exchange.name: self._within(
                "Exchange",
                exchange.name,
                [exchange.name],
                {"name": exchange.name, "type": "topic", "durable": True},
                owner=exchange.owner,
                after=[declared],
            )
            for exchange in self._broker.exchanges
        }
        yield from exchanges.values()
        for user in self._broker.users:
            yield from self._user(user, [declared, *(exchanges[name] for name in user.publishes_to)])
        for queue in self._broker.queues:
            yield from self._queue(queue, declared, exchanges[queue.exchange])

    def _user(self, user: BrokerUser, after: Sequence[Manifest]) -> Iterator[Manifest]:
        texts: dict[str, str | Hidden] = {"username": user.name, "password": secret(user.secret)}
        hidden = self._unit.put("v1", "Secret", f"{user.name}--broker", opaque(texts), owner=user.context)
        imported = {"importCredentialsSecret": {"name": hidden.name}}
        account = _anew_with(
            user, self._put("User", f"{user.name}--user", [user.name], imported, owner=user.context, after=[*after, hidden])
        )
        # Keys before exchanges, so that nobody may publish what is not its own in between.
        keys = [
            _anew_with(
                user,
                self._within(
                    "TopicPermission",
                    f"{user.name}--{exchange}",
                    [user.name, exchange],
                    {
                        "user": user.name,
                        "permissions": {"exchange": exchange, "write": any_of(user.routing_keys), "read": NOTHING},
                    },
                    owner=user.context,
                    after=[account],
                ),
            )
            for exchange in user.publishes_to
        ]
        rights = {"configure": NOTHING, "write": any_of(user.publishes_to), "read": any_of(user.consumes_from)}
        permission = _anew_with(
            user,
            self._within(
                "Permission",
                f"{user.name}--permissions",
                [user.name],
                {"user": user.name, "permissions": rights},
                owner=user.context,
                after=[account, *keys],
            ),
        )
        yield from (hidden, account, *keys, permission)

    def _queue(self, queue: Queue, declared: Manifest, source: Manifest) -> Iterator[Manifest]:
        name, dead, owner, kept = queue.name, queue.dead_letter, queue.consumer, queue.retention_ms
        limits = {
            "dead-letter-exchange": "",
            "dead-letter-routing-key": dead,
            "delivery-limit": _DELIVERIES,
            "message-ttl": kept,
        }
        # The limits come first, so that no message is ever in the queue without them.
        policies = [
            self._policy(f"{name}--dead-letters", name, limits, owner, declared),
            self._policy(f"{dead}--retention", dead, {"message-ttl": kept}, owner, declared),
        ]
        queues = [
            self._within(
                "Queue",
                each,
                [each],
                {"name": each, "type": "quorum", "durable": True},
                owner=owner,
                after=policies,
                kept=True,
            )
            for each in (dead, name)
        ]
        # What a binding says cannot be changed: another key is another binding.
        binding = self._within(
            "Binding",
            f"{name}--binding",
            [queue.exchange, name, queue.routing_key],
            {
                "source": queue.exchange,
                "destination": name,
                "destinationType": "queue",
                "routingKey": queue.routing_key,
            },
            owner=owner,
            after=[*queues, source],
        )
        yield from (*policies, *queues, binding)

    def _policy(self, name: str, queue: str, definition: Mapping[str, Any], owner: str, declared: Manifest) -> Manifest:
        spec = {"name": name, "pattern": any_of([queue]), "priority": 0, "applyTo": "queues", "definition": definition}
        return self._within("Policy", name, [name], spec, owner=owner, after=[declared])

    def _within(  # noqa: PLR0913 - an argument for each thing that differs
        self,
        kind: str,
        resource: str,
        called: Sequence[str],
        spec: Mapping[str, Any],
        *,
        owner: str,
        after: Sequence[Manifest],
        kept: bool = False,
    ) -> Manifest:
        inside = {**spec, "vhost": self._broker.vhost}
        return self._put(kind, resource, called, inside, owner=owner, after=after, kept=kept)

    def _put(  # noqa: PLR0913 - an argument for each thing that differs
        self,
        kind: str,
        resource: str,
        called: Sequence[str],
        spec: Mapping[str, Any],
        *,
        after: Sequence[Manifest],
        owner: str | None = None,
        kept: bool = False,
    ) -> Manifest:
        """An object of the operator's; `called` is what it stands for, which is seldom a name that the cluster takes."""
        content = {"spec": {**spec, "rabbitmqClusterReference": {"name": self._server.name}}}
        name = names.resource_name(*called)
        return self._unit.put(
            API, kind, name, content, resource=resource, annotations=until("Ready"), after=after, owner=owner, kept=kept
        )


def _anew_with(user: BrokerUser, item: Manifest) -> Manifest:
    """A user, or a right of it: the operator reads a password once, and whatever a user may do goes with the user."""
    return replace(item, anew_with=(user.secret,))
