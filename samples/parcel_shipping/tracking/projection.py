"""Tracking's projection service: makes the journey that customers see, of `ParcelBooked` and of every scan in its order."""

from __future__ import annotations

import logging
import threading

from samples.broker import Message
from samples.consuming import consumer_of
from samples.database import Database, StoreDownError
from samples.environment import Environment
from samples.fields import line
from samples.parcel_shipping.tracking.tables import SCHEMA
from samples.service import Service, main
from samples.stores import checks_of

# A scan may be projected before its booking arrives: then the booking is the older news, and changes nothing.
_BOOKED = "INSERT INTO journey (parcel_id, state, place, since) VALUES (%s, 'booked', %s, now()) ON CONFLICT DO NOTHING"
_NEXT = """
SELECT position, parcel_id, place, state, scanned_at FROM scan WHERE NOT projected ORDER BY position LIMIT 100 FOR UPDATE
"""
_MOVED = """
INSERT INTO journey (parcel_id, state, place, since) VALUES (%(parcel_id)s, %(state)s, %(place)s, %(scanned_at)s)
ON CONFLICT (parcel_id) DO UPDATE SET state = excluded.state, place = excluded.place, since = excluded.since
"""
_DONE = "UPDATE scan SET projected = true WHERE position = %(position)s"

log = logging.getLogger(__name__)


class Journeys:
    """The table `journey`, made again and again of what happened."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def booked(self, message: Message) -> None:
        """A journey begins. Raises MalformedError, StoreDownError."""
        parcel = message.json()
        with self._database.handling(message) as connection:
            if connection:
                connection.execute(_BOOKED, (line(parcel, "parcel_id"), line(parcel, "from_zone")))

    def project(self) -> bool:
        """Takes up to a hundred scans in, in their order, and tells whether there were any. Raises StoreDownError."""
        with self._database.transaction() as connection:
            scans = connection.execute(_NEXT).fetchall()
            for scan in scans:
                connection.execute(_MOVED, scan)
                connection.execute(_DONE, scan)
        return bool(scans)


class Projector:
    """Projects for as long as the service runs."""

    def __init__(self, journeys: Journeys, pause: float = 0.1) -> None:
        """`pause` is in seconds."""
        self._journeys = journeys
        self._pause = pause
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="projector", daemon=True)

    def start(self) -> None:
        """Begins to project."""
        self._thread.start()

    def stop(self) -> None:
        """Stops after the scans in hand."""
        self._stopping.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                while not self._stopping.is_set() and self._journeys.project():
                    pass
            except StoreDownError as error:
                log.warning("scans wait: %s", error)
                self._stopping.wait(1)
            except Exception:
                log.exception("the projector failed and tries again")
                self._stopping.wait(1)
            self._stopping.wait(self._pause)


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where its database or its event is missing."""
    url = environment.datastore("postgresql")
    journeys = Journeys(Database(url, SCHEMA))
    consumer = consumer_of(environment, {"shipping.ParcelBooked": journeys.booked})
    return Service(
        checks={**checks_of({"postgresql": url}), "consumer": consumer.check},
        workers=(consumer, Projector(journeys)),
    )


if __name__ == "__main__":
    main(make)
