"""Names: legal on every target, and never one for two things."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plat import names

LABELS = st.from_regex(re.compile(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,5}){0,3}", re.ASCII), fullmatch=True)
LONG_LABELS = st.from_regex(re.compile(r"[a-z][a-z0-9]{10,60}", re.ASCII), fullmatch=True)
TEXTS = st.text(max_size=80)
PARTS = st.lists(LABELS | LONG_LABELS | TEXTS, min_size=1, max_size=4).map(tuple)
EVENTS = st.from_regex(re.compile(r"[A-Z][A-Za-z0-9]{0,10}", re.ASCII), fullmatch=True)
VERSIONS = st.integers(1, 50)
DNS = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?", re.ASCII)


def test_labels_are_joined_and_stay_readable() -> None:
    assert names.resource_name("order-processing", "postgresql") == "order-processing--postgresql"


def test_a_name_alone_stays_as_it_is() -> None:
    assert names.resource_name("shipping") == "shipping"


def test_a_long_name_is_shortened_and_ends_in_a_hash() -> None:
    name = names.resource_name("a" * 40, "b" * 40)
    assert (len(name), name[:43], name[48:51]) == (63, "a" * 40 + "-bb", "---")


@given(PARTS, st.integers(20, 63))
def test_a_resource_name_is_a_dns_label_within_its_limit(parts: tuple[str, ...], limit: int) -> None:
    name = names.resource_name(*parts, limit=limit)
    assert DNS.fullmatch(name)
    assert len(name) <= limit


@given(PARTS, PARTS, st.integers(20, 63))
def test_two_things_never_get_one_resource_name(one: tuple[str, ...], other: tuple[str, ...], limit: int) -> None:
    same = names.resource_name(*one, limit=limit) == names.resource_name(*other, limit=limit)
    assert same == (one == other)


@given(st.lists(LABELS, min_size=2, max_size=5))
def test_where_a_name_is_cut_into_parts_makes_a_difference(labels: list[str]) -> None:
    joined = "-".join(labels)
    cuts = {("-".join(labels[:cut]), "-".join(labels[cut:])) for cut in range(1, len(labels))} | {(joined,)}
    assert len({names.resource_name(*cut) for cut in cuts}) == len(cuts)


def test_a_shortened_name_is_none_that_labels_can_have() -> None:
    shortened = names.resource_name("a" * 60, "b")
    assert not names.is_label(shortened)
    assert names.resource_name(shortened) != shortened


@pytest.mark.parametrize(("parts", "limit"), [((), 63), (("a",), 19)])
def test_a_name_needs_parts_and_room(parts: tuple[str, ...], limit: int) -> None:
    with pytest.raises(ValueError, match="name"):
        names.resource_name(*parts, limit=limit)


@given(LABELS | LONG_LABELS)
def test_an_sql_identifier_needs_no_quotes_and_leads_back_to_its_context(context: str) -> None:
    identifier = names.sql_identifier(context)
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,62}", identifier, re.ASCII)
    assert identifier.replace("_", "-") == context


@given(LABELS)
def test_a_prefix_of_variables_leads_back_to_its_context(context: str) -> None:
    assert names.env_prefix(context).lower().replace("_", "-") == context


@given(st.tuples(LABELS, LABELS, EVENTS, VERSIONS), st.tuples(LABELS, LABELS, EVENTS, VERSIONS))
def test_two_consumptions_never_get_one_queue(one: tuple[str, str, str, int], other: tuple[str, str, str, int]) -> None:
    queues = {names.queue_name(*one), names.queue_name(*other)}
    queues |= {names.dead_letter_queue(queue) for queue in set(queues)}
    assert len(queues) == (2 if one == other else 4)


@given(LABELS, LABELS, EVENTS, VERSIONS)
def test_names_at_the_broker_are_legal_there(consumer: str, producer: str, event: str, version: int) -> None:
    made = [
        names.queue_name(consumer, producer, event, version),
        names.exchange_name(producer),
        names.routing_key(event, version),
    ]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{1,249}", name, re.ASCII) for name in made)
    assert not any(
        name.startswith("amq.") for name in made if not producer.startswith("amq") and not consumer.startswith("amq")
    )


def test_names_at_the_broker() -> None:
    queue = names.queue_name("billing", "shipping", "ParcelBooked", 1)
    assert queue == "billing.shipping.ParcelBooked.v1"
    assert names.dead_letter_queue(queue) == "billing.shipping.ParcelBooked.v1.dead"
    assert names.exchange_name("shipping") == "shipping.events"
    assert names.routing_key("ParcelBooked", 2) == "ParcelBooked.v2"


@pytest.mark.parametrize("bad", ["", "A", "a_b", "a--b", "a.b", "a\n", "ä", "-a", "a-", "1a", "a" * 64])
def test_what_is_no_label_gets_no_name_inside_of_a_server(bad: str) -> None:
    assert not names.is_label(bad)
    for make in (names.sql_identifier, names.env_prefix, names.exchange_name):
        with pytest.raises(ValueError, match="label"):
            make(bad)


@pytest.mark.parametrize(("event", "version"), [("parcelBooked", 1), ("Parcel-Booked", 1), ("A\n", 1), ("A", 0)])
def test_what_is_no_event_gets_no_routing_key(event: str, version: int) -> None:
    with pytest.raises(ValueError, match=r"PascalCase|counts from 1"):
        names.routing_key(event, version)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("orders", "0rders"),
        ("billing", "bi11ing"),
        ("billing", "b1lling"),
        ("order-processing", "orderprocessing"),
        ("modern", "modem"),
        ("ParcelLost", "ParceILost"),
    ],
)
def test_names_that_look_alike_have_one_skeleton(one: str, other: str) -> None:
    assert names.skeleton(one) == names.skeleton(other)


@pytest.mark.parametrize(("one", "other"), [("orders", "order"), ("billing", "filling"), ("sales", "sale-s-x"), ("a1", "a2")])
def test_other_names_have_others(one: str, other: str) -> None:
    assert names.skeleton(one) != names.skeleton(other)
