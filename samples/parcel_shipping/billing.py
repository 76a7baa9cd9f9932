"""Billing: an invoice for every parcel that was booked.

`GET /GetInvoice?parcel_id=` shows it; `InvoiceIssued` tells of it.
"""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from samples.broker import Message
from samples.consuming import consumer_of
from samples.database import Database
from samples.environment import Environment
from samples.fields import amount, line
from samples.outbox import SCHEMA as OUTBOX
from samples.outbox import Announcer, Outbox, announce
from samples.service import Service, main
from samples.stores import checks_of
from samples.web import Answer, Problem, Request, Route

SCHEMA = """
CREATE TABLE IF NOT EXISTS invoice (
    invoice_id uuid PRIMARY KEY, parcel_id text NOT NULL UNIQUE, customer text NOT NULL, amount numeric(10, 2) NOT NULL
);
"""
_ISSUE = """
INSERT INTO invoice (invoice_id, parcel_id, customer, amount)
VALUES (%(invoice_id)s, %(parcel_id)s, %(customer)s, %(amount)s)
"""
_FIND = "SELECT invoice_id, parcel_id, customer, amount FROM invoice WHERE parcel_id = %s"


class Invoices:
    """The table `invoice`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def issue(self, message: Message) -> None:
        """Invoices a parcel at the price at which it was booked. Raises MalformedError, StoreDownError."""
        parcel = message.json()
        invoice: dict[str, Any] = {
            "invoice_id": str(uuid.uuid4()),
            "parcel_id": line(parcel, "parcel_id"),
            "customer": line(parcel, "customer"),
            "amount": amount(parcel, "price"),
        }
        with self._database.handling(message) as connection:
            if connection:
                connection.execute(_ISSUE, invoice)
                announce(connection, "InvoiceIssued", invoice["parcel_id"], invoice)

    def show(self, request: Request) -> Answer:
        """The invoice of the query's `parcel_id`."""
        with self._database.transaction() as connection:
            invoice = connection.execute(_FIND, (line(request.query, "parcel_id"),)).fetchone()
        if invoice is None:
            raise Problem(HTTPStatus.NOT_FOUND, "no invoice of this parcel is issued yet")
        return Answer(invoice)


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where its database or an event is missing."""
    url = environment.datastore("postgresql")
    database = Database(url, SCHEMA + OUTBOX)
    invoices, announcer = Invoices(database), Announcer(environment, Outbox(database))
    consumer = consumer_of(environment, {"shipping.ParcelBooked": invoices.issue})
    return Service(
        routes={"GetInvoice": Route({"GET": invoices.show}, "GetInvoice")},
        checks={**checks_of({"postgresql": url}), "broker": announcer.check, "consumer": consumer.check},
        workers=(announcer, consumer),
    )


if __name__ == "__main__":
    main(make)
