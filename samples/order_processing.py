"""Order processing: takes orders over HTTP, stores them, and announces each as `OrderPlaced`.

`POST /PlaceOrder` (also `POST /orders`) answers 201 when the order is stored and its message confirmed by the broker;
202 when it is stored and the message will follow as soon as the broker takes it. `GET /orders/<order_id>` shows one.
"""

from __future__ import annotations

import logging
import uuid
from decimal import Decimal
from http import HTTPStatus

from samples.broker import BrokerDownError
from samples.database import Database, StoreDownError
from samples.environment import Environment, MisconfiguredError
from samples.fields import MalformedError
from samples.orders import EVENT, SCHEMA, NewOrder, Orders
from samples.outbox import Announcer, Outbox
from samples.service import Service, main
from samples.stores import checks_of
from samples.web import Answer, Problem, Request, Route

OPERATION = "PlaceOrder"
_LONGEST_NAME = 64
_HIGHEST_AMOUNT = Decimal(10) ** 10
_CENT = Decimal("0.01")

log = logging.getLogger(__name__)


class Desk:
    """What customers reach: places orders and shows them."""

    def __init__(self, orders: Orders, outbox: Outbox, announcer: Announcer) -> None:
        self._orders = orders
        self._outbox = outbox
        self._announcer = announcer

    def place(self, request: Request) -> Answer:
        """Stores the order in the request's body and announces it."""
        if request.path:
            raise Problem(HTTPStatus.NOT_FOUND, "an order is placed at /orders or /PlaceOrder")
        order = order_of(request)
        try:
            placed = self._orders.place(order)
        except MalformedError as error:
            raise Problem(HTTPStatus.BAD_REQUEST, f"the order cannot be stored: {error}") from None
        body = {"order_id": placed.order_id, "message_id": placed.message_id, "user_id": order.user_id}
        try:
            self._outbox.publish(placed.message_id, self._announcer.publish)
        except (BrokerDownError, StoreDownError) as error:
            log.warning("order %s is stored; its message waits in the outbox: %s", placed.order_id, error)
            return Answer({**body, "status": "stored, to be published"}, HTTPStatus.ACCEPTED)
        log.info("order %s of user %s is stored and published", placed.order_id, order.user_id)
        return Answer({**body, "status": "stored and published"}, HTTPStatus.CREATED)

    def show(self, request: Request) -> Answer:
        """The order whose id is the path's one segment."""
        order_id = _uuid(request.path)
        found = self._orders.find(order_id) if order_id else None
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, "there is no such order")
        return Answer(found)


def order_of(request: Request) -> NewOrder:
    """The order in the request's body. Raises Problem saying what is wrong with it."""
    body = request.json()
    user, items, amount = body.get("user_id"), body.get("order_items"), body.get("total_amount")
    if isinstance(user, bool) or not isinstance(user, str | int) or not _is_name(str(user)):
        raise Problem(HTTPStatus.BAD_REQUEST, "`user_id` must be a whole number or a line of at most 64 characters")
    if not isinstance(items, list) or not items:
        raise Problem(HTTPStatus.BAD_REQUEST, "`order_items` must be a list with at least one item")
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal) or not _is_amount(Decimal(amount)):
        raise Problem(HTTPStatus.BAD_REQUEST, "`total_amount` must be a number from 0 with at most two decimals")
    return NewOrder(str(user), items, Decimal(amount))


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where its database, its broker or its event is missing."""
    if f"{environment.only.name}.{EVENT}" not in environment.publishes:
        msg = f"PLAT_PUBLISHES has no {environment.only.name}.{EVENT}: this sample publishes it"
        raise MisconfiguredError(msg)
    url = environment.datastore("postgresql")
    database = Database(url, SCHEMA)
    outbox = Outbox(database)
    announcer = Announcer(environment, outbox)
    desk = Desk(Orders(database), outbox, announcer)
    return Service(
        routes={
            OPERATION: Route({"POST": desk.place}, OPERATION),
            "orders": Route({"POST": desk.place, "GET": desk.show}, OPERATION),
        },
        checks={**checks_of({"postgresql": url}), "broker": announcer.check},
        workers=(announcer,),
    )


def _is_name(text: str) -> bool:
    return text.strip() == text and text.isprintable() and 0 < len(text) <= _LONGEST_NAME


def _is_amount(amount: Decimal) -> bool:
    return amount.is_finite() and 0 <= amount < _HIGHEST_AMOUNT and amount == amount.quantize(_CENT)


def _uuid(path: tuple[str, ...]) -> str | None:
    try:
        (text,) = path
        return str(uuid.UUID(text))
    except ValueError:
        return None


if __name__ == "__main__":
    main(make)
