"""What the contexts of the samples keep, on real stores: whatever comes twice, late or at the same time."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from samples.broker import BrokerDownError, Message
from samples.database import Database
from samples.e_commerce.billing import SCHEMA as LEDGER
from samples.e_commerce.billing import Ledger
from samples.e_commerce.shipments import InMongodb, InPostgresql, Shipments
from samples.outbox import SCHEMA as OUTBOX
from samples.outbox import Outbox, announce
from samples.parcel_shipping.billing import SCHEMA as INVOICES
from samples.parcel_shipping.billing import Invoices
from samples.parcel_shipping.tracking.projection import Journeys
from samples.parcel_shipping.tracking.tables import SCHEMA as JOURNEYS
from samples.web import Problem
from samples.workforce.scheduling import SCHEMA as SHIFTS
from samples.workforce.scheduling import Plan
from tests.integration.verify.servers import ADMIN_PASSWORD, Servers, free_ports, postgresql_admin
from tests.unit.samples.fakes import FakeUpstream, message, posted

Fresh = Callable[[str], Database]
PROJECTED = "SELECT parcel_id, state, place FROM journey"


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    made = Servers()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def postgresql(servers: Servers) -> int:
    (port,) = free_ports(1)
    servers.postgresql(port)
    return port


@pytest.fixture
def url(postgresql: int) -> str:
    """A database that nobody has used."""
    name = f"fresh_{uuid.uuid4().hex}"
    with postgresql_admin(postgresql) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
    return f"postgresql://postgres:{ADMIN_PASSWORD}@127.0.0.1:{postgresql}/{name}"


@pytest.fixture
def fresh(url: str) -> Fresh:
    return lambda schema: Database(url, schema)


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.transaction() as connection:
        return [tuple(row.values()) for row in connection.execute(query.encode()).fetchall()]


CUSTOMER = message("CustomerChanged", {"customer_id": "c-1", "revision": 2, "name": "Ada", "address": "2 New Street"}, "m-1")
PLACED = message("OrderPlaced", {"order_id": "o-1", "customer_id": "c-1", "total": "39.80"}, "m-2")
PREPARED = message("ShipmentPrepared", {"order_id": "o-1", "consignment_status": "PENDING"}, "m-3")


def take(ledger: Ledger, told: Message) -> None:
    handler = {"CustomerChanged": ledger.learn, "OrderPlaced": ledger.placed, "ShipmentPrepared": ledger.prepared}
    handler[told.event](told)


@pytest.mark.parametrize(
    "order", list(permutations((CUSTOMER, PLACED, PREPARED))), ids=lambda order: "-".join(told.event for told in order)
)
def test_an_order_is_invoiced_once_in_whatever_order_events_come_and_however_often(
    fresh: Fresh, order: tuple[Message, ...]
) -> None:
    database = fresh(LEDGER + OUTBOX)
    for told in (*order, *order):
        take(Ledger(database), told)

    assert rows(database, "SELECT order_id, total, name, address FROM invoice") == [
        ("o-1", Decimal("39.80"), "Ada", "2 New Street")
    ]
    ((event, key, payload, invoice),) = rows(database, "SELECT event, key, payload, invoice_id FROM outbox, invoice")
    assert (event, key) == ("InvoiceIssued", "o-1")
    assert payload == {"invoice_id": invoice, "order_id": "o-1", "total": "39.80"}


def test_an_invoice_waits_for_what_is_missing(fresh: Fresh) -> None:
    database = fresh(LEDGER + OUTBOX)
    for told in (PLACED, PREPARED):
        take(Ledger(database), told)

    assert rows(database, "SELECT invoice_id FROM invoice") == [(None,)]
    assert rows(database, "SELECT event FROM outbox") == []


def test_an_older_address_that_comes_late_changes_nothing(fresh: Fresh) -> None:
    database = fresh(LEDGER + OUTBOX)
    older = {"customer_id": "c-1", "revision": 1, "name": "Ada", "address": "1 Old Street"}
    for told in (CUSTOMER, message("CustomerChanged", older, "m-0")):
        take(Ledger(database), told)

    assert rows(database, "SELECT revision, address FROM customer") == [(2, "2 New Street")]


def test_an_address_that_changes_later_leaves_an_issued_invoice_as_it_was(fresh: Fresh) -> None:
    database = fresh(LEDGER + OUTBOX)
    newer = {"customer_id": "c-1", "revision": 3, "name": "Ada", "address": "3 Newest Street"}
    for told in (CUSTOMER, PLACED, PREPARED, message("CustomerChanged", newer, "m-4")):
        take(Ledger(database), told)

    assert rows(database, "SELECT address FROM invoice") == [("2 New Street",)]


def test_a_message_that_could_not_be_handled_is_handled_when_it_comes_again(fresh: Fresh) -> None:
    database = fresh(LEDGER + OUTBOX)
    broken = message("OrderPlaced", {"order_id": "o-1"}, "m-2")
    with pytest.raises(Problem, match="`customer_id` must be"):
        take(Ledger(database), broken)
    take(Ledger(database), PLACED)

    assert rows(database, "SELECT order_id FROM invoice") == [("o-1",)]


BOOKED = {"parcel_id": "p-1", "from_zone": "north", "customer": "Ada", "price": "9.50"}


def test_a_parcel_that_is_booked_twice_by_one_message_is_invoiced_once(fresh: Fresh) -> None:
    database = fresh(INVOICES + OUTBOX)
    for _ in range(2):
        Invoices(database).issue(message("ParcelBooked", BOOKED))

    assert rows(database, "SELECT customer, amount FROM invoice") == [("Ada", Decimal("9.50"))]
    assert rows(database, "SELECT event, key FROM outbox") == [("InvoiceIssued", "p-1")]


def scanned(database: Database, *states: str) -> None:
    with database.transaction() as connection:
        for state in states:
            connection.execute("INSERT INTO scan (parcel_id, place, state) VALUES ('p-1', %s, %s)", (f"at {state}", state))


def test_scans_are_projected_in_their_order_and_once(fresh: Fresh) -> None:
    database = fresh(JOURNEYS)
    journeys = Journeys(database)
    journeys.booked(message("ParcelBooked", BOOKED))
    assert rows(database, PROJECTED) == [("p-1", "booked", "north")]
    scanned(database, "picked-up", "in-transit")

    assert [journeys.project(), journeys.project()] == [True, False]
    assert rows(database, PROJECTED) == [("p-1", "in-transit", "at in-transit")]


def test_a_booking_that_comes_after_the_first_scan_is_the_older_news(fresh: Fresh) -> None:
    database = fresh(JOURNEYS)
    journeys = Journeys(database)
    scanned(database, "picked-up")
    journeys.project()
    journeys.booked(message("ParcelBooked", BOOKED))

    assert rows(database, PROJECTED) == [("p-1", "picked-up", "at picked-up")]


def qualified(plan: Plan, expires: str) -> None:
    told = {"credential_id": "c-1", "worker_id": "nora", "kind": "nurse", "expires": expires}
    plan.qualify(message("CredentialVerified", told, f"m-{expires}"))


def covering(plan: Plan) -> Any:  # noqa: ANN401 - whatever is answered
    shift = plan.open(posted("OpenShift", {"ward": "3 East", "day": "2026-12-24", "kind": "nurse"})).body["shift_id"]
    return plan.cover(posted("CoverShift", {"shift_id": shift, "worker_id": "nora"})).body


@pytest.fixture
def plan(fresh: Fresh) -> Plan:
    return Plan(fresh(SHIFTS + OUTBOX), FakeUpstream({"NotifyWorker": {"outcome": "confirmed"}}))


def test_whose_credential_lasts_until_the_day_may_cover_it(plan: Plan) -> None:
    qualified(plan, "2026-12-24")

    assert covering(plan)["notification"] == "confirmed"


@pytest.mark.parametrize("expires", ["2026-12-23", ""])
def test_who_has_no_credential_on_that_day_covers_nothing(plan: Plan, expires: str) -> None:
    if expires:
        qualified(plan, expires)
    with pytest.raises(Problem, match="no verified credential"):
        covering(plan)


def test_whose_credential_has_expired_covers_nothing_any_more(plan: Plan) -> None:
    qualified(plan, "2026-12-24")
    plan.disqualify(message("CredentialExpired", {"credential_id": "c-1"}, "m-2"))
    with pytest.raises(Problem, match="no verified credential"):
        covering(plan)


def told_of(database: Database, *keys: str) -> None:
    for key in keys:
        with database.transaction() as connection:
            announce(connection, "Happened", key, {"key": key})


def test_events_leave_in_the_order_in_which_they_were_written(fresh: Fresh) -> None:
    database, sent = fresh(OUTBOX), list[Message]()
    told_of(database, "1", "2", "3")
    outbox = Outbox(database)
    while outbox.publish_next(sent.append):
        pass

    assert [(told.event, told.key, json.loads(told.body)) for told in sent] == [
        ("Happened", key, {"key": key}) for key in ("1", "2", "3")
    ]


def test_an_event_that_could_not_be_published_waits_and_keeps_its_id(fresh: Fresh) -> None:
    database, sent = fresh(OUTBOX), list[Message]()
    told_of(database, "1")
    outbox = Outbox(database)

    def down(told: Message) -> None:
        sent.append(told)
        raise BrokerDownError

    with pytest.raises(BrokerDownError):
        outbox.publish_next(down)
    assert outbox.publish_next(sent.append)
    assert not outbox.publish_next(sent.append)
    assert sent[0] == sent[1]


def test_what_is_undone_is_never_told(fresh: Fresh) -> None:
    database = fresh(OUTBOX)

    def undone() -> None:
        with database.transaction() as connection:
            announce(connection, "Happened", "1", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        undone()
    assert not Outbox(database).publish_next(lambda _: None)


def test_two_instances_publish_each_event_once_and_in_order(fresh: Fresh) -> None:
    database, sent = fresh(OUTBOX), list[str]()
    keys = [str(number) for number in range(20)]
    told_of(database, *keys)

    def publish() -> None:
        outbox = Outbox(database)
        while outbox.publish_next(lambda told: sent.append(told.key)):
            pass

    threads = [threading.Thread(target=publish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The one that has waited for the other may find that nothing is left of what it had seen, and looks again.
    publish()

    assert sent == keys


@pytest.fixture(scope="module")
def mongodb(servers: Servers) -> int:
    (port,) = free_ports(1)
    servers.mongodb(port)
    return port


@pytest.fixture(params=["postgresql", "mongodb"])
def shipments(request: pytest.FixtureRequest) -> Shipments:
    """Each place that shipments may be kept in."""
    if request.param == "postgresql":
        return InPostgresql(request.getfixturevalue("url"))
    port = request.getfixturevalue("mongodb")
    return InMongodb(f"mongodb://admin:{ADMIN_PASSWORD}@127.0.0.1:{port}/fresh_{uuid.uuid4().hex}?authSource=admin")


def shipment(order_id: str) -> dict[str, Any]:
    return {"order_id": order_id, "items": [], "consignment": {"reference": order_id, "status": "PENDING"}}


def published(shipments: Shipments) -> list[Mapping[str, Any]]:
    sent: list[Message] = []
    while shipments.publish_next(sent.append):
        pass
    assert len({told.message_id for told in sent}) == len(sent)
    return [told.json() for told in sent]


def test_a_shipment_is_kept_and_told_once(shipments: Shipments) -> None:
    for order in ("o-1", "o-2", "o-1"):
        shipments.add(shipment(order), {"order_id": order})

    assert shipments.find("o-1") == shipment("o-1")
    assert shipments.find("o-3") is None
    assert published(shipments) == [{"order_id": "o-1"}, {"order_id": "o-2"}]
    assert published(shipments) == []


def test_a_shipment_that_could_not_be_told_is_told_later(shipments: Shipments) -> None:
    shipments.add(shipment("o-1"), {"order_id": "o-1"})

    def down(_told: Message) -> None:
        raise BrokerDownError

    with pytest.raises(BrokerDownError):
        shipments.publish_next(down)
    assert published(shipments) == [{"order_id": "o-1"}]


def test_the_invoice_of_a_shipment_is_noted_and_nothing_else_changes(shipments: Shipments) -> None:
    shipments.add(shipment("o-1"), {"order_id": "o-1"})
    for _ in range(2):
        shipments.invoiced("o-1", "i-1")
    shipments.invoiced("o-2", "i-2")

    assert shipments.find("o-1") == {**shipment("o-1"), "invoice_id": "i-1"}
    assert shipments.find("o-2") is None
