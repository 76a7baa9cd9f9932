"""The transactional outbox: an event is written in the transaction that makes it true, and published from there.

A crash in between publishes an event twice, with one `message_id`, and never not at all. Events leave in the order in
which they were written, however many instances of a service run.
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from samples.broker import BrokerDownError, Message, UnroutedError, publisher
from samples.database import Database, StoreDownError
from samples.environment import Environment, MisconfiguredError

if TYPE_CHECKING:
    from samples.database import Rows

# The table is the one that Plat makes where a descriptor says `outbox: true`; anywhere else the service makes it.
SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
    id uuid PRIMARY KEY,
    event text NOT NULL,
    version integer NOT NULL,
    key text NOT NULL,
    payload jsonb NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz
);
"""
_ADD = "INSERT INTO outbox (id, event, version, key, payload, occurred_at) VALUES (%s, %s, 1, %s, %s, clock_timestamp())"
# Another instance waits here for the first one's message, so that what came first leaves first.
_NEXT = """
SELECT id, event, key, payload FROM outbox WHERE published_at IS NULL ORDER BY occurred_at, id LIMIT 1 FOR UPDATE
"""
_ONE = "SELECT id, event, key, payload FROM outbox WHERE published_at IS NULL AND id = %s FOR UPDATE"
_DONE = "UPDATE outbox SET published_at = now() WHERE id = %s"

Publish = Callable[[Message], None]

log = logging.getLogger(__name__)


class Outbox:
    """The table `outbox` of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def publish_next(self, publish: Publish) -> bool:
        """Publishes the event that has waited longest, and tells whether there was one. Raises what `publish` raises."""
        with self._database.transaction() as connection:
            return _publish(connection, connection.execute(_NEXT).fetchone(), publish)

    def publish(self, message_id: str, publish: Publish) -> None:
        """Publishes that one event if it still waits, before older ones. Raises what `publish` raises; it then waits on."""
        with self._database.transaction() as connection:
            _publish(connection, connection.execute(_ONE, (message_id,)).fetchone(), publish)


def announce(connection: Rows, event: str, key: str, payload: Mapping[str, Any], message_id: str | None = None) -> None:
    """Writes an event into the outbox: it is published once the transaction of `connection` has committed.

    `key` names what the event is about: events with one key keep their order. Default for `message_id`: a new one.
    """
    connection.execute(_ADD, (message_id or str(uuid.uuid4()), event, key, json.dumps(payload, default=str)))


def _publish(connection: Rows, row: Mapping[str, Any] | None, publish: Publish) -> bool:
    if row is None:
        return False
    publish(Message(str(row["id"]), row["event"], json.dumps(row["payload"]).encode(), row["key"]))
    connection.execute(_DONE, (row["id"],))
    return True


class Waiting(Protocol):
    """Where events wait."""

    def publish_next(self, publish: Publish) -> bool:
        """Publishes the one that has waited longest, and tells whether there was one."""


class Announcer:
    """Publishes what waits, with the rights of the one context of `environment`, for as long as the service runs."""

    def __init__(self, environment: Environment, waiting: Waiting, pause: float = 0.1) -> None:
        """`pause` is in seconds. Raises MisconfiguredError where nothing may be published."""
        self._context = environment.only.name
        if not environment.publishes:
            msg = f"PLAT_PUBLISHES is empty: {self._context} has an outbox and publishes nothing"
            raise MisconfiguredError(msg)
        self._publications = environment.publishes
        self._publisher = publisher(environment.broker_url(self._context))
        self._waiting = waiting
        self._pause = pause
        self._stopping = threading.Event()
        self._problem = ""
        self._thread = threading.Thread(target=self._run, name="announcer", daemon=True)

    def start(self) -> None:
        """Begins to publish."""
        self._thread.start()

    def stop(self) -> None:
        """Stops after the event in hand; what waits is published after the next start."""
        self._stopping.set()
        self._thread.join(timeout=10)
        self._publisher.close()

    def check(self) -> None:
        """Raises BrokerDownError where the broker does not answer."""
        self._publisher.check()

    def publish(self, message: Message) -> None:
        """Publishes one event; that nobody consumes it is no reason to keep it. Raises BrokerDownError."""
        try:
            self._publisher.publish(self._publications[f"{self._context}.{message.event}"], message)
        except UnroutedError:
            log.info("%s is published, and nobody consumes it (message %s)", message.event, message.message_id)
        else:
            log.info("%s is published (message %s)", message.event, message.message_id)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                while not self._stopping.is_set() and self._waiting.publish_next(self.publish):
                    pass
                self._say("")
            except (BrokerDownError, StoreDownError) as error:
                self._say(str(error))
            except Exception:
                log.exception("the announcer failed and tries again")
                self._stopping.wait(1)
            self._stopping.wait(self._pause)

    def _say(self, problem: str) -> None:
        """Logs a problem when it begins and when it ends, not each time."""
        if problem and problem != self._problem:
            log.warning("events wait in the outbox: %s", problem)
        if self._problem and not problem:
            log.info("the outbox is empty again")
        self._problem = problem
