"""An administrator's way into a PostgreSQL, for what the plugin makes inside of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg

Connection = psycopg.Connection[tuple[Any, ...]]

GLANCE = 3
"""Seconds for a look that nothing depends on."""

STAYS = "its data stays where it is: let a new store stand beside it, under a `name` of its own, and copy the data over"
"""The safe way to what moving a store to another server, database or schema would be meant to do."""

_LOCK = 4_951_760_157_141_521
"""The advisory lock under which one server is worked on: fences, schemas and readers change the same rows of catalogues."""

_ATTEMPTS = 5


class Entrance(Protocol):
    """Inputs that say how to get in."""

    @property
    def host(self) -> str:
        """Where the server listens."""

    @property
    def port(self) -> int:
        """Where the server listens."""

    @property
    def admin_user(self) -> str:
        """A superuser."""

    @property
    def admin_password(self) -> str:
        """The superuser's password."""


@contextmanager
def connected(inputs: Entrance, database: str, timeout: int = 20) -> Iterator[Connection]:
    """A connection as administrator, each statement a transaction of its own. Raises psycopg.Error."""
    with psycopg.connect(
        host=inputs.host,
        port=inputs.port,
        user=inputs.admin_user,
        password=inputs.admin_password,
        dbname=database,
        connect_timeout=timeout,
        autocommit=True,
        sslmode="disable",
        gssencmode="disable",
    ) as connection:
        yield connection


@contextmanager
def with_lock(inputs: Entrance) -> Iterator[Connection]:
    """A connection to the database `postgres` that nobody else of the plugin has at that time. Raises psycopg.Error."""
    with connected(inputs, "postgres") as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        yield connection


def again(work: Callable[[], None]) -> None:
    """Do `work`, once more where another session has changed the same row of the catalogue in that moment."""
    for _ in range(_ATTEMPTS):
        try:
            return work()
        except psycopg.errors.InternalError_ as error:
            if "concurrently updated" not in str(error):
                raise
    return work()


def where(inputs: Entrance) -> str:
    """The server as a message calls it."""
    return f"PostgreSQL at {inputs.host}:{inputs.port}"


def words(error: psycopg.Error) -> str:
    """The server's words on one line."""
    return " ".join(str(error).split())
