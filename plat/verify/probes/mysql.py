"""Tries databases of MariaDB servers."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import pymysql
from pymysql.constants import CR, ER
from pymysql.cursors import Cursor

from plat.plan.model import SecretRef
from plat.verify.model import Cell, Key, MySql, Outcome
from plat.verify.probes.base import PATIENCE, NoAnswerError, let_in, refused, try_keys, unclear

_NO = {
    ER.ACCESS_DENIED_ERROR,
    ER.COLUMNACCESS_DENIED_ERROR,
    ER.DBACCESS_DENIED_ERROR,
    ER.HOST_NOT_PRIVILEGED,
    ER.PROCACCESS_DENIED_ERROR,
    ER.SPECIFIC_ACCESS_DENIED_ERROR,
    ER.TABLEACCESS_DENIED_ERROR,
    1698,  # access denied, by another plugin than a password's
}
_NOBODY_THERE = {CR.CR_CONN_HOST_ERROR, CR.CR_SERVER_GONE_ERROR, CR.CR_SERVER_LOST}


def try_cell(cell: Cell, action: MySql, secrets: Mapping[SecretRef, str]) -> Outcome:
    """The outcome of `cell`. Raises NoAnswerError where the server is not there."""

    def attempt(key: Key) -> Outcome:
        try:
            return _run(cell, action, key.user, key.password(secrets))
        except pymysql.MySQLError as error:
            return _judge(error)

    return try_keys(cell, attempt)


def _run(cell: Cell, action: MySql, user: str | None, password: str | None) -> Outcome:
    connection = pymysql.connect(
        host=cell.door.host,
        port=cell.door.port,
        password=password or "",
        database=action.database,
        connect_timeout=PATIENCE,
        read_timeout=PATIENCE,
        write_timeout=PATIENCE,
        autocommit=True,
        ssl_disabled=True,
        defer_connect=True,
    )
    # Said only now: who gives no name to `connect` is given that of whoever runs it.
    connection.user = user or ""
    connection.connect()
    with connection, connection.cursor() as cursor:
        try:
            for statement in action.statements:
                cursor.execute(statement)
        finally:
            _undo(cursor, action)
    return let_in(f"{user or 'anybody'} may {action.statements[0]}")


def _judge(error: pymysql.MySQLError) -> Outcome:
    """What a failure means, by the server's or the client's number of it."""
    code, words = (error.args[0], str(error.args[-1])) if error.args else (0, str(error))
    if code in _NOBODY_THERE:
        raise NoAnswerError(words)
    return refused(words) if code in _NO else unclear(words)


def _undo(cursor: Cursor, action: MySql) -> None:
    for statement in action.undo:
        with contextlib.suppress(pymysql.MySQLError):
            cursor.execute(statement)
