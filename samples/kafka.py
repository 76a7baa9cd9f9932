"""Kafka for the samples: a publisher that waits for the confirmation, and a consumer that comes back.

A record is committed once it has been handled or set aside, so that none is lost, and one may come twice.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import confluent_kafka
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from samples.broker import PATIENCE, BrokerDownError, Handler, Message
from samples.environment import Consumption, Publication

ATTEMPTS = 5
"""How often a record is handed over before it counts as one that cannot be handled."""
_SESSION = 10
_POLL = 0.2

log = logging.getLogger(__name__)
_client = logging.getLogger(f"{__name__}.client")
_client.setLevel(logging.CRITICAL)  # what it says in many lines, this module says in one

Headers = list[tuple[str, str | bytes | None]]


class Publisher:
    """Publishes with the confirmation of all replicas. Safe to use from several threads."""

    def __init__(self, url: str) -> None:
        self._settings = _settings(url)
        self._lock = threading.Lock()
        self._producer: confluent_kafka.Producer | None = None
        self._trouble = _Trouble()

    def publish(self, publication: Publication, message: Message) -> None:
        """Publishes `message`. Raises BrokerDownError where it was not confirmed; it may have arrived all the same."""
        headers: Headers = [("message_id", message.message_id), ("event", message.event)]
        self.write(publication.topic, message.key or message.message_id, message.body, headers)

    def write(self, topic: str, key: str, body: bytes, headers: Headers) -> None:
        """Writes one record. Raises BrokerDownError where it was not confirmed."""
        outcome: list[KafkaError | None] = []
        with self._lock:
            producer = self._alive()
            try:
                producer.produce(topic, body, key, headers=headers, on_delivery=lambda error, _: outcome.append(error))
                producer.flush(PATIENCE + 1)
            except (KafkaException, BufferError) as error:
                self._producer = None
                raise BrokerDownError(self._trouble.explain(error)) from None
            if not outcome or outcome[0] is not None:
                # What it may still hold back must not go out later: its writer has been told that it did not.
                producer.purge()
                self._producer = None
                raise BrokerDownError(self._trouble.explain(outcome[0] if outcome else None))

    def check(self) -> None:
        """Raises BrokerDownError where the broker does not answer."""
        with self._lock:
            try:
                self._alive().list_topics(timeout=PATIENCE)
            except KafkaException as error:
                raise BrokerDownError(self._trouble.explain(error)) from None

    def close(self) -> None:
        """Ends the connection."""
        with self._lock:
            self._producer = None

    def _alive(self) -> confluent_kafka.Producer:
        if self._producer is None:
            more = {"enable.idempotence": True, "message.timeout.ms": PATIENCE * 1000, "error_cb": self._trouble.note}
            self._producer = confluent_kafka.Producer({**self._settings, **more}, logger=_client)
        return self._producer


class Consumer:
    """Hands each record of some topics to its handler, each group in a thread of its own."""

    def __init__(self, url: str, handlers: Mapping[Consumption, Handler]) -> None:
        dead_letters = Publisher(url)
        self._readers = [_Reader(url, item, handler, dead_letters) for item, handler in handlers.items()]

    def start(self) -> None:
        """Begins to consume."""
        for reader in self._readers:
            reader.start()

    def stop(self) -> None:
        """Stops after the records in hand."""
        for reader in self._readers:
            reader.stopping.set()
        for reader in self._readers:
            reader.join(timeout=PATIENCE)

    def check(self) -> None:
        """Raises BrokerDownError while a topic is not being consumed."""
        for reader in self._readers:
            if reader.problem is not None:
                raise BrokerDownError(reader.problem)


class _Reader(threading.Thread):
    """Reads one topic for one group."""

    def __init__(self, url: str, item: Consumption, handler: Handler, dead_letters: Publisher) -> None:
        super().__init__(name=f"consumer of {item.queue}", daemon=True)
        self.stopping = threading.Event()
        self.problem: str | None = "not connected yet"
        self._item = item
        self._handler = handler
        self._dead_letters = dead_letters
        self._attempts: dict[tuple[int, int], int] = {}
        self._trouble = _Trouble()
        self._settings = {
            **_settings(url),
            "group.id": item.queue,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "session.timeout.ms": _SESSION * 1000,
            "error_cb": self._trouble.note,
        }

    def run(self) -> None:
        """Reads, and begins anew after whatever went wrong, until it is stopped."""
        pause = _POLL
        while not self.stopping.is_set():
            try:
                self._consume()
            except (KafkaException, BrokerDownError) as error:
                pause = _POLL if self.problem is None else min(pause * 2, PATIENCE)
                self.problem = self._trouble.explain(error)
                log.warning("not consuming %s: %s", self._item.topic, self.problem)
                self.stopping.wait(pause)

    def _consume(self) -> None:
        consumer = confluent_kafka.Consumer(self._settings, logger=_client)
        try:
            consumer.subscribe([self._item.topic], on_assign=self._assigned)
            while not self.stopping.is_set():
                record = consumer.poll(_POLL)
                if record is None:
                    self._look(consumer)
                elif error := record.error():
                    raise KafkaException(error)
                else:
                    self._settle(consumer, record)
        finally:
            consumer.close()

    def _assigned(self, _consumer: object, _partitions: object) -> None:
        self.problem = None
        log.info("consuming %s as %s", self._item.topic, self._item.queue)

    def _look(self, consumer: confluent_kafka.Consumer) -> None:
        """Tells, while nothing comes, a topic without news from a broker that is gone."""
        if self._trouble.words:
            self.problem = self._trouble.words
            consumer.list_topics(self._item.topic, timeout=PATIENCE)
            self._trouble.words = ""
            self.problem = None

    def _settle(self, consumer: confluent_kafka.Consumer, record: confluent_kafka.Message) -> None:
        message = _message(record)
        try:
            self._handler(message)
        except ValueError as error:
            self._set_aside(record, message, str(error))
        except Exception as error:
            if self._again(record):
                log.exception("%s: message %s failed and comes again", self._item.queue, message.message_id or "?")
                consumer.seek(TopicPartition(record.topic() or "", record.partition() or 0, record.offset() or 0))
                self.stopping.wait(_POLL)
                return
            self._set_aside(record, message, f"it failed {ATTEMPTS} times: {type(error).__name__}")
        self._attempts.pop(_place(record), None)
        consumer.commit(message=record, asynchronous=False)

    def _again(self, record: confluent_kafka.Message) -> bool:
        """Whether a record that failed is to come once more."""
        failures = self._attempts.get(_place(record), 0) + 1
        self._attempts[_place(record)] = failures
        return failures < ATTEMPTS

    def _set_aside(self, record: confluent_kafka.Message, message: Message, reason: str) -> None:
        log.warning(
            "%s: message %s cannot be handled and is set aside: %s", self._item.queue, message.message_id or "?", reason
        )
        headers = [*_headers(record), ("reason", reason)]
        self._dead_letters.write(self._item.dead_letter_queue, message.key, message.body, headers)


class _Trouble:
    """What the client last said about its connection: errors of single operations often say no more than that they ended."""

    def __init__(self) -> None:
        self.words = ""

    def note(self, error: KafkaError) -> None:
        """Keeps what a broker, or the lack of one, has to say."""
        if error.code() != KafkaError._ALL_BROKERS_DOWN or not self.words:  # noqa: SLF001 - so the library names its own
            self.words = error.str()

    def explain(self, error: BaseException | KafkaError | None) -> str:
        """One line of what is wrong, in the broker's own words where it has said something; no credentials."""
        cause = error.args[0] if isinstance(error, KafkaException) and error.args else error
        passing = not isinstance(cause, KafkaError) or cause.code() < 0  # the client's own, not the broker's
        said = cause.str() if isinstance(cause, KafkaError) else str(cause or "")
        return (passing and self.words) or said or "the broker does not confirm"


def _settings(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "bootstrap.servers": f"{parts.hostname}:{parts.port}",
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": unquote(parts.username or ""),
        "sasl.password": unquote(parts.password or ""),
        "socket.connection.setup.timeout.ms": PATIENCE * 1000,
        "reconnect.backoff.max.ms": 1000,
    }


def _message(record: confluent_kafka.Message) -> Message:
    headers = {name: _bytes(value).decode(errors="replace") for name, value in _headers(record)}
    return Message(
        message_id=headers.get("message_id", ""),
        event=headers.get("event", ""),
        body=_bytes(record.value()),
        key=_bytes(record.key()).decode(errors="replace"),
    )


def _headers(record: confluent_kafka.Message) -> Headers:
    found = record.headers() or []
    return list(found.items()) if isinstance(found, dict) else found


def _bytes(value: str | bytes | None) -> bytes:
    return value.encode() if isinstance(value, str) else value or b""


def _place(record: confluent_kafka.Message) -> tuple[int, int]:
    return record.partition() or 0, record.offset() or 0
