"""Billing: invoices what was ordered, as soon as its shipment is prepared.

It keeps its own copy of each customer's name and address, fed by `CustomerChanged`: an invoice has to say what was true on
its day, whether Sales answers or not. Sales stays the one source of truth, and nothing here ever changes the copy otherwise.
Events come from two contexts in any order, so an invoice is issued by whichever completes it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from samples.broker import Message
from samples.consuming import consumer_of
from samples.database import Database
from samples.environment import Environment
from samples.fields import amount, line, whole
from samples.outbox import SCHEMA as OUTBOX
from samples.outbox import Announcer, Outbox, announce
from samples.service import Service, main
from samples.stores import checks_of
from samples.web import Answer, Problem, Request, Route

if TYPE_CHECKING:
    from samples.database import Rows

SCHEMA = """
CREATE TABLE IF NOT EXISTS customer (
    customer_id text PRIMARY KEY, revision integer NOT NULL, name text NOT NULL, address text NOT NULL
);
CREATE TABLE IF NOT EXISTS invoice (
    order_id text PRIMARY KEY,
    customer_id text,
    total numeric(12, 2),
    prepared boolean NOT NULL DEFAULT false,
    invoice_id text UNIQUE,
    name text,
    address text
);
"""
# An older revision that comes late changes nothing.
_CUSTOMER = """
INSERT INTO customer (customer_id, revision, name, address) VALUES (%s, %s, %s, %s)
ON CONFLICT (customer_id) DO UPDATE SET revision = excluded.revision, name = excluded.name, address = excluded.address
WHERE customer.revision < excluded.revision
"""
_PLACED = """
INSERT INTO invoice (order_id, customer_id, total) VALUES (%s, %s, %s)
ON CONFLICT (order_id) DO UPDATE SET customer_id = excluded.customer_id, total = excluded.total
"""
_PREPARED = """
INSERT INTO invoice (order_id, prepared) VALUES (%s, true) ON CONFLICT (order_id) DO UPDATE SET prepared = true
"""
_COMPLETE = """
SELECT order_id, invoice.customer_id, total, customer.name, customer.address FROM invoice JOIN customer USING (customer_id)
WHERE prepared AND invoice_id IS NULL FOR UPDATE OF invoice
"""
_ISSUE = "UPDATE invoice SET invoice_id = %s, name = %s, address = %s WHERE order_id = %s"
_SHOW = "SELECT order_id, invoice_id, total, name, address FROM invoice WHERE order_id = %s AND invoice_id IS NOT NULL"


class Ledger:
    """The tables `customer` (a copy) and `invoice`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def learn(self, message: Message) -> None:
        """Takes a customer's name and address in. Raises MalformedError, StoreDownError."""
        told = message.json()
        self._take(
            message,
            _CUSTOMER,
            (line(told, "customer_id"), whole(told, "revision"), line(told, "name"), line(told, "address")),
        )

    def placed(self, message: Message) -> None:
        """Notes what an order costs, and whom. Raises MalformedError, StoreDownError."""
        told = message.json()
        self._take(message, _PLACED, (line(told, "order_id"), line(told, "customer_id"), amount(told, "total")))

    def prepared(self, message: Message) -> None:
        """Notes that an order's shipment is prepared. Raises MalformedError, StoreDownError."""
        self._take(message, _PREPARED, (line(message.json(), "order_id"),))

    def show(self, request: Request) -> Answer:
        """The invoice of the query's `order_id`."""
        with self._database.transaction() as connection:
            invoice = connection.execute(_SHOW, (line(request.query, "order_id"),)).fetchone()
        if invoice is None:
            raise Problem(HTTPStatus.NOT_FOUND, "no invoice of that order is issued yet")
        return Answer(invoice)

    def _take(self, message: Message, statement: str, row: tuple[object, ...]) -> None:
        with self._database.handling(message) as connection:
            if connection:
                connection.execute(statement, row)
                for order in connection.execute(_COMPLETE).fetchall():
                    _issue(connection, order)


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where its database or an event is missing."""
    url = environment.datastore("postgresql")
    database = Database(url, SCHEMA + OUTBOX)
    ledger, announcer = Ledger(database), Announcer(environment, Outbox(database))
    consumer = consumer_of(
        environment,
        {
            "sales.CustomerChanged": ledger.learn,
            "sales.OrderPlaced": ledger.placed,
            "fulfillment.ShipmentPrepared": ledger.prepared,
        },
    )
    return Service(
        routes={"GetInvoice": Route({"GET": ledger.show}, "GetInvoice")},
        checks={**checks_of({"postgresql": url}), "broker": announcer.check, "consumer": consumer.check},
        workers=(announcer, consumer),
    )


def _issue(connection: Rows, order: Mapping[str, Any]) -> None:
    invoice_id = str(uuid.uuid4())
    connection.execute(_ISSUE, (invoice_id, order["name"], order["address"], order["order_id"]))
    issued = {"invoice_id": invoice_id, "order_id": order["order_id"], "total": order["total"]}
    announce(connection, "InvoiceIssued", order["order_id"], issued)


if __name__ == "__main__":
    main(make)
