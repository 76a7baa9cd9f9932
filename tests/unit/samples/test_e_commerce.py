"""The borders of the shop's contexts: offers, the pivotal event, and a conformist that copes without its partner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from samples.broker import Message
from samples.e_commerce import sales, shop
from samples.e_commerce.catalog import Catalog, Product
from samples.e_commerce.fulfillment import Warehouse
from samples.e_commerce.offers import Offer, Offers
from samples.e_commerce.shipments import Shipment
from samples.environment import MisconfiguredError, read
from samples.upstream import UpstreamRefusedError
from samples.vendors import Vendor, VendorDownError
from samples.web import Problem, Request
from tests.unit.samples.fakes import FakeUpstream, message, posted
from tests.unit.samples.test_languages import PROJECT, document

ORDER = {"order_id": "o-1", "customer_id": "c-1", "sku": "tea", "quantity": 2, "total": Decimal("39.80")}
CUSTOMER = {"customer_id": "c-1", "name": "Ada", "address": "2 New Street"}
PLACED = {
    "order_id": "o-1",
    "items": [{"sku": "tea", "quantity": 2}],
    "ship_to": {"name": "Ada", "address": "2 New Street"},
}


class FakePartner:
    def __init__(self, answer: Mapping[str, Any] | VendorDownError) -> None:
        self.answer = answer
        self.asked: list[Mapping[str, Any]] = []

    def post(self, path: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
        assert path == "/v1/consignments"
        self.asked.append(document)
        if isinstance(self.answer, VendorDownError):
            raise self.answer
        return self.answer


class FakeShipments:
    def __init__(self) -> None:
        self.kept: dict[str, Shipment] = {}
        self.events: list[Mapping[str, Any]] = []

    def add(self, shipment: Shipment, event: Mapping[str, Any]) -> None:
        self.kept[shipment["order_id"]] = shipment
        self.events.append(event)

    def find(self, order_id: str) -> Shipment | None:
        return self.kept.get(order_id)

    def invoiced(self, order_id: str, invoice_id: str) -> None:
        self.kept[order_id]["invoice_id"] = invoice_id

    def publish_next(self, publish: Callable[[Message], None]) -> bool:
        raise NotImplementedError


@pytest.fixture
def shipments() -> FakeShipments:
    return FakeShipments()


def warehouse(shipments: FakeShipments, answer: Mapping[str, Any] | VendorDownError) -> tuple[Warehouse, FakePartner]:
    partner = FakePartner(answer)
    return Warehouse(shipments, cast("Vendor", partner)), partner


def test_a_product_becomes_an_offer_at_the_border_of_sales() -> None:
    catalog = FakeUpstream({"GetProduct": {"sku": "tea", "name": "Green tea", "list_price": "19.90"}})

    assert Offers(catalog).of("tea") == Offer("tea", "Green tea", Decimal("19.90"))
    assert catalog.asked == [("GetProduct", {"sku": "tea"})]


def test_what_the_catalog_does_not_know_is_not_for_sale() -> None:
    refused = UpstreamRefusedError(HTTPStatus.NOT_FOUND, "there is no such product")
    with pytest.raises(Problem, match="tea is not for sale: there is no such product") as caught:
        Offers(FakeUpstream({"GetProduct": refused})).of("tea")

    assert caught.value.status == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("landscape", ["e-commerce", "e-commerce-phase-1"])
def test_the_pivotal_event_is_what_its_schema_says(landscape: str) -> None:
    schema = document(PROJECT.landscapes / landscape / "events" / "order-placed.json")
    told = {**sales.order_placed(ORDER, CUSTOMER), "total": str(ORDER["total"])}

    Draft202012Validator(schema).validate(told)


def test_an_order_becomes_a_shipment_in_the_partners_words(shipments: FakeShipments) -> None:
    desk, partner = warehouse(shipments, {"status": "BOOKED"})
    desk.prepare(message("OrderPlaced", PLACED))

    consignee = {"name": "Ada", "address": "2 New Street"}
    assert shipments.kept["o-1"] == {
        "order_id": "o-1",
        "items": [{"sku": "tea", "quantity": 2}],
        "consignment": {"reference": "o-1", "consignee": consignee, "status": "BOOKED"},
    }
    assert partner.asked == [{"reference": "o-1", "consignee": consignee}]
    assert shipments.events == [{"order_id": "o-1", "consignment_status": "BOOKED"}]


@pytest.mark.parametrize("answer", [VendorDownError("the partner gives no answer"), {}, {"status": 7}])
def test_a_shipment_is_prepared_although_the_partner_says_nothing(
    shipments: FakeShipments, answer: Mapping[str, Any] | VendorDownError
) -> None:
    desk, _ = warehouse(shipments, answer)
    desk.prepare(message("OrderPlaced", PLACED))

    assert shipments.events == [{"order_id": "o-1", "consignment_status": "PENDING"}]


def test_an_order_that_comes_again_is_shipped_once(shipments: FakeShipments) -> None:
    desk, partner = warehouse(shipments, {"status": "BOOKED"})
    desk.prepare(message("OrderPlaced", PLACED))
    desk.prepare(message("OrderPlaced", PLACED))

    assert len(partner.asked) == len(shipments.events) == 1


def test_the_invoice_goes_with_the_shipment(shipments: FakeShipments) -> None:
    desk, _ = warehouse(shipments, {"status": "BOOKED"})
    desk.prepare(message("OrderPlaced", PLACED))
    desk.note_invoice(message("InvoiceIssued", {"order_id": "o-1", "invoice_id": "i-1"}))

    assert desk.show(Request("GET", "TrackShipment", query={"order_id": "o-1"})).body["invoice_id"] == "i-1"


@pytest.mark.parametrize("lacking", ["order_id", "ship_to"])
def test_an_order_that_lacks_a_field_can_never_be_shipped(shipments: FakeShipments, lacking: str) -> None:
    desk, _ = warehouse(shipments, {"status": "BOOKED"})
    with pytest.raises(ValueError, match=f"`{lacking}` must be"):
        desk.prepare(message("OrderPlaced", {name: value for name, value in PLACED.items() if name != lacking}))


class FakeProducts:
    def __init__(self) -> None:
        self.kept: dict[str, Product] = {}

    def add(self, product: Product) -> bool:
        new = product["sku"] not in self.kept
        self.kept.setdefault(product["sku"], product)
        return new

    def find(self, sku: str) -> Product | None:
        return self.kept.get(sku)


def test_a_product_is_added_once() -> None:
    catalog = Catalog(FakeProducts())
    adding = posted("AddProduct", {"sku": "tea", "name": "Green tea", "list_price": 19.9})
    added = catalog.add(adding)
    with pytest.raises(Problem, match="there is a product of that sku"):
        catalog.add(adding)

    assert added.status == HTTPStatus.CREATED
    assert catalog.show(Request("GET", "GetProduct", query={"sku": "tea"})).body == added.body


def test_a_product_that_there_is_not_is_not_found() -> None:
    with pytest.raises(Problem, match="there is no such product"):
        Catalog(FakeProducts()).show(Request("GET", "GetProduct", query={"sku": "tea"}))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (sales.make, "POSTGRESQL_URL is not set: this sample keeps its data in a datastore of type postgresql"),
        (shop.make, "sample does not carry the context catalog"),
    ],
)
def test_a_service_says_what_its_descriptor_lacks(make: object, message: str) -> None:
    assert callable(make)
    with pytest.raises(MisconfiguredError) as caught:
        make(read({"PLAT_CONTEXTS": "sales"}))

    assert str(caught.value) == message
