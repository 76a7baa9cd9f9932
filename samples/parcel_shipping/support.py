"""Support: helps customers whose parcel is not where it should be.

It keeps a file on each parcel from what others tell (`ParcelDelivered`, `InvoiceIssued`), so that nobody has to be asked
while a customer waits. `POST /OpenCase {"parcel_id", "complaint"}` opens a case and tells of it as `CaseOpened`.
"""

from __future__ import annotations

import uuid
from http import HTTPStatus

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

_SCHEMA = """
CREATE TABLE IF NOT EXISTS parcel_file (
    parcel_id text PRIMARY KEY, delivered_at text, invoice_id text, amount numeric(10, 2)
);
CREATE TABLE IF NOT EXISTS support_case (
    case_id uuid PRIMARY KEY, parcel_id text NOT NULL REFERENCES parcel_file, complaint text NOT NULL
);
"""
_DELIVERED = """
INSERT INTO parcel_file (parcel_id, delivered_at) VALUES (%s, %s)
ON CONFLICT (parcel_id) DO UPDATE SET delivered_at = excluded.delivered_at
"""
_INVOICED = """
INSERT INTO parcel_file (parcel_id, invoice_id, amount) VALUES (%s, %s, %s)
ON CONFLICT (parcel_id) DO UPDATE SET invoice_id = excluded.invoice_id, amount = excluded.amount
"""
_FILE = "SELECT parcel_id, delivered_at, invoice_id, amount FROM parcel_file WHERE parcel_id = %s"
_OPEN = "INSERT INTO support_case (case_id, parcel_id, complaint) VALUES (%s, %s, %s)"


class Desk:
    """The tables `parcel_file` and `support_case`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def delivered(self, message: Message) -> None:
        """Notes where a parcel was delivered. Raises MalformedError, StoreDownError."""
        told = message.json()
        self._note(message, _DELIVERED, (line(told, "parcel_id"), line(told, "place")))

    def invoiced(self, message: Message) -> None:
        """Notes what a parcel cost. Raises MalformedError, StoreDownError."""
        told = message.json()
        self._note(message, _INVOICED, (line(told, "parcel_id"), line(told, "invoice_id"), amount(told, "amount")))

    def open(self, request: Request) -> Answer:
        """Opens a case about a parcel, and shows what is known of it."""
        body = request.json()
        parcel_id, complaint, case_id = line(body, "parcel_id"), line(body, "complaint"), str(uuid.uuid4())
        with self._database.transaction() as connection:
            known = connection.execute(_FILE, (parcel_id,)).fetchone()
            if known is None:
                raise Problem(HTTPStatus.NOT_FOUND, "this parcel is not known here")
            connection.execute(_OPEN, (case_id, parcel_id, complaint))
            announce(connection, "CaseOpened", parcel_id, {"case_id": case_id, "parcel_id": parcel_id})
        return Answer({"case_id": case_id, **known}, HTTPStatus.CREATED)

    def _note(self, message: Message, statement: str, row: tuple[object, ...]) -> None:
        with self._database.handling(message) as connection:
            if connection:
                connection.execute(statement, row)


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where its database or an event is missing."""
    url = environment.datastore("postgresql")
    database = Database(url, _SCHEMA + OUTBOX)
    desk, announcer = Desk(database), Announcer(environment, Outbox(database))
    consumer = consumer_of(environment, {"tracking.ParcelDelivered": desk.delivered, "billing.InvoiceIssued": desk.invoiced})
    return Service(
        routes={"OpenCase": Route({"POST": desk.open}, "OpenCase")},
        checks={**checks_of({"postgresql": url}), "broker": announcer.check, "consumer": consumer.check},
        workers=(announcer, consumer),
    )


if __name__ == "__main__":
    main(make)
