"""Topics, users and rights in a Kafka, which on the local target pulumi-kafka makes.

Producing needs Write and Describe on the topic, consuming Read and Describe on the topic and Read on the group
(https://kafka.apache.org/41/security/authorization-and-acls/). Topics that nobody declares any more stay with their records.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
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
    """Make topics, users and rights as declared, and leave those of other users as they are. Raises Unusable."""
    with _administering(given) as client:
        there = client.list_topics(timeout=_SECONDS).topics
        for topic in given["topics"]:
            _topic(client, topic, len(there[topic["name"]].partitions) if topic["name"] in there else 0)
        _users(client, given["users"])
        own = {_principal(user["name"]) for user in given["users"]}
        wanted = [right for user in given["users"] for right in _of_user(user)]
        found = _rights(client)
        _grant(client, [right for right in wanted if right not in found])
        _revoke(client, [right for right in found if right.principal in own and right not in wanted])


def only(given: Document) -> None:
    """Let in no user but those of `users`, and leave nobody else a right. Raises Unusable."""
    with _administering(given) as client:
        named = {_principal(name) for name in given["users"]}
        _revoke(client, [right for right in _rights(client) if right.principal not in named])
        changes: list[Any] = [
            UserScramCredentialDeletion(name, found.mechanism)
            for name, described in sorted(_known(client).items())
            if name not in given["users"]
            for found in described.scram_credential_infos
        ]
        _change(client, changes)


@contextmanager
def _administering(given: Document) -> Iterator[AdminClient]:
    """The administrator's way into a server. Raises Unusable for whatever it answers."""
    where = f"Kafka at {given['host']}:{given['port']}"
    settings = {
        "bootstrap.servers": f"{given['host']}:{given['port']}",
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": given["adminUser"],
        "sasl.password": given["adminPassword"],
    }
    try:
        yield AdminClient(settings, logger=_LOGGER)
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
    _change(client, [UserScramCredentialUpsertion(name, info, word.encode("ascii")) for name, word in sorted(wanted.items())])


def _known(client: AdminClient) -> Mapping[str, Any]:
    """Every user, by name. All come in one answer."""
    asked = cast("Future[Mapping[str, Any]]", client.describe_user_scram_credentials())
    return asked.result(_SECONDS)


def _change(client: AdminClient, changes: list[Any]) -> None:
    if changes:
        for done in client.alter_user_scram_credentials(changes).values():
            done.result(_SECONDS)


def _rights(client: AdminClient) -> list[AclBinding]:
    """Every right that there is, whoever's."""
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
    found: list[AclBinding] = client.describe_acls(every).result(_SECONDS)
    return found


def _grant(client: AdminClient, rights: list[AclBinding]) -> None:
    if rights:
        for done in client.create_acls(rights).values():
            done.result(_SECONDS)


def _revoke(client: AdminClient, rights: Iterable[AclBinding]) -> None:
    for right in rights:
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


def _principal(name: str) -> str:
    return f"User:{name}"


def _of_user(user: Document) -> Iterator[AclBinding]:
    topics = sorted({*user["publishesTo"], *user["consumesFrom"]})
    yield from _on(user, ResourceType.TOPIC, topics, AclOperation.DESCRIBE)
    yield from _on(user, ResourceType.TOPIC, user["publishesTo"], AclOperation.WRITE)
    yield from _on(user, ResourceType.TOPIC, user["consumesFrom"], AclOperation.READ)
    yield from _on(user, ResourceType.GROUP, user["groups"], AclOperation.READ)


def _on(user: Document, kind: ResourceType, names: Iterable[str], operation: AclOperation) -> Iterator[AclBinding]:
    for name in names:
        yield AclBinding(
            kind, name, ResourcePatternType.LITERAL, _principal(user["name"]), "*", operation, AclPermissionType.ALLOW
        )
