"""`platlocal:index:MySQLDatabase`: one database inside a MariaDB, and nobody in it whom nobody has let in.

An account without a name, or a right that PUBLIC holds, is everybody's, for each database of the server
(https://mariadb.com/kb/en/create-user/#anonymous-accounts, https://mariadb.com/kb/en/grant/#to-public).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pymysql
from pymysql.cursors import Cursor

from providers.common.resource import Drift, Order, Outputs, Warn
from providers.local.errors import Unusable
from providers.local.inputs import MySQLDatabaseInputs
from providers.local.kinds.mysql import words_of
from providers.local.machine import Machine
from providers.local.mysql_server import SYSTEM_DATABASES, administering, glancing, rows, where


class MySQLDatabase:
    """The type of resource. Deleting one leaves the database and all that is in it."""

    model = MySQLDatabaseInputs
    secrets: ClassVar[frozenset[str]] = frozenset({"adminPassword"})
    fixed: ClassVar[Mapping[str, str]] = {
        "database": "it names the data; declare the new database beside the old, copy the data, and retire the old one"
    }
    replacing: ClassVar[frozenset[str]] = frozenset()
    foreseen: ClassVar[Outputs] = {"drift": []}
    noted: ClassVar[frozenset[str]] = frozenset()

    def check(self, machine: Machine, inputs: MySQLDatabaseInputs) -> None:
        """Raise Unusable for a database of the server's own."""
        del machine
        if inputs.database in SYSTEM_DATABASES:
            msg = f"`{inputs.database}` is the server's own: give the database another name"
            raise Unusable(msg)

    def drift(self, machine: Machine, inputs: MySQLDatabaseInputs, known: Outputs) -> Drift:
        """Return `drift` where the database is missing or open to everybody, as far as the server can be asked."""
        found = self.read(machine, inputs, known, lambda _: None)
        return {"drift": "; ".join(found["drift"])} if found and found["drift"] else {}

    def create(self, machine: Machine, order: Order, inputs: MySQLDatabaseInputs) -> tuple[str, Outputs]:
        """Make the database, or take over what is there of it."""
        del machine, order
        return f"{inputs.host}:{inputs.port}/{inputs.database}", _make(inputs)

    def update(self, machine: Machine, order: Order, old: MySQLDatabaseInputs | None, new: MySQLDatabaseInputs) -> Outputs:
        """Make the database where it is missing, and close it."""
        del machine, order, old
        return _make(new)

    def read(self, machine: Machine, inputs: MySQLDatabaseInputs, known: Outputs, warn: Warn) -> Outputs | None:
        """Return what is missing or open; None where the server does not answer."""
        del machine, known
        try:
            with glancing(inputs) as cursor:
                return {"drift": _holes(cursor, inputs.database)}
        except pymysql.MySQLError as error:
            warn(f"database {inputs.database} could not be looked at: {where(inputs)} says: {words_of(error)}")
            return None

    def delete(self, machine: Machine, resource_id: str, inputs: MySQLDatabaseInputs) -> None:
        """Do nothing: data is never dropped."""


def _make(inputs: MySQLDatabaseInputs) -> Outputs:
    with administering(inputs, f"database {inputs.database} cannot be made") as cursor:
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS `{inputs.database}`")
        for (host,) in _nameless(cursor):
            cursor.execute("DROP USER IF EXISTS ''@%s", (host,))
        if _public(cursor):
            cursor.execute("REVOKE ALL PRIVILEGES, GRANT OPTION FROM PUBLIC")
        return {"drift": _holes(cursor, inputs.database)}


def _holes(cursor: Cursor, database: str) -> list[str]:
    there = rows(cursor, "SELECT 1 FROM information_schema.schemata WHERE schema_name = %s", database)
    missing = [] if there else ["the database is not there"]
    nameless = [f"anybody may log in from {host} without a name" for (host,) in _nameless(cursor)]
    return [*missing, *nameless, *(f"everybody has: {grant}" for grant in _public(cursor))]


def _nameless(cursor: Cursor) -> list[tuple[str, ...]]:
    return rows(cursor, "SELECT Host FROM mysql.global_priv WHERE User = '' ORDER BY Host")


def _public(cursor: Cursor) -> list[str]:
    if not rows(cursor, "SELECT 1 FROM mysql.global_priv WHERE User = 'PUBLIC'"):
        return []
    return [grant for (grant,) in rows(cursor, "SHOW GRANTS FOR PUBLIC")]
