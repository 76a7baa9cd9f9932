"""Where fulfillment keeps its shipments, each together with the events that tell of it.

In phase 1 that is a schema of the shop's PostgreSQL, in phase 2 a MongoDB of fulfillment's own. MongoDB writes one
document whole or not at all, so there the outbox is a list inside of the shipment that it tells of.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from pymongo import MongoClient
from pymongo.errors import DuplicateKeyError, PyMongoError

from samples.broker import Message
from samples.database import Database, StoreDownError
from samples.outbox import SCHEMA as OUTBOX
from samples.outbox import Outbox, Publish, announce
from samples.stores import open_mongodb

EVENT = "ShipmentPrepared"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS shipment (order_id text PRIMARY KEY, document jsonb NOT NULL);
"""
_ADD = "INSERT INTO shipment (order_id, document) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_FIND = "SELECT document FROM shipment WHERE order_id = %s"
_INVOICED = "UPDATE shipment SET document = document || %s::jsonb WHERE order_id = %s"

Shipment = dict[str, Any]


class Shipments(Protocol):
    """Shipments by order. Every method raises StoreDownError where the store does not answer."""

    def add(self, shipment: Shipment, event: Mapping[str, Any]) -> None:
        """Keeps a shipment (by its `order_id`) and the event that tells of it, both or neither; one that is there stays."""

    def find(self, order_id: str) -> Shipment | None:
        """The shipment of that order."""

    def invoiced(self, order_id: str, invoice_id: str) -> None:
        """Notes which invoice goes with a shipment."""

    def publish_next(self, publish: Publish) -> bool:
        """Publishes the event that has waited longest, and tells whether there was one. Raises what `publish` raises."""


class InPostgresql:
    """The tables `shipment` and `outbox`."""

    def __init__(self, url: str) -> None:
        self._database = Database(url, _SCHEMA + OUTBOX)
        self._outbox = Outbox(self._database)

    def add(self, shipment: Shipment, event: Mapping[str, Any]) -> None:
        """As Shipments says."""
        with self._database.transaction() as connection:
            if connection.execute(_ADD, (shipment["order_id"], json.dumps(shipment))).rowcount == 1:
                announce(connection, EVENT, shipment["order_id"], event)

    def find(self, order_id: str) -> Shipment | None:
        """As Shipments says."""
        with self._database.transaction() as connection:
            row = connection.execute(_FIND, (order_id,)).fetchone()
        return row["document"] if row else None

    def invoiced(self, order_id: str, invoice_id: str) -> None:
        """As Shipments says."""
        with self._database.transaction() as connection:
            connection.execute(_INVOICED, (json.dumps({"invoice_id": invoice_id}), order_id))

    def publish_next(self, publish: Publish) -> bool:
        """As Shipments says."""
        return self._outbox.publish_next(publish)


class InMongodb:
    """The collection `shipment`, by order."""

    def __init__(self, url: str) -> None:
        client: MongoClient[dict[str, Any]] = open_mongodb(url)
        self._shipments = client.get_default_database()["shipment"]

    def add(self, shipment: Shipment, event: Mapping[str, Any]) -> None:
        """As Shipments says."""
        waiting = {"message_id": str(uuid.uuid4()), "event": EVENT, "body": json.dumps(event), "since": datetime.now(UTC)}
        try:
            self._shipments.insert_one({"_id": shipment["order_id"], **shipment, "outbox": [waiting]})
        except DuplicateKeyError:
            return
        except PyMongoError:
            raise StoreDownError from None

    def find(self, order_id: str) -> Shipment | None:
        """As Shipments says."""
        try:
            found = self._shipments.find_one({"_id": order_id})
        except PyMongoError:
            raise StoreDownError from None
        return {name: value for name, value in found.items() if name not in {"_id", "outbox"}} if found else None

    def invoiced(self, order_id: str, invoice_id: str) -> None:
        """As Shipments says."""
        try:
            self._shipments.update_one({"_id": order_id}, {"$set": {"invoice_id": invoice_id}})
        except PyMongoError:
            raise StoreDownError from None

    def publish_next(self, publish: Publish) -> bool:
        """As Shipments says."""
        try:
            found = self._shipments.find_one({"outbox.0.message_id": {"$exists": True}}, sort=[("outbox.0.since", 1)])
            if found is None:
                return False
            first = found["outbox"][0]
            publish(Message(first["message_id"], first["event"], first["body"].encode()))
            # Another instance may have published it in the meantime: only the one that was read goes.
            sent = {"_id": found["_id"], "outbox.0.message_id": first["message_id"]}
            self._shipments.update_one(sent, {"$pop": {"outbox": -1}})
        except PyMongoError:
            raise StoreDownError from None
        return True
