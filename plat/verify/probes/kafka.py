"""Tries rights at a Kafka broker without leaving anything behind.

Each attempt is one that the broker judges for the right first, and refuses for something else where the right is there: a
record from the far future (INVALID_TIMESTAMP: `log.message.timestamp.after.max.ms` is an hour by default), a commit for a
partition that there is not (UNKNOWN_TOPIC_OR_PARTITION), the removal of rights and users that nobody has. So nobody reads
a record that no publisher wrote, no consumer loses its place, and no group is rebalanced. What changes topics is only
validated, and records are deleted up to the first one there is.
"""

from __future__ import annotations

import logging
import re
import socket
import struct
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import (
    OFFSET_END,
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramMechanism,
    UserScramCredentialDeletion,
)

from plat.plan.model import SecretRef
from plat.verify.model import AtKafka, Cell, Door, Key, Outcome
from plat.verify.probes.base import PATIENCE, NoAnswerError, let_in, refused, try_keys, unclear

_REFUSALS = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
}
# Refused for something else than a missing right: see above.
_LET_IN_BUT = {
    "produce": KafkaError.INVALID_TIMESTAMP,
    "commit": KafkaError.UNKNOWN_TOPIC_OR_PART,
    "change-users": KafkaError.RESOURCE_NOT_FOUND,
}
_NOTHING = "-"
"""The password of who holds none: the client insists on one."""

_WHEN = re.compile(r" \(after \d+ms in state \w+\)")
_FAR_FUTURE = 32_503_680_000_000
"""In milliseconds: the year 3000."""

_NO_SUCH_PARTITION = 1_000_000
_WHO_IS_THERE = struct.pack(">hhih4sB?B", 60, 0, 1, 4, b"plat", 0, False, 0)  # noqa: FBT003 - a field of the request
"""DescribeCluster of version 0, which brokers and controllers answer alike (KIP-700, KIP-919)."""

_QUIET = logging.getLogger(__name__)
_QUIET.setLevel(logging.CRITICAL + 1)  # the client logs each refusal, and here it is what was asked for

_Login = Mapping[str, Any]


class Session:
    """One principal's clients of one broker, one per key."""

    def __init__(self, secrets: Mapping[SecretRef, str]) -> None:
        self._secrets = secrets
        self._clients: dict[tuple[Key, bool], AdminClient | Outcome] = {}

    def try_cell(self, cell: Cell, action: AtKafka) -> Outcome:
        """The outcome of `cell`. Raises NoAnswerError where the broker is not there."""

        def attempt(key: Key) -> Outcome:
            if action.attempt != "come-in":
                return self._attempt(cell.door, action, key, plain=False)
            named = Key(action.name if key.user else None, key.secret, key.well_known)
            # A server may know its administrator by its own file, or as it knows everybody: whichever way opens counts.
            outcomes = [self._attempt(cell.door, action, named, plain=plain) for plain in (True, False)]
            return next((outcome for outcome in outcomes if outcome.allowed is not False), outcomes[0])

        return try_keys(cell, attempt)

    def _attempt(self, door: Door, action: AtKafka, key: Key, *, plain: bool) -> Outcome:
        client = self._client(door, key, plain=plain)
        if isinstance(client, Outcome):
            return client
        login = _login(door, str(key.user), key.password(self._secrets) or _NOTHING, plain=plain)
        return _judge(action, str(key.user), _error(client, action, login))

    def close(self) -> None:
        """Ends all connections."""
        self._clients.clear()

    def _client(self, door: Door, key: Key, *, plain: bool) -> AdminClient | Outcome:
        known = self._clients.get((key, plain))
        if known is None:
            if key.user is None:
                known = nameless(door.host, door.port)
            else:
                known = _connect(_login(door, key.user, key.password(self._secrets) or _NOTHING, plain=plain))
            self._clients[key, plain] = known
        return known


def _login(door: Door, user: str, password: str, *, plain: bool) -> _Login:
    return {
        "bootstrap.servers": f"{door.host}:{door.port}",
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN" if plain else "SCRAM-SHA-512",
        "sasl.username": user,
        "sasl.password": password,
        "socket.timeout.ms": PATIENCE * 1000,
    }


def nameless(host: str, port: int) -> Outcome:
    """Asks who is there without logging in; who wants a name hangs up. Raises NoAnswerError."""
    try:
        with socket.create_connection((host, port), timeout=PATIENCE) as connection:
            connection.sendall(struct.pack(">i", len(_WHO_IS_THERE)) + _WHO_IS_THERE)
            answer = connection.recv(1)
    except ConnectionResetError:
        answer = b""
    except OSError as error:
        raise NoAnswerError(str(error)) from None
    return let_in("anybody may ask who is there") if answer else refused("the broker hangs up on who does not log in")


def _connect(login: _Login) -> AdminClient | Outcome:
    said: list[KafkaError] = []
    settings: dict[str, Any] = {**login, "error_cb": said.append}
    client = AdminClient(settings, logger=_QUIET)
    asked: Future[object] = client.describe_cluster(request_timeout=PATIENCE)
    give_up = time.monotonic() + PATIENCE + 1
    while not asked.done() and time.monotonic() < give_up:
        client.poll(0.05)
        for error in said:
            if error.code() == KafkaError._AUTHENTICATION:  # noqa: SLF001 - so the library names its own errors
                return refused(_WHEN.sub("", error.str()).rpartition(": ")[2])
    if asked.done() and asked.exception() is None:
        return client
    raise NoAnswerError(said[0].str() if said else f"nothing within {PATIENCE} s")


