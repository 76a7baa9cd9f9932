"""Orders in PostgreSQL, each with the message that announces it: the transactional outbox.

Order and message are written in one transaction, so there is never one without the other. A message leaves the table
`outbox` in the transaction in which the broker confirms it, or is marked there where the table is Plat's: a crash in
between publishes it twice, with one `message_id`, and never not at all.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg

from samples.broker import Message
from samples.stores import open_postgresql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    Rows = Connection[dict[str, Any]]

EVENT = "OrderPlaced"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    order_id uuid PRIMARY KEY,
    user_id text NOT NULL,
    order_items jsonb NOT NULL,
    total_amount numeric(12, 2) NOT NULL CHECK (total_amount >= 0),
    order_date timestamptz NOT NULL DEFAULT now()
);
"""
_SCHEMA_LOCK = 0x706C6174  # any number that all instances share: CREATE IF NOT EXISTS alone races with itself


@dataclass(frozen=True, slots=True)
class Outbox:
    """The statements on one form of the table `outbox`; each takes or gives (message_id, event, body)."""

    schema: str
    add: str
    take_one: str
    take_next: str


OWN = Outbox(
    schema="""
CREATE TABLE IF NOT EXISTS outbox (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id uuid NOT NULL UNIQUE,
    event text NOT NULL,
    body text NOT NULL
);
""",
    add="INSERT INTO outbox (message_id, event, body) VALUES (%s, %s, %s)",
    take_one="DELETE FROM outbox WHERE message_id = %s RETURNING message_id, event, body",
    take_next="""
DELETE FROM outbox WHERE position = (SELECT position FROM outbox ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING message_id, event, body
""",
)
"""A table that the service makes itself, from which messages go when they are published."""

GIVEN = Outbox(
    schema="",
    add="INSERT INTO outbox (id, event, version, payload, occurred_at) VALUES (%s, %s, 1, %s, clock_timestamp())",
    take_one="""
UPDATE outbox SET published_at = now() WHERE id = %s AND published_at IS NULL
RETURNING id AS message_id, event, payload::text AS body
""",
    take_next="""
UPDATE outbox SET published_at = now() WHERE id = (
    SELECT id FROM outbox WHERE published_at IS NULL ORDER BY occurred_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id AS message_id, event, payload::text AS body
""",
)
"""The one that Plat makes where the descriptor says `outbox: true`."""

Publish = Callable[[Message], None]


class StoreDownError(Exception):
    """The orders database does not answer."""


class UnstorableError(Exception):
    """The database cannot hold what the order says. The message is the database's own."""


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order as a customer places it."""

    user_id: str
    order_items: list[Any]
    total_amount: Decimal


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that is stored, and the message that says so."""

    order_id: str
    message_id: str


class Orders:
    """The tables `orders` and `outbox` of one database. Every method raises StoreDownError where it does not answer."""

    def __init__(self, url: str, outbox: Outbox = OWN) -> None:
        self._url = url
        self._outbox = outbox
        self._lock = threading.Lock()
        self._prepared = False

    def place(self, order: NewOrder) -> Placed:
        """Stores `order` and the message that announces it, both or neither. Raises UnstorableError."""
        placed = Placed(order_id=str(uuid.uuid4()), message_id=str(uuid.uuid4()))
        with self._transaction() as connection:
            stored = connection.execute(
                "INSERT INTO orders (order_id, user_id, order_items, total_amount) VALUES (%s, %s, %s, %s) RETURNING *",
                (placed.order_id, order.user_id, json.dumps(order.order_items, default=float), order.total_amount),
            ).fetchone()
            body = json.dumps({"message_id": placed.message_id, "order_data": stored}, default=str)
            connection.execute(self._outbox.add.encode(), (placed.message_id, EVENT, body))
        return placed

    def find(self, order_id: str) -> Mapping[str, Any] | None:
        """The order of that id; None where there is none."""
        with self._transaction() as connection:
            return connection.execute("SELECT * FROM orders WHERE order_id = %s", (order_id,)).fetchone()

    def publish(self, message_id: str, publish: Publish) -> None:
        """Publishes that one message if it still waits. Raises what `publish` raises; the message then waits on."""
        with self._transaction() as connection:
            self._take(connection.execute(self._outbox.take_one.encode(), (message_id,)).fetchone(), publish)

    def publish_next(self, publish: Publish) -> bool:
        """Publishes the message that has waited longest, and tells whether there was one. Raises what `publish` raises."""
        with self._transaction() as connection:
            return self._take(connection.execute(self._outbox.take_next.encode()).fetchone(), publish)

    def _take(self, row: Mapping[str, Any] | None, publish: Publish) -> bool:
        if row is None:
            return False
        publish(Message(str(row["message_id"]), row["event"], row["body"].encode()))
        return True

    @contextmanager
    def _transaction(self) -> Iterator[Rows]:
        try:
            with open_postgresql(self._url) as connection:
                self._prepare(connection)
                yield connection
        except psycopg.OperationalError as error:
            raise StoreDownError(str(error)) from None
        except psycopg.DataError as error:
            raise UnstorableError(error.diag.message_primary or "unknown") from None

    def _prepare(self, connection: Rows) -> None:
        with self._lock:
            if self._prepared:
                return
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_SCHEMA_LOCK,))
            connection.execute((_SCHEMA + self._outbox.schema).encode())
            connection.commit()
            self._prepared = True
