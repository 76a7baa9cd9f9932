"""Datastores for the samples: opens one by its URL and tells whether it answers.

The clients are imported where they are used: a service without one of them does not pay for its start-up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from samples.web import Check

if TYPE_CHECKING:
    import psycopg
    import pymysql
    import redis
    from pymongo import MongoClient

PATIENCE = 3
"""Seconds to wait for a datastore in one attempt."""


def open_postgresql(url: str) -> psycopg.Connection[dict[str, Any]]:
    """A new connection whose rows are dictionaries; a context manager that commits or rolls back. Raises psycopg.Error.

    One per piece of work: dearer than a pool, and nothing to repair after the server was restarted.
    """
    import psycopg  # noqa: PLC0415 - see the module's docstring
    from psycopg.rows import dict_row  # noqa: PLC0415

    return psycopg.connect(
        url,
        row_factory=dict_row,
        connect_timeout=PATIENCE,
        options=f"-c statement_timeout={PATIENCE * 1000}",
        application_name="plat-sample",
    )


def open_redis(url: str) -> redis.Redis:
    """A client that connects on first use and again after a restart of the server."""
    import redis  # noqa: PLC0415 - see the module's docstring

    return redis.Redis.from_url(
        url, decode_responses=True, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, health_check_interval=5
    )


def open_mongodb(url: str) -> MongoClient[dict[str, Any]]:
    """A client that connects on first use and again after a restart of the server; its database is the URL's."""
    from pymongo import MongoClient  # noqa: PLC0415 - see the module's docstring

    milliseconds = PATIENCE * 1000
    return MongoClient(
        url,
        appname="plat-sample",
        serverSelectionTimeoutMS=milliseconds,
        connectTimeoutMS=milliseconds,
        socketTimeoutMS=milliseconds,
    )


def open_mysql(url: str) -> pymysql.Connection[pymysql.cursors.DictCursor]:
    """A new connection whose rows are dictionaries; `with` closes it, `commit` keeps what was done. Raises pymysql.Error."""
    import pymysql  # noqa: PLC0415 - see the module's docstring

    address = urlsplit(url)
    return pymysql.connect(
        host=address.hostname or "",
        port=address.port or 3306,
        user=unquote(address.username or ""),
        password=unquote(address.password or ""),
        database=unquote(address.path.lstrip("/")),
        cursorclass=pymysql.cursors.DictCursor,
        charset="utf8mb4",
        connect_timeout=PATIENCE,
        read_timeout=PATIENCE,
        write_timeout=PATIENCE,
    )


def checks_of(datastores: dict[str, str]) -> dict[str, Check]:
    """For each datastore (type to URL) a check that raises when it does not answer."""
    return {kind: _CHECKS[kind](url) for kind, url in sorted(datastores.items())}


def _mongodb(url: str) -> Check:
    client = open_mongodb(url)

    def check() -> None:
        # A ping is answered to anybody: this asks for what only the owner may see.
        client.get_default_database().list_collection_names()

    return check


def _mysql(url: str) -> Check:
    def check() -> None:
        with open_mysql(url) as connection:
            connection.ping(reconnect=False)

    return check


def _postgresql(url: str) -> Check:
    def check() -> None:
        with open_postgresql(url) as connection:
            connection.execute("SELECT 1")

    return check


def _redis(url: str) -> Check:
    client = open_redis(url)

    def check() -> None:
        client.ping()

    return check


_CHECKS: dict[str, Callable[[str], Check]] = {
    "mongodb": _mongodb,
    "mysql": _mysql,
    "postgresql": _postgresql,
    "redis": _redis,
}
