"""The same four contexts as modules of one process, and each by itself with the store that suits it."""

from __future__ import annotations

import pytest

from tests.integration.landscapes.story import Story, eventually, told
from tests.integration.main_job.checkout import Checkout

PHASES = {
    "e-commerce-phase-1": dict.fromkeys(("sales", "catalog", "fulfillment", "billing"), "shop"),
    "e-commerce": {name: name for name in ("sales", "catalog", "fulfillment", "billing")},
}
# What fulfillment has in its own store, read with its own credentials and nothing else.
MONGODB = (
    "import os, pymongo; shipments = pymongo.MongoClient(os.environ['MONGODB_URL']).get_default_database().shipment; "
    "print(*(found.get('invoice_id') for found in shipments.find()))"
)
IN_STORE = {
    "e-commerce-phase-1": ("psql", "-At", "-c", "SELECT document ->> 'invoice_id' FROM shipment"),
    "e-commerce": ("python", "-c", MONGODB),
}


@pytest.mark.parametrize("landscape", PHASES)
def test_an_order_is_sent_and_invoiced_to_the_address_that_billing_has_learnt(checkout: Checkout, landscape: str) -> None:
    serving = PHASES[landscape]
    with told(checkout, landscape) as story:
        order = placed(story, serving)

        shipment = story.get(serving["fulfillment"], "TrackShipment", order_id=order)
        assert shipment["consignment"]["status"] == "PENDING"
        assert shipment["consignment"]["consignee"] == {"name": "Ada", "address": "2 New Street"}
        story.logged(serving["fulfillment"], f"the consignment of order {order} is pending: api.shipping-partner.example")
        invoice = story.get(serving["billing"], "GetInvoice", order_id=order)
        assert (invoice["total"], invoice["name"], invoice["address"]) == ("39.80", "Ada", "2 New Street")
        assert story.rows("billing", "SELECT name, address FROM customer") == ["Ada|2 New Street"]
        eventually(lambda: story.within("fulfillment", *IN_STORE[landscape]), lambda found: found == invoice["invoice_id"])


def placed(story: Story, serving: dict[str, str]) -> str:
    """The order of a customer who has just moved, for a product that has just been added."""
    story.post(serving["catalog"], "AddProduct", {"sku": "tea", "name": "Green tea", "list_price": 19.9})
    customer = story.post(serving["sales"], "RegisterCustomer", {"name": "Ada", "address": "1 Old Street"})["customer_id"]
    story.post(serving["sales"], "MoveCustomer", {"customer_id": customer, "address": "2 New Street"})
    order = {"customer_id": customer, "sku": "tea", "quantity": 2}
    return str(story.post(serving["sales"], "PlaceOrder", order)["order_id"])
