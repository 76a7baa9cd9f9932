"""The parts of the sample services that need no server."""

from __future__ import annotations

import json
import logging
from decimal import Decimal

import pytest
from pika.exceptions import AMQPConnectionError, ChannelClosedByBroker, ProbableAuthenticationError

from samples import generic, notification, order_processing, user_management
from samples.broker import Message
from samples.environment import MisconfiguredError, read
from samples.notification import Notifier
from samples.order_processing import order_of
from samples.orders import NewOrder
from samples.rabbitmq import explain
from samples.web import Application, Request

PLACED = Message("m-1", "OrderPlaced", json.dumps({"order_data": {"user_id": "42", "order_id": "o-1"}}).encode())


def test_an_order_is_told_once_however_often_its_message_comes(caplog: pytest.LogCaptureFixture) -> None:
    notifier = Notifier()
    with caplog.at_level(logging.INFO):
        notifier.handle(PLACED)
        notifier.handle(PLACED)

    assert caplog.messages == [
        "notified user 42 of order o-1 (message m-1)",
        "message m-1 came again and is passed over",
    ]


def test_only_the_latest_messages_are_remembered(caplog: pytest.LogCaptureFixture) -> None:
    notifier = Notifier(remembered=1)
    with caplog.at_level(logging.INFO):
        for message_id in ("m-1", "m-2", "m-1"):
            notifier.handle(Message(message_id, PLACED.event, PLACED.body))

    assert len([text for text in caplog.messages if text.startswith("notified")]) == 3


def test_a_notification_writes_one_line_whatever_a_message_holds(caplog: pytest.LogCaptureFixture) -> None:
    body = json.dumps({"order_data": {"user_id": "42\n2026 ERROR forged", "order_id": "o-1"}}).encode()
    with caplog.at_level(logging.INFO):
        Notifier().handle(Message("m-1", "OrderPlaced", body))

    assert caplog.messages == ["notified user 42?2026 ERROR forged of order o-1 (message m-1)"]


@pytest.mark.parametrize(
    "message",
    [
        Message("m-1", "OrderPlaced", b"no JSON"),
        Message("m-1", "OrderPlaced", b"[]"),
        Message("m-1", "OrderPlaced", b'{"order_data": {}}'),
        Message("", "OrderPlaced", PLACED.body),
    ],
)
def test_a_message_that_is_not_as_agreed_can_never_be_handled(message: Message) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Notifier().handle(message)


def test_an_order_is_read_without_rounding() -> None:
    request = Request("POST", "orders", body=b'{"user_id": 42, "order_items": ["tea"], "total_amount": 0.1}')

    assert order_of(request) == NewOrder("42", ["tea"], Decimal("0.1"))


def test_the_broker_is_quoted_in_its_own_words() -> None:
    refused = "ConnectionClosedByBroker: (403) 'ACCESS_REFUSED - Login was refused'"

    assert explain(ProbableAuthenticationError(refused)) == "ACCESS_REFUSED - Login was refused"
    assert explain(ChannelClosedByBroker(404, "NOT_FOUND - no queue")) == "NOT_FOUND - no queue"
    assert explain(AMQPConnectionError(ConnectionRefusedError(111, "Connection refused"))) == "[Errno 111] Connection refused"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (notification.make, "PLAT_CONSUMES is empty: this sample consumes an OrderPlaced"),
        (order_processing.make, "PLAT_PUBLISHES has no sales.OrderPlaced: this sample publishes it"),
        (user_management.make, "REDIS_URL is not set: this sample keeps its data in a datastore of type redis"),
    ],
)
def test_a_service_says_what_its_descriptor_lacks(make: object, message: str) -> None:
    assert callable(make)
    with pytest.raises(MisconfiguredError) as caught:
        make(read({"PLAT_CONTEXTS": "sales"}))

    assert str(caught.value) == message


def test_a_generic_service_serves_what_is_declared_and_nothing_else() -> None:
    environment = read(
        {
            "PLAT_CONTEXTS": "pricing",
            "PLAT_DEPLOYABLE": "pricing-api",
            "PLAT_SURFACE": '{"GetRate": {"public": true}}',
        }
    )
    service = generic.make(environment)
    application = Application(environment.surface, service.routes, service.checks)
    answers = {
        name: application.answer(Request("GET", name)).status
        for name in ("GetRate", "SetRate", "publish", "received", "ready")
    }

    assert answers == {"GetRate": 200, "SetRate": 404, "publish": 404, "received": 200, "ready": 200}


def test_a_generic_service_waits_for_each_of_its_stores_and_events() -> None:
    consumes = {"pricing.sales.OrderPlaced.v1": {"event": "sales.OrderPlaced", "context": "pricing", "dead_letter_queue": "d"}}
    publishes = {"pricing.RateSet": {"exchange": "pricing.events", "routing_key": "RateSet.v1"}}
    service = generic.make(
        read(
            {
                "PLAT_CONTEXTS": "pricing",
                "POSTGRESQL_URL": "postgresql://pricing@127.0.0.1:1/pricing",
                "MONGODB_URL": "mongodb://127.0.0.1:1/pricing",
                "MYSQL_URL": "mysql://127.0.0.1:1",
                "REDIS_URL": "redis://127.0.0.1:1",
                "BROKER_URL": "amqp://pricing@127.0.0.1:2/x",
                "PLAT_CONSUMES": json.dumps(consumes),
                "PLAT_PUBLISHES": json.dumps(publishes),
            }
        )
    )

    assert sorted(service.checks) == ["broker (pricing)", "consumer (pricing)", "mongodb", "mysql", "postgresql", "redis"]
    for kind in ("mysql", "postgresql", "redis"):
        with pytest.raises(Exception, match="refused"):
            service.checks[kind]()
