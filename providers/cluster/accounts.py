"""Whoever is not named is let in no more. What an account owns stays: data are retired by hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import pymysql
import redis
from psycopg import sql
from pymongo.errors import PyMongoError

from providers.cluster.postgresql import administering
from providers.local.errors import Unusable
from providers.local.kinds import mongodb, mysql
from providers.local.kinds import redis as redis_kind

Document = Mapping[str, Any]

_POSTGRES_ROLES = "SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname <> %s AND rolname NOT LIKE 'pg\\_%%'"


def only(given: Document) -> None:
    """Close the server that the inputs lead to for every account but `accounts` and the administrator. Raises Unusable."""
    named = frozenset((*given["accounts"], given["adminUser"]))
    try:
        _CLOSE[given["kind"]](given, named)
    except (pymysql.MySQLError, redis.RedisError, PyMongoError) as error:
        msg = (
            f"accounts that nobody declares cannot be closed: {given['kind']} at {given['host']}:{given['port']} says: {error}"
        )
        raise Unusable(msg) from None


def _postgresql(given: Document, named: Collection[str]) -> None:
    with administering(given, "the list of accounts") as connection:
        for (name,) in connection.execute(_POSTGRES_ROLES, (given["adminUser"],)).fetchall():
            if name not in named:
                connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(name)))
                connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (name,))


def _mysql(given: Document, named: Collection[str]) -> None:
    with (
        mysql.connect(given["host"], given["port"], given["adminUser"], given["adminPassword"]) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT User, Host FROM mysql.global_priv WHERE User NOT IN ('PUBLIC', 'mariadb.sys', '')")
        for user, host in cursor.fetchall():
            if user not in named:
                cursor.execute("DROP USER IF EXISTS %s@%s", (user, host))


def _redis(given: Document, named: Collection[str]) -> None:
    with redis_kind.connect(given["host"], given["port"], given["adminUser"], given["adminPassword"]) as client:
        for user in client.acl_users():
            if user not in named and user != "default":
                client.acl_deluser(user)
        client.acl_save()


def _mongodb(given: Document, named: Collection[str]) -> None:
    with mongodb.connect(given["host"], given["port"], given["adminUser"], given["adminPassword"]) as client:
        for database in client.list_database_names():
            for account in client[database].command("usersInfo")["users"]:
                if account["user"] not in named:
                    client[database].command("dropUser", account["user"])


_CLOSE: Mapping[str, Callable[[Document, Collection[str]], None]] = {
    "mongodb": _mongodb,
    "mysql": _mysql,
    "postgresql": _postgresql,
    "redis": _redis,
}
