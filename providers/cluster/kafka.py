"""Topics, users and rights in a Kafka, which on the local target pulumi-kafka makes.

Producing needs Write and Describe on the topic, consuming Read and Describe on the topic and Read on the group
(https://kafka.apache.org/41/security/authorization-and-acls/). Topics that nobody declares any more stay with their records.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any, cast

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from providers.local.errors import Unusable

Document = Mapping[str, Any]

_SECONDS = 30
_ITERATIONS = 4096
_LOGGER = logging.getLogger(f"{__name__}.client")
_LOGGER.addHandler(logging.NullHandler())
_LOGGER.propagate = False


def apply(given: Document) -> None:
    """Make topics, users and rights as declared. Raises Unusable."""
    where = f"Kafka at {given['host']}:{given['port']}"
    settings = {
        "bootstrap.servers": f"{given['host']}:{given['port']}",
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": given["adminUser"],
        "sasl.password": given["adminPassword"],
    }
    client = AdminClient(settings, logger=_LOGGER)
    try:
        there = client.list_topics(timeout=_SECONDS).topics
        for topic in given["topics"]:
            _topic(client, topic, len(there[topic["name"]].partitions) if topic["name"] in there else 0)
        _users(client, given["users"])
        _rights(client, [right for user in given["users"] for right in _of_user(user)])
    except KafkaException as error:
        code = error.args[0].code() if error.args and isinstance(error.args[0], KafkaError) else None
        silent = code in {KafkaError._TRANSPORT, KafkaError._TIMED_OUT, KafkaError._ALL_BROKERS_DOWN}  # noqa: SLF001
        msg = f"{where} {'does not answer' if silent else 'says'}: {error.args[0] if error.args else error}"
        raise Unusable(msg) from None


def _topic(client: AdminClient, topic: Document, partitions: int) -> None:
    name, wanted = topic["name"], topic["partitions"]
    config = {"cleanup.policy": "delete", "retention.ms": str(topic["retentionMs"])}
    if partitions > wanted:
        msg = f"topic {name} has {partitions} partitions and cannot have {wanted}: Kafka takes no partition away"
        raise Unusable(msg)
    if not partitions:
        made = client.create_topics([NewTopic(name, wanted, 1, config=config)], operation_timeout=_SECONDS)
        made[name].result(_SECONDS)
        return
    if partitions < wanted:
        client.create_partitions([NewPartitions(name, wanted)])[name].result(_SECONDS)
    entries = [ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in config.items()]
    resource = ConfigResource(ConfigResource.Type.TOPIC, name, incremental_configs=entries)
    for changed in client.incremental_alter_configs([resource]).values():
        changed.result(_SECONDS)


def _users(client: AdminClient, users: Iterable[Document]) -> None:
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
    wanted = {user["name"]: user["password"] for user in users}
    # Everybody's come in one answer.
    asked = cast("Future[Mapping[str, Any]]", client.describe_user_scram_credentials())
    known = asked.result(_SECONDS)
    changes: list[Any] = [
        UserScramCredentialUpsertion(name, info, password.encode("ascii")) for name, password in sorted(wanted.items())
    ]
    changes += [
        UserScramCredentialDeletion(name, found.mechanism)
        for name, described in sorted(known.items())
        if name not in wanted
        for found in described.scram_credential_infos
    ]
    if changes:
        for done in client.alter_user_scram_credentials(changes).values():
            done.result(_SECONDS)


def _rights(client: AdminClient, wanted: list[AclBinding]) -> None:
    everything: Any = None  # a filter that is not said matches all
    every = AclBindingFilter(
        ResourceType.ANY,
        everything,
        ResourcePatternType.ANY,
        everything,
        everything,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    found = client.describe_acls(every).result(_SECONDS)
    missing = [right for right in wanted if right not in found]
    if missing:
        for done in client.create_acls(missing).values():
            done.result(_SECONDS)
    for right in (right for right in found if right not in wanted):
        filtering = AclBindingFilter(
            right.restype,
            right.name,
            right.resource_pattern_type,
            right.principal,
            right.host,
            right.operation,
            right.permission_type,
        )
        for done in client.delete_acls([filtering]).values():
            done.result(_SECONDS)


def _of_user(user: Document) -> Iterator[AclBinding]:
    topics = sorted({*user["publishesTo"], *user["consumesFrom"]})
    yield from _on(user, ResourceType.TOPIC, topics, AclOperation.DESCRIBE)
    yield from _on(user, ResourceType.TOPIC, user["publishesTo"], AclOperation.WRITE)
    yield from _on(user, ResourceType.TOPIC, user["consumesFrom"], AclOperation.READ)
    yield from _on(user, ResourceType.GROUP, user["groups"], AclOperation.READ)


def _on(user: Document, kind: ResourceType, names: Iterable[str], operation: AclOperation) -> Iterator[AclBinding]:
    for name in names:
        yield AclBinding(
            kind, name, ResourcePatternType.LITERAL, f"User:{user['name']}", "*", operation, AclPermissionType.ALLOW
        )
