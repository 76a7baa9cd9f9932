"""Notifications: tells somebody something; here, by a line in its log, remembered in Redis.

It is reached in one of two ways, whichever the landscape has: it subscribes to `ReservationConfirmed`, or it is called,
`POST /SendNotification {"user_id", "message", "channel"}`.
"""

from __future__ import annotations

import logging
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from samples.broker import Message
from samples.consuming import consumer_of
from samples.database import StoreDownError
from samples.environment import Environment
from samples.fields import MalformedError, line, one_of
from samples.service import Service, Worker, main
from samples.stores import checks_of, open_redis
from samples.web import Answer, Check, Request, Route

if TYPE_CHECKING:
    from redis import Redis

CHANNELS = ("email", "sms", "push")
_REMEMBERED_SECONDS = 7 * 24 * 3600

log = logging.getLogger(__name__)


class Notifier:
    """The keys `notification:<id>`: what was sent, so that it is sent once."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    def reservation_confirmed(self, message: Message) -> None:
        """Tells a guest by e-mail. Raises MalformedError, StoreDownError."""
        event = message.json()
        words = {name: line(event, name) for name in ("restaurant_name", "date", "time")}
        text = "Your table at {restaurant_name} is confirmed for {date}, {time}.".format_map(words)
        if not message.message_id:
            msg = "the message has no message_id"
            raise MalformedError(msg)
        self._send(message.message_id, line(event, "guest_email"), text, "email")

    def send_notification(self, request: Request) -> Answer:
        """`send_notification(user_id, message, channel)`."""
        body = request.json()
        notification_id = str(uuid.uuid4())
        self._send(notification_id, line(body, "user_id"), line(body, "message"), one_of(body, "channel", CHANNELS))
        return Answer({"notification_id": notification_id}, HTTPStatus.ACCEPTED)

    def _send(self, notification_id: str, to: str, text: str, channel: str) -> None:
        try:
            first = self._client.set(f"notification:{notification_id}", text, nx=True, ex=_REMEMBERED_SECONDS)
        except RedisError:
            raise StoreDownError from None
        if first:
            log.info("notified %s by %s: %s", to, channel, text)


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where it has no Redis, or consumes what it does not know."""
    url = environment.datastore("redis")
    notifier = Notifier(open_redis(url))
    checks: dict[str, Check] = checks_of({"redis": url})
    workers: tuple[Worker, ...] = ()
    if environment.consumes:
        consumer = consumer_of(environment, {"booking.ReservationConfirmed": notifier.reservation_confirmed})
        checks["consumer"], workers = consumer.check, (consumer,)
    routes = {"SendNotification": Route({"POST": notifier.send_notification}, "SendNotification")}
    return Service(routes, checks, workers)


if __name__ == "__main__":
    main(make)
