"""Reviews: what guests thought of it.

`POST /WriteReview {"session", "restaurant_id", "stars", "text"}`. Which restaurants there are is learnt from
`RestaurantListed`, as the catalog says it: Reviews conforms.
"""

from __future__ import annotations

import uuid
from http import HTTPStatus

from samples.broker import Message
from samples.consuming import consumer_of
from samples.database import Database
from samples.environment import Environment
from samples.fields import MalformedError, line, whole
from samples.service import Service, main
from samples.stores import checks_of
from samples.upstream import OverHttp, Upstream, UpstreamRefusedError
from samples.web import Answer, Problem, Request, Route

_SCHEMA = """
CREATE TABLE IF NOT EXISTS restaurant (restaurant_id text PRIMARY KEY, name text NOT NULL);
CREATE TABLE IF NOT EXISTS review (
    review_id uuid PRIMARY KEY,
    restaurant_id text NOT NULL REFERENCES restaurant,
    reviewer text NOT NULL,
    stars integer NOT NULL,
    text text NOT NULL
);
"""
_LISTED = "INSERT INTO restaurant (restaurant_id, name) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_WRITTEN = """
INSERT INTO review (review_id, restaurant_id, reviewer, stars, text)
SELECT %s, restaurant_id, %s, %s, %s FROM restaurant WHERE restaurant_id = %s
"""
_MOST_STARS = 5


class Reviews:
    """The tables `restaurant` (known from events) and `review`."""

    def __init__(self, database: Database, authentication: Upstream) -> None:
        self._database = database
        self._authentication = authentication

    def learn(self, message: Message) -> None:
        """Takes a restaurant in that has been listed. Raises MalformedError, StoreDownError."""
        restaurant = message.json()
        with self._database.handling(message) as connection:
            if connection:
                connection.execute(_LISTED, (line(restaurant, "restaurant_id"), line(restaurant, "name")))

    def write(self, request: Request) -> Answer:
        """Keeps the review in the request's body."""
        body = request.json()
        restaurant_id, stars, text = line(body, "restaurant_id"), whole(body, "stars"), line(body, "text")
        if stars > _MOST_STARS:
            msg = f"`stars` must be 1 to {_MOST_STARS}"
            raise MalformedError(msg)
        review = {"review_id": str(uuid.uuid4()), "reviewer": self._reviewer(line(body, "session")), "stars": stars}
        with self._database.transaction() as connection:
            row = (review["review_id"], review["reviewer"], stars, text, restaurant_id)
            if connection.execute(_WRITTEN, row).rowcount == 0:
                raise Problem(HTTPStatus.NOT_FOUND, "this restaurant is not known here")
        return Answer(review, HTTPStatus.CREATED)

    def _reviewer(self, session: str) -> str:
        """The reviewer whose session it is: nothing but the name under which a review appears."""
        try:
            return line(self._authentication.tell("IdentifyUser", {"session": session}), "login")
        except UpstreamRefusedError as refused:
            raise Problem(HTTPStatus.UNAUTHORIZED, f"log in first: {refused}") from None


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where its database, upstream or event is missing."""
    url = environment.datastore("postgresql")
    reviews = Reviews(Database(url, _SCHEMA), OverHttp(environment, "authentication"))
    consumer = consumer_of(environment, {"restaurant-catalog.RestaurantListed": reviews.learn})
    return Service(
        routes={"WriteReview": Route({"POST": reviews.write}, "WriteReview")},
        checks={**checks_of({"postgresql": url}), "consumer": consumer.check},
        workers=(consumer,),
    )


if __name__ == "__main__":
    main(make)
