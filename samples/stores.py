"""Datastores for the samples: opens one by its URL and tells whether it answers.

The clients are imported where they are used: a service without PostgreSQL or Redis does not pay for their start-up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from samples.web import Check

if TYPE_CHECKING:
    import psycopg
    import redis

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


def checks_of(datastores: dict[str, str]) -> dict[str, Check]:
    """For each datastore (type to URL) a check that raises when it does not answer."""
    return {kind: _check(kind, url) for kind, url in sorted(datastores.items())}


def _check(kind: str, url: str) -> Check:
    def postgresql() -> None:
        with open_postgresql(url) as connection:
            connection.execute("SELECT 1")

    def unknown() -> None:
        msg = f"this sample has no client for datastores of type {kind}"
        raise NotImplementedError(msg)

    if kind == "postgresql":
        return postgresql
    if kind == "redis":
        client = open_redis(url)
        return lambda: _ping(client)
    return unknown


def _ping(client: redis.Redis) -> None:
    client.ping()
