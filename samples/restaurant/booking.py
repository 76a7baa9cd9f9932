"""Booking & Reservations: gives a guest a table.

`POST /Reserve {"session", "restaurant_id", "date", "time", "party"}` confirms a reservation. Guests hear of it in one of
two ways, whichever the landscape has: Booking publishes `ReservationConfirmed`, or it calls Notifications.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Protocol

from samples.database import Database
from samples.environment import Environment
from samples.fields import day, line, time_of_day, whole
from samples.outbox import SCHEMA as OUTBOX
from samples.outbox import Announcer, Outbox, announce
from samples.restaurant.guests import Guest, Guests
from samples.service import Service, Worker, main
from samples.stores import checks_of
from samples.upstream import OverHttp, Upstream, UpstreamDownError, UpstreamRefusedError
from samples.web import Answer, Check, Problem, Request, Route

_SCHEMA = """
CREATE TABLE IF NOT EXISTS reservation (
    reservation_id uuid PRIMARY KEY,
    guest_id text NOT NULL,
    restaurant_id text NOT NULL,
    date date NOT NULL,
    time text NOT NULL,
    party integer NOT NULL
);
"""
_INSERT = """
INSERT INTO reservation (reservation_id, guest_id, restaurant_id, date, time, party) VALUES (%s, %s, %s, %s, %s, %s)
"""

Reservation = Mapping[str, Any]

log = logging.getLogger(__name__)


class Word(Protocol):
    """How a guest is told: `within` the transaction that confirms, or `after` it."""

    def within(self, connection: Any, confirmed: Reservation) -> None:  # noqa: ANN401 - a connection of psycopg
        """What has to happen together with the reservation, or not at all."""

    def after(self, guest: Guest, confirmed: Reservation) -> None:
        """What follows, and may fail without the reservation failing."""


class ByEvent:
    """Booking upstream: it says what has happened, and whoever wants to know subscribes."""

    def within(self, connection: Any, confirmed: Reservation) -> None:  # noqa: ANN401 - a connection of psycopg
        """Writes `ReservationConfirmed` into the outbox."""
        announce(connection, "ReservationConfirmed", confirmed["reservation_id"], confirmed)

    def after(self, guest: Guest, confirmed: Reservation) -> None:
        """Nothing."""


class ByCall:
    """Notifications upstream: Booking says who is to be told what, in the words of Notifications."""

    def __init__(self, notifications: Upstream) -> None:
        self._notifications = notifications

    def within(self, connection: Any, confirmed: Reservation) -> None:  # noqa: ANN401 - a connection of psycopg
        """Nothing."""

    def after(self, guest: Guest, confirmed: Reservation) -> None:
        """Calls `send_notification`; a reservation stands even where the guest cannot be told now."""
        message = "Your table at {restaurant_name} is confirmed for {date}, {time}.".format_map(confirmed)
        try:
            self._notifications.tell("SendNotification", {"user_id": guest.guest_id, "message": message, "channel": "email"})
        except (UpstreamDownError, UpstreamRefusedError) as error:
            log.warning("reservation %s stands, and its guest was not told: %s", confirmed["reservation_id"], error)


class Desk:
    """Takes reservations."""

    def __init__(self, database: Database, guests: Guests, catalog: Upstream, word: Word) -> None:
        self._database = database
        self._guests = guests
        self._catalog = catalog
        self._word = word

    def reserve(self, request: Request) -> Answer:
        """Confirms the reservation in the request's body."""
        body = request.json()
        guest = self._guests.of_session(line(body, "session"))
        restaurant_id, party = line(body, "restaurant_id"), whole(body, "party")
        confirmed = {
            "reservation_id": str(uuid.uuid4()),
            "guest_email": guest.email,
            "restaurant_name": self._name_of(restaurant_id),
            "date": day(body, "date").isoformat(),
            "time": time_of_day(body, "time"),
        }
        row = (confirmed["reservation_id"], guest.guest_id, restaurant_id, confirmed["date"], confirmed["time"], party)
        with self._database.transaction() as connection:
            connection.execute(_INSERT, row)
            self._word.within(connection, confirmed)
        self._word.after(guest, confirmed)
        return Answer(confirmed, HTTPStatus.CREATED)

    def _name_of(self, restaurant_id: str) -> str:
        try:
            return line(self._catalog.ask("GetRestaurant", {"id": restaurant_id}), "name")
        except UpstreamRefusedError as refused:
            raise Problem(HTTPStatus.NOT_FOUND, str(refused)) from None


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where its database or one of its upstreams is missing."""
    url = environment.datastore("postgresql")
    database = Database(url, _SCHEMA + OUTBOX if environment.publishes else _SCHEMA)
    checks: dict[str, Check] = checks_of({"postgresql": url})
    workers: tuple[Worker, ...] = ()
    word: Word
    if environment.publishes:
        word, announcer = ByEvent(), Announcer(environment, Outbox(database))
        checks["broker"], workers = announcer.check, (announcer,)
    else:
        word = ByCall(OverHttp(environment, "notifications"))
    guests = Guests(OverHttp(environment, "authentication"))
    desk = Desk(database, guests, OverHttp(environment, "restaurant-catalog"), word)
    return Service(routes={"Reserve": Route({"POST": desk.reserve}, "Reserve")}, checks=checks, workers=workers)


if __name__ == "__main__":
    main(make)