def _judge(action: AtKafka, user: str, error: KafkaError | None) -> Outcome:
    words = f"{user} may {action.attempt} {action.name}"
    if error is None or error.code() == _LET_IN_BUT.get(action.attempt):
        return let_in(words)
    if error.code() in _REFUSALS:
        return refused(f"{error.name()} `{action.name}`")
    return unclear(f"{error.name()}: {error.str()}")


def _error(client: AdminClient, action: AtKafka, login: _Login) -> KafkaError | None:
    """What the broker has against the attempt; None for nothing at all."""
    try:
        return _ATTEMPTS[action.attempt](client, action, login)
    except KafkaException as error:
        found: KafkaError = error.args[0]
        return found


def _produce(_client: AdminClient, action: AtKafka, login: _Login) -> KafkaError | None:
    outcome: list[KafkaError | None] = []
    producer = Producer({**login, "message.timeout.ms": PATIENCE * 1000}, logger=_QUIET)
    producer.produce(action.name, b"", timestamp=_FAR_FUTURE, on_delivery=lambda error, _: outcome.append(error))
    producer.flush(PATIENCE + 1)
    return outcome[0] if outcome else KafkaError(KafkaError._TIMED_OUT)  # noqa: SLF001 - so the library names its own errors


def _read(client: AdminClient, action: AtKafka, login: _Login) -> KafkaError | None:
    """Reads on from the end, by no group, until it is there."""
    _describe(client, action, login)
    consumer = Consumer(
        {**login, "group.id": "plat-verify", "enable.auto.commit": False, "enable.partition.eof": True}, logger=_QUIET
    )
    try:
        consumer.assign([TopicPartition(action.name, 0, OFFSET_END)])
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            record = consumer.poll(0.1)
            error = record.error() if record else None
            # The group is nobody's, which the client finds out too, and does not matter to who uses none.
            if record and (error is None or error.code() != KafkaError.GROUP_AUTHORIZATION_FAILED):
                at_end = error is None or error.code() == KafkaError._PARTITION_EOF  # noqa: SLF001 - as above
                return None if at_end else error
    finally:
        consumer.close()
    return KafkaError(KafkaError._TIMED_OUT)  # noqa: SLF001 - as above


def _describe(client: AdminClient, action: AtKafka, _login: _Login) -> KafkaError | None:
    _all(client.describe_topics(TopicCollection([action.name]), request_timeout=PATIENCE))
    return None


def _commit(client: AdminClient, action: AtKafka, _login: _Login) -> KafkaError | None:
    place = TopicPartition(action.topic, _NO_SUCH_PARTITION, 0)
    offsets = [ConsumerGroupTopicPartitions(action.name, [place])]
    (group,) = _all(client.alter_consumer_group_offsets(offsets, request_timeout=PATIENCE))
    return next((partition.error for partition in group.topic_partitions), None)


def _alter(client: AdminClient, action: AtKafka, _login: _Login) -> KafkaError | None:
    entry = ConfigEntry("retention.ms", "1", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ConfigResource.Type.TOPIC, action.name, incremental_configs=[entry])
    _all(client.incremental_alter_configs([resource], validate_only=True, request_timeout=PATIENCE))
    return None


def _delete_records(client: AdminClient, action: AtKafka, login: _Login) -> KafkaError | None:
    # Who does not see the topic does not find out where to ask.
    _describe(client, action, login)
    _all(client.delete_records([TopicPartition(action.name, 0, 0)], request_timeout=PATIENCE))
    return None


def _create_topic(client: AdminClient, action: AtKafka, _login: _Login) -> KafkaError | None:
    _all(client.create_topics([NewTopic(action.name, 1, 1)], validate_only=True, request_timeout=PATIENCE))
    return None


def _change_rights(client: AdminClient, action: AtKafka, _login: _Login) -> KafkaError | None:
    nobodys = AclBindingFilter(
        ResourceType.TOPIC,
        action.name,
        ResourcePatternType.LITERAL,
        f"User:{action.name}",
        "*",
        AclOperation.ALL,
        AclPermissionType.ALLOW,
    )
    _all(client.delete_acls([nobodys], request_timeout=PATIENCE))
    return None


def _change_users(client: AdminClient, action: AtKafka, _login: _Login) -> KafkaError | None:
    nobody = UserScramCredentialDeletion(action.name, ScramMechanism.SCRAM_SHA_512)
    _all(client.alter_user_scram_credentials([nobody], request_timeout=PATIENCE))
    return None


def _settings(client: AdminClient, _action: AtKafka, _login: _Login) -> KafkaError | None:
    _all(client.describe_configs([ConfigResource(ConfigResource.Type.BROKER, "1")], request_timeout=PATIENCE))
    return None


def _come_in(_client: AdminClient, _action: AtKafka, _login: _Login) -> KafkaError | None:
    return None


def _all(futures: Mapping[Any, Future[Any]]) -> list[Any]:
    return [future.result(PATIENCE + 1) for future in futures.values()]


_ATTEMPTS: Mapping[str, Callable[[AdminClient, AtKafka, _Login], KafkaError | None]] = {
    "alter": _alter,
    "change-rights": _change_rights,
    "change-users": _change_users,
    "come-in": _come_in,
    "commit": _commit,
    "create-topic": _create_topic,
    "delete-records": _delete_records,
    "describe": _describe,
    "produce": _produce,
    "read": _read,
    "settings": _settings,
}
