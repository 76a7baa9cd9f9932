"""Order processing: takes orders over HTTP, stores them, and announces each as `OrderPlaced`.

`POST /PlaceOrder` (also `POST /orders`) answers 201 when the order is stored and its message confirmed by the broker;
202 when it is stored and the message will follow as soon as the broker takes it. `GET /orders/<order_id>` shows one.
"""

from __future__ import annotations

import logging
import threading
import uuid
from decimal import Decimal
from http import HTTPStatus

from samples import broker
from samples.broker import BrokerDownError, Message, Publisher, UnroutedError
from samples.environment import Environment, MisconfiguredError, Publication
from samples.orders import EVENT, GIVEN, OWN, NewOrder, Orders, StoreDownError, UnstorableError
from samples.service import Service, main
from samples.stores import checks_of
from samples.web import Answer, Problem, Request, Route

OPERATION = "PlaceOrder"
_LONGEST_NAME = 64
_HIGHEST_AMOUNT = Decimal(10) ** 10
_CENT = Decimal("0.01")

log = logging.getLogger(__name__)


class Relay:
    """Publishes what waits in the outbox, in order, for as long as the service runs."""

    def __init__(self, orders: Orders, publisher: Publisher, publication: Publication, pause: float = 1.0) -> None:
        self._orders = orders
        self._publisher = publisher
        self._publication = publication
        self._pause = pause
        self._stopping = threading.Event()
        self._problem = ""
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    def publish(self, message: Message) -> None:
        """Publishes one message. Raises BrokerDownError or UnroutedError."""
        self._publisher.publish(self._publication, message)

    def start(self) -> None:
        """Begins to publish."""
        self._thread.start()

    def stop(self) -> None:
        """Stops after the message in hand; what waits is published after the next start."""
        self._stopping.set()
        self._thread.join(timeout=10)
        self._publisher.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                while not self._stopping.is_set() and self._orders.publish_next(self.publish):
                    pass
                self._say("")
            except (BrokerDownError, UnroutedError, StoreDownError) as error:
                self._say(str(error))
            except Exception:
                log.exception("the relay failed and tries again")
            self._stopping.wait(self._pause)

    def _say(self, problem: str) -> None:
        """Logs a problem when it begins and when it ends, not every second."""
        if problem and problem != self._problem:
            log.warning("messages wait in the outbox: %s", problem)
        if self._problem and not problem:
            log.info("the outbox is empty again")
        self._problem = problem


class Desk:
    """What customers reach: places orders and shows them."""

    def __init__(self, orders: Orders, relay: Relay) -> None:
        self._orders = orders
        self._relay = relay

    def place(self, request: Request) -> Answer:
        """Stores the order in the request's body and announces it."""
        if request.path:
            raise Problem(HTTPStatus.NOT_FOUND, "an order is placed at /orders or /PlaceOrder")
        order = order_of(request)
        try:
            placed = self._orders.place(order)
        except StoreDownError:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "the orders database does not answer: not stored") from None
        except UnstorableError as error:
            raise Problem(HTTPStatus.BAD_REQUEST, f"the order cannot be stored: {error}") from None
        body = {"order_id": placed.order_id, "message_id": placed.message_id, "user_id": order.user_id}
        try:
            self._orders.publish(placed.message_id, self._relay.publish)
        except (BrokerDownError, UnroutedError, StoreDownError) as error:
            log.warning("order %s is stored; its message waits in the outbox: %s", placed.order_id, error)
            return Answer({**body, "status": "stored, to be published"}, HTTPStatus.ACCEPTED)
        log.info("order %s of user %s is stored and published", placed.order_id, order.user_id)
        return Answer({**body, "status": "stored and published"}, HTTPStatus.CREATED)

    def show(self, request: Request) -> Answer:
        """The order whose id is the path's one segment."""
        order_id = _uuid(request.path)
        try:
            found = self._orders.find(order_id) if order_id else None
        except StoreDownError:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "the orders database does not answer") from None
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
    publication = environment.publishes.get(f"{environment.only.name}.{EVENT}")
    if publication is None:
        msg = f"PLAT_PUBLISHES has no {environment.only.name}.{EVENT}: this sample publishes it"
        raise MisconfiguredError(msg)
    orders = Orders(environment.datastore("postgresql"), GIVEN if environment.outboxes else OWN)
    publisher = broker.publisher(environment.broker_url(environment.only.name))
    relay = Relay(orders, publisher, publication)
    desk = Desk(orders, relay)
    return Service(
        routes={
            OPERATION: Route({"POST": desk.place}, OPERATION),
            "orders": Route({"POST": desk.place, "GET": desk.show}, OPERATION),
        },
        checks={**checks_of({"postgresql": environment.datastore("postgresql")}), "broker": publisher.check},
        workers=(relay,),
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
