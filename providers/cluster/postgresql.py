"""Roles and databases of a PostgreSQL, which on the local target pulumi-postgresql makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from providers.local import password_hashes
from providers.local.errors import Unusable
from providers.local.postgres import Connection, connected, with_lock, words

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entrance:
    """The administrator's way into a server."""

    host: str
    port: int
    admin_user: str
    admin_password: str

    @classmethod
    def of(cls, given: Document) -> Entrance:
        """The one that a step's inputs say."""
        return cls(given["host"], given["port"], given["adminUser"], given["adminPassword"])


@contextmanager
def administering(given: Document, what: str) -> Iterator[Connection]:
    """A connection that nobody else of ours has meanwhile. Raises Unusable."""
    try:
        with with_lock(Entrance.of(given)) as connection:
            yield connection
    except psycopg.Error as error:
        msg = f"{what} cannot be made: PostgreSQL at {given['host']}:{given['port']} says: {words(error)}"
        raise Unusable(msg) from None


def role(given: Document) -> None:
    """Make a role that may log in and nothing else, or give the one that is there its password. Raises Unusable."""
    name, password = given["name"], given["password"]
    with administering(given, f"role {name}") as connection:
        known = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", (name,)).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
        powers = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS VALID UNTIL 'infinity'"
        connection.execute(sql.SQL("ALTER ROLE {} " + powers).format(sql.Identifier(name)))
        if known is None or not password_hashes.is_scram_of(password, known[0] or ""):
            verifier = sql.Literal(password_hashes.scram(password))
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), verifier))


def replica(given: Document) -> None:
    """Let `name`, by whom instances follow their primary, enter the database that it enters. Raises Unusable."""
    name = given["name"]
    with administering(given, f"the way of {name}") as connection:
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE postgres TO {}").format(sql.Identifier(name)))


def pooler(given: Document) -> None:
    """Let `name`, by whom poolers ask who may come in, enter `databases` and no others. Raises Unusable.

    What it asks by is CloudNativePG's own function in the schema `public` of each, which that makes once the role is there.
    """
    name = sql.Identifier(given["name"])
    with administering(given, f"the way of {given['name']}") as connection:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (given["name"],)).fetchone()
        if not known:
            connection.execute(sql.SQL("CREATE ROLE {}").format(name))
        connection.execute(sql.SQL("ALTER ROLE {} LOGIN").format(name))
        for (each,) in connection.execute("SELECT datname FROM pg_database WHERE datallowconn").fetchall():
            if each not in given["databases"]:
                connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(sql.Identifier(each), name))
        for each in given["databases"]:
            connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(each), name))
            with connected(Entrance.of(given), each) as inside:
                inside.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name))


def database(given: Document) -> None:
    """Make a database that belongs to `owner`, or give it the one that is there. Raises Unusable."""
    name, owner = sql.Identifier(given["name"]), sql.Identifier(given["owner"])
    with administering(given, f"database {given['name']}") as connection:
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (given["name"],)).fetchone()
        if there:
            connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, owner))
        else:
            statement = "CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0"
            connection.execute(sql.SQL(statement).format(name, owner))
