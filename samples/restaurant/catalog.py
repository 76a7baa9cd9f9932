"""Restaurant Catalog: which restaurants there are.

`POST /ListRestaurant {"name", "city"}` takes one in, `GET /GetRestaurant?id=` shows it; `RestaurantListed` tells of it.
"""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from samples.database import Database
from samples.environment import Environment
from samples.fields import line
from samples.outbox import SCHEMA as OUTBOX
from samples.outbox import Announcer, Outbox, announce
from samples.service import Service, main
from samples.stores import checks_of
from samples.web import Answer, Problem, Request, Route

_SCHEMA = """
CREATE TABLE IF NOT EXISTS restaurant (restaurant_id text PRIMARY KEY, name text NOT NULL, city text NOT NULL);
"""


class Catalog:
    """The table `restaurant`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_restaurant(self, request: Request) -> Answer:
        """Takes a restaurant in and tells everybody."""
        body = request.json()
        restaurant = {"restaurant_id": str(uuid.uuid4()), "name": line(body, "name"), "city": line(body, "city")}
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO restaurant (restaurant_id, name, city) VALUES (%(restaurant_id)s, %(name)s, %(city)s)", restaurant
            )
            announce(connection, "RestaurantListed", restaurant["restaurant_id"], restaurant)
        return Answer(restaurant, HTTPStatus.CREATED)

    def show(self, request: Request) -> Answer:
        """The restaurant of the query's `id`."""
        with self._database.transaction() as connection:
            found: dict[str, Any] | None = connection.execute(
                "SELECT restaurant_id, name, city FROM restaurant WHERE restaurant_id = %s", (line(request.query, "id"),)
            ).fetchone()
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, "there is no such restaurant")
        return Answer(found)


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where its database or its event is missing."""
    url = environment.datastore("postgresql")
    database = Database(url, _SCHEMA + OUTBOX)
    catalog, announcer = Catalog(database), Announcer(environment, Outbox(database))
    return Service(
        routes={
            "ListRestaurant": Route({"POST": catalog.list_restaurant}, "ListRestaurant"),
            "GetRestaurant": Route({"GET": catalog.show}, "GetRestaurant"),
        },
        checks={**checks_of({"postgresql": url}), "broker": announcer.check},
        workers=(announcer,),
    )


if __name__ == "__main__":
    main(make)
