from __future__ import annotations

import json

import pytest

from samples.authorisation import Operation
from samples.environment import Consumption, Context, MisconfiguredError, Publication, read

ONE = {
    "PLAT_DEPLOYABLE": "order-processing",
    "PLAT_CONTEXT": "order-processing",
    "PLAT_CONTEXTS": "order-processing",
    "HOST": "127.0.0.1",
    "PORT": "25000",
    "DATABASE_URL": "postgresql://order_processing:db-secret@127.0.0.1:1/order_processing",
    "POSTGRESQL_URL": "postgresql://order_processing:db-secret@127.0.0.1:1/order_processing",
    "POSTGRESQL_PASSWORD": "db-secret",
    "BROKER_URL": "amqp://order-processing:mq%2Fsecret@127.0.0.1:2/order-processing",
    "USER_MANAGEMENT_URL": "http://order-processing:token@127.0.0.1:3",
    "PLAT_PUBLISHES": '{"order-processing.OrderPlaced": {"exchange": "order-processing.events", "routing_key": "x.v1"}}',
    "PLAT_SURFACE": '{"PlaceOrder": {"public": true, "callers": []}, "Cancel": {"public": false, "callers": ["billing"]}}',
    "PLAT_CALLERS": '{"billing": "ABCDEF"}',
}
SEVERAL = {
    "PLAT_CONTEXTS": "pricing,tracking",
    "PRICING_POSTGRESQL_URL": "postgresql://pricing@127.0.0.1:1/pricing",
    "TRACKING_BROKER_URL": "amqp://tracking@127.0.0.1:2/parcel-shipping",
    "PRICING_BROKER_URL": "amqp://pricing@127.0.0.1:2/parcel-shipping",
    "TRACKING_MAPS_URL": "http://tracking:t@127.0.0.1:3",
    "PLAT_CONSUMES": json.dumps(
        {
            "tracking.a.A.v1": {"event": "a.A", "context": "tracking", "dead_letter_queue": "d1"},
            "pricing.a.A.v1": {"event": "a.A", "context": "pricing", "dead_letter_queue": "d2"},
        }
    ),
}


def test_a_deployable_of_one_context_reads_plain_names() -> None:
    environment = read(ONE)

    assert environment.only == Context("order-processing", {"postgresql": ONE["POSTGRESQL_URL"]}, ONE["BROKER_URL"])
    assert (environment.host, environment.port) == ("127.0.0.1", 25000)
    assert environment.publishes == {"order-processing.OrderPlaced": Publication("order-processing.events", "x.v1")}
    assert environment.surface.operations == {
        "PlaceOrder": Operation(public=True),
        "Cancel": Operation(callers=frozenset({"billing"})),
    }
    assert environment.surface.tokens == {"billing": "abcdef"}
    assert environment.upstream("user-management") == ONE["USER_MANAGEMENT_URL"]


def test_a_deployable_of_several_contexts_reads_names_that_begin_with_the_context() -> None:
    environment = read(SEVERAL)

    assert environment.contexts == (
        Context("pricing", {"postgresql": SEVERAL["PRICING_POSTGRESQL_URL"]}, SEVERAL["PRICING_BROKER_URL"]),
        Context("tracking", {}, SEVERAL["TRACKING_BROKER_URL"]),
    )
    assert environment.upstream("maps") == SEVERAL["TRACKING_MAPS_URL"]


def test_two_contexts_of_one_deployable_may_read_the_same_event_each_from_its_own_queue() -> None:
    assert read(SEVERAL).consumes == [
        Consumption("a.A", "tracking", "tracking.a.A.v1", "d1"),
        Consumption("a.A", "pricing", "pricing.a.A.v1", "d2"),
    ]


def test_a_deployable_without_any_variable_is_one_that_does_nothing() -> None:
    environment = read({})

    assert (environment.port, environment.contexts, environment.publishes, environment.consumes) == (None, (), {}, [])


BROKEN = {
    "a port that is no number": ({"PORT": "http"}, "PORT is not a port number (1 to 65535)"),
    "a port beyond the last": ({"PORT": "65536"}, "PORT is not a port number (1 to 65535)"),
    "a port in other digits": ({"PORT": "٨٠"}, "PORT is not a port number (1 to 65535)"),
    "text that is not JSON": ({"PLAT_SURFACE": "{"}, "PLAT_SURFACE is not JSON"),
    "a list for an object": ({"PLAT_PUBLISHES": "[]"}, "PLAT_PUBLISHES is not a JSON object of objects"),
    "a number for a digest": ({"PLAT_CALLERS": '{"a": 1}'}, "PLAT_CALLERS is not a JSON object of strings"),
    "an event without its exchange": ({"PLAT_PUBLISHES": '{"a.A": {}}'}, "PLAT_PUBLISHES: an entry has no `exchange`"),
    "a queue without its event": ({"PLAT_CONSUMES": '{"a.A": {}}'}, "PLAT_CONSUMES: an entry has no `event`"),
}


@pytest.mark.parametrize(("variables", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_a_malformed_variable_is_named(variables: dict[str, str], message: str) -> None:
    with pytest.raises(MisconfiguredError) as caught:
        read(variables)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda environment: environment.only,
            "sample carries 2 contexts in PLAT_CONTEXTS, and this sample serves exactly one",
        ),
        (lambda environment: environment.broker_url("maps"), "sample has no BROKER_URL for the context maps"),
    ],
)
def test_what_is_missing_is_said_when_it_is_needed(ask: object, message: str) -> None:
    assert callable(ask)
    with pytest.raises(MisconfiguredError) as caught:
        ask(read(SEVERAL))

    assert str(caught.value) == message


def test_secrets_are_blotted_out_of_texts_and_left_out_of_the_repr() -> None:
    environment = read(ONE)
    text = "db-secret mq/secret mq%2Fsecret token order_processing"

    assert environment.redact(text) == "*** *** *** *** order_processing"
    assert not [secret for secret in ("db-secret", "mq%2Fsecret", "token@", "abcdef") if secret in repr(environment)]
