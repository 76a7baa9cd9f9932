"""What a service does about a record, and whom it speaks with, without a broker."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from samples import broker, kafka, rabbitmq
from samples.broker import Handler, Message
from samples.environment import Consumption, MisconfiguredError, Publication, read
from samples.kafka import ATTEMPTS, Headers, _Reader, _Trouble

URL = "kafka://billing:s%20cret@127.0.0.1:9"
ITEM = Consumption("shipping.ParcelBooked", "billing", "invoices", "invoices.dead", "parcels.shipping.ParcelBooked.v1")
VARIABLES = {
    "PLAT_CONTEXTS": "billing",
    "BROKER_URL": URL,
    "PLAT_PUBLISHES": json.dumps({"billing.InvoiceSent": {"topic": "parcels.billing.InvoiceSent.v1"}}),
    "PLAT_CONSUMES": json.dumps(
        {"invoices": {"event": ITEM.event, "context": "billing", "topic": ITEM.topic, "dead_letter_topic": "invoices.dead"}}
    ),
}


@dataclass
class Record:
    """As much of a record as is asked for."""

    place: int = 7

    def topic(self) -> str:
        return ITEM.topic

    def partition(self) -> int:
        return 2

    def offset(self) -> int:
        return self.place

    def key(self) -> bytes:
        return b"parcel-7"

    def value(self) -> bytes:
        return b'{"parcel": 7}'

    def headers(self) -> list[tuple[str, bytes]]:
        return [("message_id", b"m-1"), ("event", b"ParcelBooked")]


@dataclass
class FakeConsumer:
    """Remembers what was committed, and where it was sent back to."""

    committed: list[int] = field(default_factory=list)
    sought: list[int] = field(default_factory=list)

    def commit(self, *, message: Record, asynchronous: bool) -> None:
        assert not asynchronous
        self.committed.append(message.offset())

    def seek(self, place: Any) -> None:  # noqa: ANN401 - the client's own
        self.sought.append(place.offset)


@dataclass
class DeadLetters:
    """Takes what is set aside."""

    taken: list[tuple[str, str, bytes, Headers]] = field(default_factory=list)

    def write(self, topic: str, key: str, body: bytes, headers: Headers) -> None:
        self.taken.append((topic, key, body, headers))


def settle(handler: Handler, times: int = 1) -> tuple[FakeConsumer, DeadLetters]:
    consumer, dead = FakeConsumer(), DeadLetters()
    reader = _Reader(URL, ITEM, handler, dead)  # type: ignore[arg-type] # it writes, and does no more
    reader.stopping.set()  # nobody waits between attempts
    for _ in range(times):
        reader._settle(consumer, Record())  # type: ignore[arg-type] # see above
    return consumer, dead


def test_a_record_is_handed_over_with_its_id_event_and_key_and_then_committed() -> None:
    taken: list[Message] = []
    consumer, dead = settle(taken.append)
    assert taken == [Message("m-1", "ParcelBooked", b'{"parcel": 7}', "parcel-7")]
    assert (consumer.committed, consumer.sought, dead.taken) == ([7], [], [])


def test_what_can_never_be_handled_is_set_aside_with_the_reason_and_then_committed() -> None:
    def refuse(_: Message) -> None:
        msg = "no parcel"
        raise ValueError(msg)

    consumer, dead = settle(refuse)
    ((topic, key, body, headers),) = dead.taken
    assert (topic, key, body, dict(headers)["reason"]) == ("invoices.dead", "parcel-7", b'{"parcel": 7}', "no parcel")
    assert dict(headers)["message_id"] == b"m-1"
    assert (consumer.committed, consumer.sought) == ([7], [])


def fail(_: Message) -> None:
    msg = "the database is down"
    raise RuntimeError(msg)


def test_what_fails_comes_again_and_is_not_committed() -> None:
    consumer, dead = settle(fail, ATTEMPTS - 1)
    assert (consumer.committed, consumer.sought, dead.taken) == ([], [7] * (ATTEMPTS - 1), [])


def test_what_fails_too_often_is_set_aside() -> None:
    consumer, dead = settle(fail, ATTEMPTS)
    assert (consumer.committed, len(dead.taken)) == ([7], 1)
    assert dict(dead.taken[0][3])["reason"] == f"it failed {ATTEMPTS} times: RuntimeError"


def test_topics_and_groups_are_read_from_the_variables() -> None:
    environment = read(VARIABLES)
    assert environment.publishes == {"billing.InvoiceSent": Publication(topic="parcels.billing.InvoiceSent.v1")}
    assert environment.consumes == [ITEM]


@pytest.mark.parametrize(
    ("url", "module"), [(URL, kafka), ("amqp://a:b@127.0.0.1:9/x", rabbitmq), ("amqps://a:b@127.0.0.1:9/x", rabbitmq)]
)
def test_the_address_says_which_broker_it_is(url: str, module: Any) -> None:  # noqa: ANN401 - a module
    assert isinstance(broker.publisher(url), module.Publisher)
    assert isinstance(broker.consumer(url, {ITEM: fail}), module.Consumer)


def test_another_broker_is_refused_without_its_address() -> None:
    with pytest.raises(MisconfiguredError, match="names neither RabbitMQ"):
        broker.publisher("nats://a:secret@127.0.0.1:9")


def test_a_password_is_taken_out_of_its_escapes() -> None:
    assert kafka._settings(URL)["sasl.password"] == "s cret"


def test_what_is_wrong_is_told_in_the_brokers_own_words_if_it_has_any() -> None:
    trouble = _Trouble()
    refused, timed_out = KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED), KafkaError(KafkaError._TIMED_OUT)
    assert "imed out" in trouble.explain(KafkaException(timed_out))
    trouble.note(KafkaError(KafkaError._TRANSPORT, "connection refused"))
    trouble.note(KafkaError(KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down"))
    assert trouble.explain(KafkaException(timed_out)) == "connection refused"
    assert "authorization failed" in trouble.explain(KafkaException(refused))
    assert _Trouble().explain(None) == "the broker does not confirm"
