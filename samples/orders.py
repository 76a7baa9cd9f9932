"""Orders in PostgreSQL, each written together with the event that announces it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from samples.database import Database
from samples.outbox import SCHEMA as OUTBOX
from samples.outbox import announce

EVENT = "OrderPlaced"
SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS orders (
    order_id uuid PRIMARY KEY,
    user_id text NOT NULL,
    order_items jsonb NOT NULL,
    total_amount numeric(12, 2) NOT NULL CHECK (total_amount >= 0),
    order_date timestamptz NOT NULL DEFAULT now()
);
"""
    + OUTBOX
)
_PLACE = "INSERT INTO orders (order_id, user_id, order_items, total_amount) VALUES (%s, %s, %s, %s) RETURNING *"


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
    """The table `orders`. Every method raises StoreDownError where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def place(self, order: NewOrder) -> Placed:
        """Stores `order` and the message that announces it, both or neither.

        Raises MalformedError where the database cannot hold what the order says.
        """
        placed = Placed(order_id=str(uuid.uuid4()), message_id=str(uuid.uuid4()))
        items = json.dumps(order.order_items, default=float)
        with self._database.transaction() as connection:
            stored = connection.execute(_PLACE, (placed.order_id, order.user_id, items, order.total_amount)).fetchone()
            told = {"message_id": placed.message_id, "order_data": stored}
            announce(connection, EVENT, placed.order_id, told, placed.message_id)
        return placed

    def find(self, order_id: str) -> Mapping[str, Any] | None:
        """The order of that id; None where there is none."""
        with self._database.transaction() as connection:
            return connection.execute("SELECT * FROM orders WHERE order_id = %s", (order_id,)).fetchone()
