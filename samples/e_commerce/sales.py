"""Sales: customers and what they order. It is the one source of truth of a customer's name and address.

`POST /RegisterCustomer {"name", "address"}`, `POST /MoveCustomer {"customer_id", "address"}` and
`POST /PlaceOrder {"customer_id", "sku", "quantity"}`; each is told as `CustomerChanged` or `OrderPlaced`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from samples.database import Database
from samples.e_commerce.offers import Offers
from samples.environment import Environment
from samples.fields import line, whole
from samples.outbox import SCHEMA as OUTBOX
from samples.outbox import Announcer, Outbox, announce
from samples.service import Service, main
from samples.stores import checks_of
from samples.upstream import OverHttp, Upstream
from samples.web import Answer, Problem, Request, Route

_SCHEMA = """
CREATE TABLE IF NOT EXISTS customer (
    customer_id uuid PRIMARY KEY, revision integer NOT NULL, name text NOT NULL, address text NOT NULL
);
CREATE TABLE IF NOT EXISTS customer_order (
    order_id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer,
    sku text NOT NULL,
    quantity integer NOT NULL,
    total numeric(12, 2) NOT NULL
);
"""
_REGISTER = """
INSERT INTO customer (customer_id, revision, name, address) VALUES (%s, 1, %s, %s)
RETURNING customer_id, revision, name, address
"""
_MOVE = """
UPDATE customer SET address = %s, revision = revision + 1 WHERE customer_id::text = %s
RETURNING customer_id, revision, name, address
"""
_CUSTOMER = "SELECT customer_id, name, address FROM customer WHERE customer_id::text = %s"
_PLACE = """
INSERT INTO customer_order (order_id, customer_id, sku, quantity, total) VALUES (%s, %s, %s, %s, %s)
RETURNING order_id, customer_id, sku, quantity, total
"""


class Shop:
    """The tables `customer` and `customer_order`."""

    def __init__(self, database: Database, offers: Offers) -> None:
        self._database = database
        self._offers = offers

    def register(self, request: Request) -> Answer:
        """Takes a customer in."""
        body = request.json()
        return self._change(_REGISTER, (str(uuid.uuid4()), line(body, "name"), line(body, "address")), HTTPStatus.CREATED)

    def move(self, request: Request) -> Answer:
        """Gives a customer another address."""
        body = request.json()
        return self._change(_MOVE, (line(body, "address"), line(body, "customer_id")), HTTPStatus.OK)

    def place(self, request: Request) -> Answer:
        """Sells at the offer's price of this moment."""
        body = request.json()
        offer, quantity = self._offers.of(line(body, "sku")), whole(body, "quantity")
        with self._database.transaction() as connection:
            customer = connection.execute(_CUSTOMER, (line(body, "customer_id"),)).fetchone()
            if customer is None:
                raise _unknown()
            row = (str(uuid.uuid4()), customer["customer_id"], offer.sku, quantity, offer.price * quantity)
            order = connection.execute(_PLACE, row).fetchone() or {}
            announce(connection, "OrderPlaced", str(order["order_id"]), order_placed(order, customer))
        return Answer(order, HTTPStatus.CREATED)

    def _change(self, statement: str, row: tuple[str, ...], status: HTTPStatus) -> Answer:
        with self._database.transaction() as connection:
            customer = connection.execute(statement, row).fetchone()
            if customer is None:
                raise _unknown()
            announce(connection, "CustomerChanged", str(customer["customer_id"]), customer)
        return Answer(customer, status)


def order_placed(order: Mapping[str, Any], customer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The pivotal event: all that others need to send and to charge, so that nobody has to ask Sales."""
    return {
        "order_id": order["order_id"],
        "customer_id": order["customer_id"],
        "items": [{"sku": order["sku"], "quantity": order["quantity"]}],
        "total": order["total"],
        "ship_to": {"name": customer["name"], "address": customer["address"]},
    }


def make(environment: Environment, catalog: Upstream | None = None) -> Service:
    """Puts the service together; `catalog` is the one beside it in this process, if it is there.

    Raises MisconfiguredError where its database, its events or the catalog's address is missing.
    """
    url = environment.datastore("postgresql")
    database = Database(url, _SCHEMA + OUTBOX)
    shop = Shop(database, Offers(catalog or OverHttp(environment, "catalog")))
    announcer = Announcer(environment, Outbox(database))
    operations = {"RegisterCustomer": shop.register, "MoveCustomer": shop.move, "PlaceOrder": shop.place}
    return Service(
        routes={name: Route({"POST": answer}, name) for name, answer in operations.items()},
        checks={**checks_of({"postgresql": url}), "broker": announcer.check},
        workers=(announcer,),
    )


def _unknown() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "there is no such customer")


if __name__ == "__main__":
    main(make)
