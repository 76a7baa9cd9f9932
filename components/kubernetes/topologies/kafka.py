"""A landscape's topics, users and rights by Strimzi's entity operator: the same as components/local/kafka.py makes.

https://strimzi.io/docs/operators/latest/configuring (KafkaTopic, KafkaUser). Who may write a `KafkaUser` administers
the broker, so that all of them are in the platform's namespace, the only one that is watched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from components.kubernetes.manifest import Manifest, Unit, digest, opaque, secret, until
from components.kubernetes.servers.kafka_cluster import API, copies, of_kafka
from plat import names
from plat.kubernetes import labels
from plat.plan.model import Broker, BrokerUser, SecretRef, Server, Topic

_PASSWORD = "password"  # noqa: S105 - the name of a text in a Secret


def of_broker(unit: Unit, broker: Broker, server: Server, running: Manifest) -> Sequence[Manifest]:
    """All that the plan has inside of `server`, which is `running`."""
    return list(_objects(unit, broker, server, running))


def _objects(unit: Unit, broker: Broker, server: Server, running: Manifest) -> Iterator[Manifest]:
    administration = opaque({_PASSWORD: secret(server.admin_secret)})
    hidden = unit.put("v1", "Secret", f"{server.name}--administrator", administration)
    # Above all rights, since the `Kafka` says so.
    account = _spec(hidden, server.admin_secret)
    named = unit.put(
        API,
        "KafkaUser",
        server.admin_user,
        {"spec": account},
        resource=f"{server.name}--administration",
        annotations=until("Ready"),
        after=[running, hidden],
    )
    yield from (hidden, of_kafka(server, named))
    yield from (_topic(unit, topic, server, running) for topic in broker.topics)
    for user in broker.users:
        yield from _user(unit, user, server, running)


def _topic(unit: Unit, topic: Topic, server: Server, running: Manifest) -> Manifest:
    """A topic and its records: who lets go of it leaves it to the broker."""
    spec = {
        "topicName": topic.name,
        "partitions": topic.partitions,
        "replicas": copies(unit.cluster),
        "config": {"cleanup.policy": "delete", "retention.ms": str(topic.retention_ms)},
    }
    made = unit.put(
        API,
        "KafkaTopic",
        names.resource_name(topic.name),
        {"spec": spec},
        resource=topic.name,
        annotations=until("Ready"),
        after=[running],
        holds_data=True,
        owner=topic.owner,
    )
    return of_kafka(server, made)


def _user(unit: Unit, user: BrokerUser, server: Server, running: Manifest) -> Iterator[Manifest]:
    texts = opaque({_PASSWORD: secret(user.secret)})
    hidden = unit.put("v1", "Secret", f"{user.name}--broker", texts, owner=user.context)
    spec = {**_spec(hidden, user.secret), "authorization": {"type": "simple", "acls": rights(user)}}
    made = unit.put(
        API,
        "KafkaUser",
        user.name,
        {"spec": spec},
        resource=f"{user.name}--user",
        annotations=until("Ready"),
        after=[running, hidden],
        owner=user.context,
    )
    yield from (hidden, of_kafka(server, made))


def _spec(hidden: Manifest, ref: SecretRef) -> dict[str, Any]:
    given = {"secretKeyRef": {"name": hidden.name, "key": _PASSWORD}}
    return {
        "authentication": {"type": "scram-sha-512", "password": {"valueFrom": given}},
        # Another password is another generation, for which the operator is waited for: else it would look again in its time.
        "template": {"secret": {"metadata": {"annotations": {labels.SECRETS: digest([ref])}}}},
    }


def rights(user: BrokerUser) -> list[dict[str, Any]]:
    """Exactly the rights of `user`, by literal names (https://kafka.apache.org/41/security/authorization-and-acls/)."""
    topics = {
        name: [
            "Describe",
            *(["Read"] if name in user.consumes_from else []),
            *(["Write"] if name in user.publishes_to else []),
        ]
        for name in sorted({*user.publishes_to, *user.consumes_from})
    }
    found = [_right("topic", name, operations) for name, operations in topics.items()]
    return [*found, *(_right("group", name, ["Read"]) for name in user.groups)]


def _right(kind: str, name: str, operations: list[str]) -> dict[str, Any]:
    resource = {"type": kind, "name": name, "patternType": "literal"}
    return {"type": "allow", "resource": resource, "operations": operations, "host": "*"}
