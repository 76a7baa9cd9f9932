"""Notification: reads `OrderPlaced` and tells the customer; here, by a line in its log.

The broker may deliver a message twice; each `message_id` is told once by one running service.
"""

from __future__ import annotations

import logging
from collections import OrderedDict

from samples.broker import Message, consumer
from samples.environment import Environment, MisconfiguredError
from samples.service import Service, main

_REMEMBERED = 10_000

log = logging.getLogger(__name__)


class Notifier:
    """Tells each order once."""

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        self._told: OrderedDict[str, None] = OrderedDict()
        self._remembered = remembered

    def handle(self, message: Message) -> None:
        """Tells of one order. Raises ValueError where the message is not what was agreed."""
        order = message.json().get("order_data")
        if not message.message_id or not isinstance(order, dict) or not {"user_id", "order_id"} <= order.keys():
            msg = "it has no message_id, or no order_data with user_id and order_id"
            raise ValueError(msg)
        if message.message_id in self._told:
            log.info("message %s came again and is passed over", message.message_id)
            return
        user, order_id = _line(order["user_id"]), _line(order["order_id"])
        log.info("notified user %s of order %s (message %s)", user, order_id, message.message_id)
        self._told[message.message_id] = None
        if len(self._told) > self._remembered:
            self._told.popitem(last=False)


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where it consumes nothing."""
    if not environment.consumes:
        msg = "PLAT_CONSUMES is empty: this sample consumes an OrderPlaced"
        raise MisconfiguredError(msg)
    notifier = Notifier()
    handlers = dict.fromkeys(environment.consumes, notifier.handle)
    reader = consumer(environment.broker_url(environment.only.name), handlers)
    return Service(checks={"broker": reader.check}, workers=(reader,))


def _line(value: object) -> str:
    """`value` as it may stand in a log: nothing that would begin a line of its own."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(value))[:100]


if __name__ == "__main__":
    main(make)
