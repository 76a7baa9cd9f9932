"""Tries rights at a RabbitMQ broker without moving a message.

A publication is rolled back before it is routed. A consumer is asked for with an argument of a wrong type: the broker
judges the right to read first (403) and the argument next (406), so nothing is ever delivered, and no delivery counts
towards a queue's limit. The same order tells whether an existing queue or exchange may be declared: with arguments that
differ from its own, 406 means that only they stood in the way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pika import BlockingConnection, ConnectionParameters, PlainCredentials
from pika.adapters.blocking_connection import BlockingChannel
from pika.adapters.utils.connection_workflow import AMQPConnectorException, AMQPConnectorStackTimeout
from pika.exceptions import AMQPError, ChannelClosedByBroker, ConnectionClosedByBroker

from plat.plan.model import SecretRef
from plat.verify.model import Bind, Cell, Consume, Declare, Door, Key, Outcome, Publish
from plat.verify.probes.base import PATIENCE, NoAnswerError, let_in, refused, try_keys, unclear

BrokerAction = Publish | Consume | Bind | Declare

_ACCESS_REFUSED = 403
_NOT_FOUND = 404
_PRECONDITION_FAILED = 406
_LET_IN_BUT = {Consume: _PRECONDITION_FAILED, Declare: _PRECONDITION_FAILED}
_QUOTED = re.compile(r"\(\d{3}\) (['\"])(?P<said>.+)\1")
_PROBE_KEY = "plat-verify"


class Session:
    """One principal's connections to one broker, a connection per key; each door is tried on a channel of its own."""

    def __init__(self, secrets: Mapping[SecretRef, str]) -> None:
        self._secrets = secrets
        self._connections: dict[Key, BlockingConnection | Outcome] = {}

    def try_cell(self, cell: Cell, action: BrokerAction) -> Outcome:
        """The outcome of `cell`. Raises NoAnswerError where the broker is not there."""

        def attempt(key: Key) -> Outcome:
            connection = self._connection(cell.door, action.vhost, key)
            return connection if isinstance(connection, Outcome) else _try(connection, action, str(key.user))

        return try_keys(cell, attempt)

    def close(self) -> None:
        """Ends all connections."""
        for connection in self._connections.values():
            if isinstance(connection, BlockingConnection) and connection.is_open:
                try:
                    connection.close()
                except (AMQPError, OSError):
                    continue  # it had ended already, which is what was wanted

    def _connection(self, door: Door, vhost: str, key: Key) -> BlockingConnection | Outcome:
        known = self._connections.get(key)
        if known is None or (isinstance(known, BlockingConnection) and not known.is_open):
            known = _connect(door, vhost, str(key.user), key.password(self._secrets) or "")
            self._connections[key] = known
        return known


def _connect(door: Door, vhost: str, user: str, password: str) -> BlockingConnection | Outcome:
    parameters = ConnectionParameters(
        host=door.host,
        port=door.port,
        virtual_host=vhost,
        credentials=PlainCredentials(user, password),
        connection_attempts=1,
        socket_timeout=PATIENCE,
        stack_timeout=PATIENCE,
        blocked_connection_timeout=PATIENCE,
        heartbeat=PATIENCE,  # so that a broker that hangs in the middle is given up
    )
    try:
        return BlockingConnection(parameters)
    except AMQPConnectorStackTimeout:
        msg = f"no greeting within {PATIENCE} s"
        raise NoAnswerError(msg) from None
    except (AMQPError, AMQPConnectorException, OSError) as error:
        said = _QUOTED.search(str(error))
        if said is None:
            raise NoAnswerError(_cause(error)) from None
        words = said["said"]
        return refused(words) if "refused" in words else unclear(words)


def _try(connection: BlockingConnection, action: BrokerAction, user: str) -> Outcome:
    try:
        _perform(connection, action)
    except ChannelClosedByBroker as error:
        return _judge(error, action, user)
    except (ConnectionClosedByBroker, AMQPError, OSError) as error:
        raise NoAnswerError(_cause(error)) from None
    return let_in(_let_in(action, user))


def _judge(error: ChannelClosedByBroker, action: BrokerAction, user: str) -> Outcome:
    words = str(error.reply_text)
    if error.reply_code == _ACCESS_REFUSED:
        return refused(words)
    if error.reply_code == _LET_IN_BUT.get(type(action)):
        return let_in(_let_in(action, user))
    return unclear(words)


def _perform(connection: BlockingConnection, action: BrokerAction) -> None:
    match action:
        case Publish():
            _on_channel(connection, lambda channel: _publish(channel, action))
        case Consume():
            _on_channel(connection, lambda channel: _consume(channel, action.queue))
        case Bind():
            _on_channel(connection, lambda channel: _bind(channel, action))
        case Declare(queue=str(queue)):
            # Exclusive: should it come into being, it goes with this connection.
            _on_channel(connection, lambda channel: channel.queue_declare(queue, exclusive=True, auto_delete=True))
        case Declare(exchange=str(exchange)):
            _declare_exchange(connection, exchange)


def _publish(channel: BlockingChannel, action: Publish) -> None:
    channel.tx_select()
    channel.basic_publish(action.exchange, action.routing_key, b"")
    channel.tx_rollback()


def _consume(channel: BlockingChannel, queue: str) -> None:
    tag = channel.basic_consume(queue, lambda *_: None, arguments={"x-priority": "not a number"})
    channel.basic_cancel(tag)


def _bind(channel: BlockingChannel, action: Bind) -> None:
    channel.queue_bind(action.queue, action.exchange, _PROBE_KEY)
    channel.queue_unbind(action.queue, action.exchange, _PROBE_KEY)


def _declare_exchange(connection: BlockingConnection, exchange: str) -> None:
    """Declares `exchange` as what it is not; one that was not there is removed again."""
    was_there = True
    try:
        _on_channel(connection, lambda channel: channel.exchange_declare(exchange, passive=True))
    except ChannelClosedByBroker as error:
        was_there = error.reply_code != _NOT_FOUND
    _on_channel(connection, lambda channel: channel.exchange_declare(exchange, "headers", auto_delete=True))
    if not was_there:
        _on_channel(connection, lambda channel: channel.exchange_delete(exchange, if_unused=True))


def _on_channel(connection: BlockingConnection, work: Callable[[BlockingChannel], object]) -> None:
    channel = connection.channel()
    work(channel)
    channel.close()


def _let_in(action: BrokerAction, user: str) -> str:
    match action:
        case Publish():
            return f"{user} may publish {action.routing_key} on {action.exchange or 'the default exchange'}"
        case Consume():
            return f"{user} may consume {action.queue}"
        case Bind():
            return f"{user} may bind {action.queue}"
        case Declare():
            return f"{user} may declare {action.queue or action.exchange}"


def _cause(error: BaseException) -> str:
    """What kept the broker from answering: pika wraps it once or twice."""
    inner = getattr(error, "exception", None) or next((arg for arg in error.args if isinstance(arg, BaseException)), None)
    return _cause(inner) if inner is not None else str(error) or type(error).__name__
