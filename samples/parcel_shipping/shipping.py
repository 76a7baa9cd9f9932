"""Shipping: books parcels.

`POST /BookParcel {"customer", "from_zone", "to_zone", "weight"}` (kilograms) books one at the quote of the moment and tells
of it as `ParcelBooked`.
"""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from samples.database import Database
from samples.environment import Environment
from samples.fields import amount, line
from samples.outbox import SCHEMA as OUTBOX
from samples.outbox import Announcer, Outbox, announce
from samples.parcel_shipping.quotes import Quotes, Way
from samples.service import Service, main
from samples.stores import checks_of
from samples.upstream import OverHttp, Upstream
from samples.web import Answer, Request, Route

_SCHEMA = """
CREATE TABLE IF NOT EXISTS parcel (
    parcel_id uuid PRIMARY KEY,
    customer text NOT NULL,
    from_zone text NOT NULL,
    to_zone text NOT NULL,
    weight numeric(10, 3) NOT NULL,
    price numeric(10, 2) NOT NULL,
    rate_id text NOT NULL
);
"""
_BOOK = """
INSERT INTO parcel (parcel_id, customer, from_zone, to_zone, weight, price, rate_id)
VALUES (%(parcel_id)s, %(customer)s, %(from_zone)s, %(to_zone)s, %(weight)s, %(price)s, %(rate_id)s)
"""


class Counter:
    """The table `parcel`."""

    def __init__(self, database: Database, quotes: Quotes) -> None:
        self._database = database
        self._quotes = quotes

    def book(self, request: Request) -> Answer:
        """Books the parcel in the request's body."""
        body = request.json()
        way, weight = Way(line(body, "from_zone"), line(body, "to_zone")), amount(body, "weight")
        quote = self._quotes.of(way, weight)
        parcel: dict[str, Any] = {
            "parcel_id": str(uuid.uuid4()),
            "customer": line(body, "customer"),
            "from_zone": way.from_zone,
            "to_zone": way.to_zone,
            "weight": weight,
            "price": quote.price,
            "rate_id": quote.rate_id,
        }
        with self._database.transaction() as connection:
            connection.execute(_BOOK, parcel)
            announce(connection, "ParcelBooked", parcel["parcel_id"], parcel)
        return Answer(parcel, HTTPStatus.CREATED)


def make(environment: Environment, pricing: Upstream | None = None) -> Service:
    """Puts the service together; `pricing` is the one beside it in this process, if it is there.

    Raises MisconfiguredError where its database, its event or the address of Pricing is missing.
    """
    url = environment.datastore("postgresql")
    database = Database(url, _SCHEMA + OUTBOX)
    counter = Counter(database, Quotes(pricing or OverHttp(environment, "pricing")))
    announcer = Announcer(environment, Outbox(database))
    return Service(
        routes={"BookParcel": Route({"POST": counter.book}, "BookParcel")},
        checks={**checks_of({"postgresql": url}), "broker": announcer.check},
        workers=(announcer,),
    )


if __name__ == "__main__":
    main(make)
