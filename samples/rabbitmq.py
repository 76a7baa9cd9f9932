"""RabbitMQ for the samples: a publisher that confirms, and a consumer that comes back."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Mapping

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPError, UnroutableError
from pika.spec import PERSISTENT_DELIVERY_MODE

from samples.broker import PATIENCE, BrokerDownError, Handler, Message, UnroutedError
from samples.environment import Publication

PREFETCH = 10
_HEARTBEAT = 30

log = logging.getLogger(__name__)


class Publisher:
    """Publishes persistently and returns only when the broker has confirmed. Safe to use from several threads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._channel: BlockingChannel | None = None

    def publish(self, publication: Publication, message: Message) -> None:
        """Publishes `message`, over a new connection if the old one has died in the meantime.

        A message may arrive twice (with one `message_id`) when the broker's confirmation was lost.
        Raises UnroutedError where no queue takes it, BrokerDownError where it was not confirmed.
        """
        with self._lock:
            try:
                self._publish(self._alive(), publication, message)
            except UnroutableError:
                msg = f"no queue is bound to {publication.exchange} for {publication.routing_key}: nobody consumes it"
                raise UnroutedError(msg) from None
            except (AMQPError, OSError) as error:
                self._drop()
                raise BrokerDownError(explain(error)) from None

    def check(self) -> None:
        """Connects if need be. Raises BrokerDownError where the broker does not answer."""
        with self._lock:
            try:
                self._alive()
            except (AMQPError, OSError) as error:
                self._drop()
                raise BrokerDownError(explain(error)) from None

    def close(self) -> None:
        """Ends the connection."""
        with self._lock:
            self._drop()

    def _publish(self, channel: BlockingChannel, publication: Publication, message: Message) -> None:
        channel.basic_publish(
            publication.exchange,
            publication.routing_key,
            message.body,
            pika.BasicProperties(
                message_id=message.message_id,
                type=message.event,
                content_type="application/json",
                delivery_mode=PERSISTENT_DELIVERY_MODE,
            ),
            mandatory=True,
        )

    def _alive(self) -> BlockingChannel:
        """The channel, after hearing whether the broker has closed it since it was last used."""
        if self._channel is not None:
            try:
                self._channel.connection.process_data_events(0)
            except (AMQPError, OSError):
                self._drop()
        if self._channel is None or not self._channel.is_open:
            self._channel = connect(self._url).channel()
            self._channel.confirm_delivery()
        return self._channel

    def _drop(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None and channel.connection.is_open:
            _quietly(channel.connection.close)


class Consumer:
    """Hands each message of some queues to its handler, in a thread; connects again for as long as it is not stopped.

    What fails is delivered again as often as the queue's limit allows, and then goes to the dead-letter queue.
    """

    def __init__(self, url: str, handlers: Mapping[str, Handler]) -> None:
        self._url = url
        self._handlers = dict(handlers)
        self._stopping = threading.Event()
        self._problem: str | None = "not connected yet"
        self._thread = threading.Thread(target=self._run, name="consumer", daemon=True)

    def start(self) -> None:
        """Begins to consume."""
        self._thread.start()

    def stop(self) -> None:
        """Stops after the message in hand."""
        self._stopping.set()
        self._thread.join(timeout=PATIENCE)

    def check(self) -> None:
        """Raises BrokerDownError while nothing is being consumed."""
        if self._problem is not None:
            raise BrokerDownError(self._problem)

    def _run(self) -> None:
        pause = 0.2
        while not self._stopping.is_set():
            try:
                self._consume()
            except (AMQPError, OSError, BrokerDownError) as error:
                pause = 0.2 if self._problem is None else min(pause * 2, PATIENCE)
                self._problem = explain(error)
                log.warning("not consuming: %s", self._problem)
                self._stopping.wait(pause)

    def _consume(self) -> None:
        connection = connect(self._url)
        try:
            channel = connection.channel()
            channel.basic_qos(prefetch_count=PREFETCH)
            tags = [self._subscribe(channel, queue, handler) for queue, handler in self._handlers.items()]
            self._problem = None
            log.info("consuming %s", ", ".join(sorted(self._handlers)))
            while not self._stopping.is_set():
                connection.process_data_events(time_limit=0.2)
                if set(tags) - set(channel.consumer_tags):
                    msg = "the broker ended a subscription: its queue is gone"
                    raise BrokerDownError(msg)
        finally:
            if connection.is_open:
                _quietly(connection.close)

    def _subscribe(self, channel: BlockingChannel, queue: str, handler: Handler) -> str:
        def take(_: object, method: pika.spec.Basic.Deliver, properties: pika.BasicProperties, body: bytes) -> None:
            message = Message(properties.message_id or "", properties.type or method.routing_key or "", body)
            _settle(channel, method.delivery_tag or 0, queue, handler, message)

        return str(channel.basic_consume(queue, take))


def connect(url: str) -> pika.BlockingConnection:
    """A connection to `url`, given up after PATIENCE seconds. Raises BrokerDownError."""
    parameters = pika.URLParameters(url)
    parameters.connection_attempts = 1
    parameters.socket_timeout = parameters.stack_timeout = parameters.blocked_connection_timeout = PATIENCE
    parameters.heartbeat = _HEARTBEAT
    try:
        return pika.BlockingConnection(parameters)
    except (AMQPError, AMQPConnectorException, OSError) as error:
        raise BrokerDownError(explain(error)) from None


def explain(error: BaseException) -> str:
    """One line of what is wrong, in the broker's own words where it has said something; no credentials."""
    # pika wraps the cause once or twice: as an attribute, or as the first argument.
    cause = getattr(error, "exception", None) or next((arg for arg in error.args if isinstance(arg, BaseException)), None)
    if cause is not None:
        return explain(cause)
    said = getattr(error, "reply_text", None) or str(error)
    quoted = re.search(r"\(\d{3}\) ['\"](.+)['\"]", said)
    return quoted[1] if quoted else said or f"the broker does not answer ({type(error).__name__})"


def _settle(channel: BlockingChannel, tag: int, queue: str, handler: Handler, message: Message) -> None:
    try:
        handler(message)
    except ValueError as error:
        log.warning("%s: message %s cannot be handled and is set aside: %s", queue, message.message_id or "?", error)
        channel.basic_nack(tag, requeue=False)
    except Exception:
        log.exception("%s: message %s failed and comes again", queue, message.message_id or "?")
        channel.basic_nack(tag, requeue=True)
    else:
        channel.basic_ack(tag)


def _quietly(close: Callable[[], object]) -> None:
    try:
        close()
    except (AMQPError, OSError):
        log.debug("a connection had already ended", exc_info=True)
