"""Tracking's command service: takes scans in, and answers for the context.

`POST /RecordScan {"parcel_id", "place", "state"}` keeps a scan, and tells of the last one as `ParcelDelivered`;
`GET /TrackParcel?parcel_id=` shows the journey that the projection service has made.
"""

from __future__ import annotations

from http import HTTPStatus

from samples.database import Database
from samples.environment import Environment
from samples.fields import line, one_of
from samples.outbox import Announcer, Outbox, announce
from samples.parcel_shipping.tracking.tables import SCHEMA, STATES
from samples.service import Service, main
from samples.stores import checks_of
from samples.web import Answer, Problem, Request, Route

_RECORD = "INSERT INTO scan (parcel_id, place, state) VALUES (%(parcel_id)s, %(place)s, %(state)s)"
_JOURNEY = "SELECT parcel_id, state, place, since FROM journey WHERE parcel_id = %s"


class Scans:
    """The table `scan`; `journey` is only read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, request: Request) -> Answer:
        """Keeps the scan in the request's body."""
        body = request.json()
        scan = {"parcel_id": line(body, "parcel_id"), "place": line(body, "place"), "state": one_of(body, "state", STATES)}
        with self._database.transaction() as connection:
            connection.execute(_RECORD, scan)
            if scan["state"] == "delivered":
                delivered = {"parcel_id": scan["parcel_id"], "place": scan["place"]}
                announce(connection, "ParcelDelivered", scan["parcel_id"], delivered)
        return Answer(scan, HTTPStatus.CREATED)

    def show(self, request: Request) -> Answer:
        """The journey of the query's `parcel_id`."""
        with self._database.transaction() as connection:
            journey = connection.execute(_JOURNEY, (line(request.query, "parcel_id"),)).fetchone()
        if journey is None:
            raise Problem(HTTPStatus.NOT_FOUND, "this parcel is not known here")
        return Answer(journey)


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where its database or its event is missing."""
    url = environment.datastore("postgresql")
    database = Database(url, SCHEMA)
    scans, announcer = Scans(database), Announcer(environment, Outbox(database))
    return Service(
        routes={
            "RecordScan": Route({"POST": scans.record}, "RecordScan"),
            "TrackParcel": Route({"GET": scans.show}, "TrackParcel"),
        },
        checks={**checks_of({"postgresql": url}), "broker": announcer.check},
        workers=(announcer,),
    )


if __name__ == "__main__":
    main(make)
