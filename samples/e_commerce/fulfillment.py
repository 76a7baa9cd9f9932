"""Fulfillment: sends what was ordered, with the Shipping Partner, whose words it uses as they are (a conformist).

`OrderPlaced` prepares a shipment and tells of it as `ShipmentPrepared`; `InvoiceIssued` says which invoice goes with it.
`GET /TrackShipment?order_id=` shows one.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from samples.broker import Message
from samples.consuming import consumer_of
from samples.e_commerce.shipments import InMongodb, InPostgresql, Shipment, Shipments
from samples.environment import Environment
from samples.fields import line, record
from samples.outbox import Announcer
from samples.service import Service, main
from samples.stores import checks_of
from samples.vendors import Vendor, VendorDownError
from samples.web import Answer, Problem, Request, Route

PENDING = "PENDING"
"""The status of a consignment about which the partner has said nothing yet; the others are the partner's own."""

log = logging.getLogger(__name__)


class Warehouse:
    """Prepares shipments."""

    def __init__(self, shipments: Shipments, partner: Vendor) -> None:
        self._shipments = shipments
        self._partner = partner

    def prepare(self, message: Message) -> None:
        """Prepares the shipment of an order that was placed. Raises MalformedError, StoreDownError."""
        order = message.json()
        order_id, ship_to = line(order, "order_id"), record(order, "ship_to")
        if self._shipments.find(order_id) is not None:
            log.info("order %s came again and is passed over", order_id)
            return
        consignee = {"name": line(ship_to, "name"), "address": line(ship_to, "address")}
        shipment: Shipment = {
            "order_id": order_id,
            "items": order.get("items", []),
            "consignment": {"reference": order_id, "consignee": consignee, "status": self._booked(order_id, consignee)},
        }
        event = {"order_id": order_id, "consignment_status": shipment["consignment"]["status"]}
        self._shipments.add(shipment, event)

    def note_invoice(self, message: Message) -> None:
        """Notes the invoice of an order. Raises MalformedError, StoreDownError."""
        issued = message.json()
        self._shipments.invoiced(line(issued, "order_id"), line(issued, "invoice_id"))

    def show(self, request: Request) -> Answer:
        """The shipment of the query's `order_id`."""
        shipment = self._shipments.find(line(request.query, "order_id"))
        if shipment is None:
            raise Problem(HTTPStatus.NOT_FOUND, "no shipment of that order is prepared yet")
        return Answer(shipment)

    def _booked(self, reference: str, consignee: Mapping[str, Any]) -> str:
        """What the partner says to a consignment, which it knows again by its reference however often it is told."""
        try:
            return line(self._partner.post("/v1/consignments", {"reference": reference, "consignee": consignee}), "status")
        except (VendorDownError, ValueError) as error:
            log.warning("the consignment of order %s is pending: %s", reference, error)
            return PENDING


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where its store, an event or the partner's address is missing."""
    kind = "mongodb" if "mongodb" in environment.only.datastores else "postgresql"
    url = environment.datastore(kind)
    shipments: Shipments = InMongodb(url) if kind == "mongodb" else InPostgresql(url)
    warehouse = Warehouse(shipments, Vendor(environment, "shipping-partner"))
    announcer = Announcer(environment, shipments)
    consumer = consumer_of(
        environment, {"sales.OrderPlaced": warehouse.prepare, "billing.InvoiceIssued": warehouse.note_invoice}
    )
    return Service(
        routes={"TrackShipment": Route({"GET": warehouse.show}, "TrackShipment")},
        checks={**checks_of({kind: url}), "broker": announcer.check, "consumer": consumer.check},
        workers=(announcer, consumer),
    )


if __name__ == "__main__":
    main(make)
