"""A context's own PostgreSQL: its tables made once, a transaction for each piece of work, each message handled once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from samples.broker import Message
from samples.fields import MalformedError
from samples.stores import open_postgresql
from samples.web import Problem

if TYPE_CHECKING:
    from psycopg import Connection

    Rows = Connection[dict[str, Any]]

_HANDLED = """
CREATE TABLE IF NOT EXISTS handled_message (message_id text PRIMARY KEY, handled_at timestamptz NOT NULL DEFAULT now());
"""
_HANDLE = "INSERT INTO handled_message (message_id) VALUES (%s) ON CONFLICT DO NOTHING"
_LOCK = 0x706C6174  # any number that all instances share: CREATE IF NOT EXISTS alone races with itself


class StoreDownError(Problem):
    """The database does not answer."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.SERVICE_UNAVAILABLE, "the database does not answer")


class Database:
    """The tables that `schema` makes (each with IF NOT EXISTS), and `handled_message` beside them."""

    def __init__(self, url: str, schema: str) -> None:
        self._url = url
        self._schema = schema + _HANDLED
        self._lock = threading.Lock()
        self._prepared = False

    @contextmanager
    def transaction(self) -> Iterator[Rows]:
        """A transaction that commits at the end of the block, or undoes all of it. Raises StoreDownError, MalformedError."""
        import psycopg  # noqa: PLC0415 - see samples.stores

        try:
            with open_postgresql(self._url) as connection:
                self._prepare(connection)
                yield connection
        except psycopg.OperationalError:
            raise StoreDownError from None
        except psycopg.DataError as error:
            raise MalformedError(error.diag.message_primary or "the database cannot hold this") from None

    @contextmanager
    def handling(self, message: Message) -> Iterator[Rows | None]:
        """A transaction in which `message` is handled; None where it has come again and has been handled before.

        Raises StoreDownError, MalformedError.
        """
        if not message.message_id:
            msg = "the message has no message_id"
            raise MalformedError(msg)
        with self.transaction() as connection:
            first = connection.execute(_HANDLE, (message.message_id,)).rowcount == 1
            yield connection if first else None

    def _prepare(self, connection: Rows) -> None:
        with self._lock:
            if self._prepared:
                return
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            connection.execute(self._schema)
            connection.commit()
            self._prepared = True
