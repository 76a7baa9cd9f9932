"""Tries databases of PostgreSQL servers."""

from __future__ import annotations

import re
from collections.abc import Mapping

import psycopg

from plat.plan.model import SecretRef
from plat.verify.model import Cell, Key, Outcome, Sql
from plat.verify.probes.base import PATIENCE, NoAnswerError, let_in, refused, try_keys, unclear

_INSUFFICIENT_PRIVILEGE = "42501"
# A refusal to connect comes without an SQLSTATE (libpq keeps none), so it is known by what the server says.
_NO_ENTRY = re.compile(
    r"authentication failed|no password supplied|permission denied for database|no pg_hba\.conf entry"
    r"|pg_hba\.conf rejects|is not permitted to log in|role .* does not exist",
)
_SAID = re.compile(r"(?:FATAL|ERROR): +(.+)")
_UNREACHABLE = re.compile(r"connection refused|timeout expired|timed out|server closed the connection|No route", re.IGNORECASE)


def try_cell(cell: Cell, action: Sql, secrets: Mapping[SecretRef, str]) -> Outcome:
    """The outcome of `cell`. Raises NoAnswerError where the server is not there."""

    def attempt(key: Key) -> Outcome:
        try:
            return _run(cell, action, key.user, key.password(secrets))
        except psycopg.errors.InsufficientPrivilege as error:
            return refused(error.diag.message_primary or str(error))
        except psycopg.OperationalError as error:
            return _judge(str(error))
        except psycopg.Error as error:
            return unclear(error.diag.message_primary or str(error))

    return try_keys(cell, attempt)


def _run(cell: Cell, action: Sql, user: str | None, password: str | None) -> Outcome:
    with psycopg.connect(
        host=cell.door.host,
        port=cell.door.port,
        dbname=action.database,
        user=user,
        # Empty, not absent: else libpq would look for a password of its own in the environment and in ~/.pgpass.
        password=password or "",
        passfile="/dev/null/none",
        connect_timeout=PATIENCE,
        options=f"-c statement_timeout={PATIENCE * 1000} -c lock_timeout={PATIENCE * 1000}",
        application_name="plat verify",
    ) as connection:
        for statement in action.statements:
            connection.execute(statement)
        connection.rollback()
    return let_in(f"{user} may {action.statements[0]}")


def _judge(text: str) -> Outcome:
    """What a failure to connect means. libpq may report several attempts (with and without TLS): the last one counts."""
    said = _SAID.findall(text)
    words = said[-1] if said else text.partition("\n")[0].rpartition(": ")[2]
    if _NO_ENTRY.search(text):
        return refused(words)
    if _UNREACHABLE.search(text):
        raise NoAnswerError(words)
    return unclear(words)
