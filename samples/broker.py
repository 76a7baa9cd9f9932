"""Publishing and consuming through whatever broker BROKER_URL names: RabbitMQ (`amqp`) or Kafka (`kafka`).

Nothing is declared here: exchanges, queues and topics are Plat's, and a context's user has no right to make any.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from samples.environment import Consumption, MisconfiguredError, Publication

PATIENCE = 5
"""Seconds to wait for the broker in one attempt."""


class BrokerDownError(Exception):
    """The broker does not answer, or refuses. The message says which."""


class UnroutedError(Exception):
    """The broker took no message because nobody consumes this event; only RabbitMQ can tell."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event as it travels: `message_id` tells a second delivery from a second event.

    `key` names what it is about, where that is known: Kafka keeps events with one key in their order.
    """

    message_id: str
    event: str
    body: bytes
    key: str = ""

    def json(self) -> dict[str, Any]:
        """The body as a JSON object. Raises ValueError where it is none."""
        document = json.loads(self.body)
        if not isinstance(document, dict):
            msg = "the message is not a JSON object"
            raise ValueError(msg)  # noqa: TRY004 - one kind of error for every body that is not what it should be
        return document


Handler = Callable[[Message], None]
"""What is done about a message. One that raises ValueError says that it can never be handled: it is set aside as a dead
letter. Any other error may pass, so the message comes again, a few times."""


class Publisher(Protocol):
    """Publishes, and returns only when the broker has confirmed. Safe to use from several threads."""

    def publish(self, publication: Publication, message: Message) -> None:
        """Publishes `message`, over a new connection if the old one has died in the meantime.

        A message may arrive twice (with one `message_id`) when the broker's confirmation was lost.
        Raises UnroutedError where it is known that nobody takes it, BrokerDownError where it was not confirmed.
        """

    def check(self) -> None:
        """Connects if need be. Raises BrokerDownError where the broker does not answer."""

    def close(self) -> None:
        """Ends the connection."""


class Consumer(Protocol):
    """Hands each message to its handler, in a thread; connects again for as long as it is not stopped."""

    def start(self) -> None:
        """Begins to consume."""

    def stop(self) -> None:
        """Stops after the message in hand."""

    def check(self) -> None:
        """Raises BrokerDownError while something is not being consumed."""


def publisher(url: str) -> Publisher:
    """A publisher to the broker at `url`. Raises MisconfiguredError for a kind of broker that there is not."""
    # A service does not pay for the client of a broker that it does not use.
    if _scheme(url) == "kafka":
        from samples import kafka  # noqa: PLC0415

        return kafka.Publisher(url)
    from samples import rabbitmq  # noqa: PLC0415

    return rabbitmq.Publisher(url)


def consumer(url: str, handlers: Mapping[Consumption, Handler]) -> Consumer:
    """A consumer at the broker at `url`. Raises MisconfiguredError for a kind of broker that there is not."""
    if _scheme(url) == "kafka":
        from samples import kafka  # noqa: PLC0415

        return kafka.Consumer(url, handlers)
    from samples import rabbitmq  # noqa: PLC0415

    return rabbitmq.Consumer(url, {item.queue: handler for item, handler in handlers.items()})


def _scheme(url: str) -> str:
    scheme = urlsplit(url).scheme
    if scheme not in {"amqp", "amqps", "kafka"}:
        msg = "BROKER_URL names neither RabbitMQ (amqp://) nor Kafka (kafka://)"
        raise MisconfiguredError(msg)
    return scheme
