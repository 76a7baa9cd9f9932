"""The administrator's way into a MariaDB, for the resources inside of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
from pymysql.cursors import Cursor

from providers.local.errors import Unusable
from providers.local.inputs import MySQLDatabaseInputs, MySQLUserInputs
from providers.local.kinds.mysql import connect, is_silence, words_of

SYSTEM_DATABASES = frozenset({"information_schema", "mysql", "performance_schema", "sys"})

_GLANCE = 3
"""Seconds for a look that nothing depends on."""

_Inputs = MySQLDatabaseInputs | MySQLUserInputs


@contextmanager
def administering(inputs: _Inputs, failure: str) -> Iterator[Cursor]:
    """Open the server to change something; where that does not work, `failure` says what came of it. Raises Unusable."""
    try:
        with _connected(inputs, timeout=20) as cursor:
            yield cursor
    except pymysql.MySQLError as error:
        says = "does not answer" if is_silence(error) else "says"
        msg = f"{failure}: {where(inputs)} {says}: {words_of(error)}"
        raise Unusable(msg) from None


@contextmanager
def glancing(inputs: _Inputs) -> Iterator[Cursor]:
    """Open the server for a look. Raises pymysql.MySQLError."""
    with _connected(inputs, timeout=_GLANCE) as cursor:
        yield cursor


def rows(cursor: Cursor, query: str, *values: object) -> list[tuple[Any, ...]]:
    """All that the server answers to `query`."""
    cursor.execute(query, values or None)
    return list(cursor.fetchall())


def where(inputs: _Inputs) -> str:
    """How messages call the server."""
    return f"MariaDB at {inputs.host}:{inputs.port}"


@contextmanager
def _connected(inputs: _Inputs, timeout: int) -> Iterator[Cursor]:
    with (
        connect(inputs.host, inputs.port, inputs.admin_user, inputs.admin_password, timeout) as connection,
        connection.cursor() as cursor,
    ):
        yield cursor
