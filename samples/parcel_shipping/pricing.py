"""Pricing: what it costs to send a parcel, by rules that change every week.

`POST /ChangeRate {"from_zone", "to_zone", "base", "per_kilogram"}` puts a rate in force and tells of it as `RateChanged`;
`GET /GetRateSnapshot?from_zone=&to_zone=&weight=` says what a parcel costs now, and by which rate.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from samples.database import Database
from samples.environment import Environment
from samples.fields import amount, line
from samples.outbox import SCHEMA as OUTBOX
from samples.outbox import Announcer, Outbox, announce
from samples.service import Service, main
from samples.stores import checks_of
from samples.web import Answer, Problem, Request, Route

_SCHEMA = """
CREATE TABLE IF NOT EXISTS rate (
    rate_id uuid PRIMARY KEY,
    from_zone text NOT NULL,
    to_zone text NOT NULL,
    base numeric(10, 2) NOT NULL,
    per_kilogram numeric(10, 2) NOT NULL,
    in_force_since timestamptz NOT NULL DEFAULT clock_timestamp()
);
"""
_CHANGE = """
INSERT INTO rate (rate_id, from_zone, to_zone, base, per_kilogram)
VALUES (%(rate_id)s, %(from_zone)s, %(to_zone)s, %(base)s, %(per_kilogram)s)
"""
_IN_FORCE = """
SELECT rate_id, base, per_kilogram FROM rate WHERE from_zone = %s AND to_zone = %s ORDER BY in_force_since DESC LIMIT 1
"""
_CENT = Decimal("0.01")


class Rates:
    """The table `rate`: a rate is never changed, a newer one takes its place."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def change(self, request: Request) -> Answer:
        """Puts the rate in the request's body in force."""
        body = request.json()
        rate: dict[str, Any] = {"rate_id": str(uuid.uuid4())}
        rate |= {name: line(body, name) for name in ("from_zone", "to_zone")}
        rate |= {name: amount(body, name) for name in ("base", "per_kilogram")}
        with self._database.transaction() as connection:
            connection.execute(_CHANGE, rate)
            announce(connection, "RateChanged", f"{rate['from_zone']}-{rate['to_zone']}", rate)
        return Answer(rate, HTTPStatus.CREATED)

    def snapshot(self, request: Request) -> Answer:
        """What the parcel in the request's query costs at this moment."""
        query = request.query
        with self._database.transaction() as connection:
            rate = connection.execute(_IN_FORCE, (line(query, "from_zone"), line(query, "to_zone"))).fetchone()
        if rate is None:
            raise Problem(HTTPStatus.NOT_FOUND, "there is no rate between these zones")
        return Answer({"rate_id": rate["rate_id"], "price": price_of(rate, amount(query, "weight")), "currency": "EUR"})


def price_of(rate: Mapping[str, Decimal], weight: Decimal) -> Decimal:
    """What a parcel of `weight` kilograms costs by `rate`, to the cent."""
    return (rate["base"] + rate["per_kilogram"] * weight).quantize(_CENT)


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where its database or its event is missing."""
    url = environment.datastore("postgresql")
    database = Database(url, _SCHEMA + OUTBOX)
    rates, announcer = Rates(database), Announcer(environment, Outbox(database))
    return Service(
        routes={
            "ChangeRate": Route({"POST": rates.change}, "ChangeRate"),
            "GetRateSnapshot": Route({"GET": rates.snapshot}, "GetRateSnapshot"),
        },
        checks={**checks_of({"postgresql": url}), "broker": announcer.check},
        workers=(announcer,),
    )


if __name__ == "__main__":
    main(make)
