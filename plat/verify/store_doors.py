"""What the plan says of every principal at the datastores, by kind of server. Pure; nothing is tried here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from plat.plan.kinds import STORES
from plat.plan.model import Datastore, Server
from plat.verify.model import Action, Cell, Door, MongoCommands, MySql, RedisCommands, Sql
from plat.verify.principals import Principal

Rights = Mapping[str, Action]
"""What to try, by what the right is called."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """The doors of one kind of server.

    Who owns a datastore must be able to work in it (`work`); for anybody else, coming in is already too much.
    """

    right: Callable[[Datastore], str]
    work: Callable[[Datastore], Action]
    come_in: Callable[[Datastore], Action]
    administer: Callable[[Datastore], Rights]
    reserved: Rights
    """Databases that every server has, and that are for administration alone, by name."""

    outbox: Callable[[Datastore], Action] | None = None
    """What its context does with its outbox, where the kind can hold one."""


_SQL_WORK = (
    "CREATE TABLE plat_verify_probe (number integer)",
    "INSERT INTO plat_verify_probe VALUES (1)",
    "SELECT number FROM plat_verify_probe",
    "DROP TABLE plat_verify_probe",
)
_MYSQL_WORK = ("CREATE OR REPLACE TABLE plat_verify_probe (number integer)", *_SQL_WORK[1:])
_COME_IN = ("SELECT 1",)
_CREATE_ROLE = ("CREATE ROLE plat_verify_probe",)
_REDIS_WORK = RedisCommands((("SET", "plat-verify", "1", "EX", "10"), ("GET", "plat-verify"), ("DEL", "plat-verify")))
_REDIS_COME_IN = RedisCommands((("PING",), *_REDIS_WORK.commands), any_of=True)


_PROBE = "plat_verify_probe"


def _part(store: Datastore) -> str:
    return f"schema {store.schema}" if store.schema else f"database {store.database}"


def _sql_come_in(store: Datastore) -> Sql:
    # Where others have schemas in the same database, they may come into it, and look into no schema but their own.
    return Sql(store.database, look_into(store.schema) if store.schema else _COME_IN)


def _sql_outbox(store: Datastore) -> Sql:
    return Sql(store.database, _through_outbox(f'"{store.schema or "public"}"."{store.outbox}"', "gen_random_uuid()"))


def _mysql_outbox(store: Datastore) -> MySql:
    # Nothing is committed, so that nobody can publish it.
    return MySql(store.database, ("START TRANSACTION", *_through_outbox(str(store.outbox), "uuid()")), ("ROLLBACK",))


def _through_outbox(table: str, new_id: str) -> tuple[str, ...]:
    # Both are the plan's own words, no user's.
    return (
        f"INSERT INTO {table} (id, event, version, payload) VALUES ({new_id}, 'PlatVerify', 1, '{{}}')",  # noqa: S608
        f"UPDATE {table} SET published_at = now() WHERE event = 'PlatVerify'",  # noqa: S608
        f"DELETE FROM {table} WHERE event = 'PlatVerify'",  # noqa: S608
    )


def look_into(schema: str) -> tuple[str, ...]:
    """What tells whether a role may use `schema`: with the right it answers, without it is refused."""
    return (f"SELECT to_regclass('\"{schema}\".plat_verify_probe')",)


def _sql_administer(store: Datastore) -> Rights:
    return {} if store.schema else {f"CREATE ROLE, in {store.database}": Sql(store.database, _CREATE_ROLE)}


def _sql_shared(database: str) -> Rights:
    """What nobody may do in a database in which several contexts have schemas."""
    return {
        f"CREATE ROLE, in {database}": Sql(database, _CREATE_ROLE),
        "schema public": Sql(database, look_into("public")),
        f"CREATE SCHEMA, in {database}": Sql(database, ("CREATE SCHEMA plat_verify_probe",)),
        f"CREATE TEMPORARY TABLE, in {database}": Sql(
            database, ("CREATE TEMPORARY TABLE plat_verify_probe (number integer)",)
        ),
    }


def _in_mongodb(store: Datastore, *commands: Mapping[str, object], database: str = "") -> MongoCommands:
    return MongoCommands(database or store.database, store.database, tuple(json.dumps(command) for command in commands))


def _mongodb_administration(store: Datastore) -> Rights:
    account = {"createUser": _PROBE, "pwd": _PROBE, "roles": []}
    return {
        f"createUser, in {store.database}": _in_mongodb(store, account, {"dropUser": _PROBE}),
        "listDatabases": _in_mongodb(store, {"listDatabases": 1}, database="admin"),
        "read all accounts": _in_mongodb(store, {"find": "system.users"}, database="admin"),
        "any other database": _in_mongodb(store, {"listCollections": 1}, database=_PROBE),
    }


_KINDS: Mapping[str, _Kind] = {
    "mongodb": _Kind(
        right=_part,
        work=lambda store: _in_mongodb(
            store, {"insert": _PROBE, "documents": [{"_id": 1}]}, {"find": _PROBE}, {"drop": _PROBE}
        ),
        come_in=lambda store: _in_mongodb(store, {"listCollections": 1}),
        administer=_mongodb_administration,
        reserved={"admin": MongoCommands("admin", "admin", ('{"listCollections": 1}',))},
    ),
    "postgresql": _Kind(
        right=_part,
        work=lambda store: Sql(store.database, _SQL_WORK),
        come_in=_sql_come_in,
        administer=_sql_administer,
        reserved={name: Sql(name, _COME_IN) for name in ("postgres", "template1")},
        outbox=_sql_outbox,
    ),
    "mysql": _Kind(
        right=_part,
        work=lambda store: MySql(store.database, _MYSQL_WORK, ("DROP TABLE IF EXISTS plat_verify_probe",)),
        come_in=lambda store: MySql(store.database, _COME_IN),
        administer=lambda store: {
            f"CREATE USER, in {store.database}": MySql(
                store.database, ("CREATE USER plat_verify_probe ACCOUNT LOCK",), ("DROP USER IF EXISTS plat_verify_probe",)
            )
        },
        reserved={name: MySql(name, _COME_IN) for name in ("mysql", "sys")},
        outbox=_mysql_outbox,
    ),
    "redis": _Kind(
        right=lambda _store: "read, write",
        work=lambda _store: _REDIS_WORK,
        come_in=lambda _store: _REDIS_COME_IN,
        administer=lambda _store: {
            "ACL LIST": RedisCommands((("ACL", "LIST"),)),
            "CONFIG GET": RedisCommands((("CONFIG", "GET", "port"),)),
        },
        reserved={},
    ),
}


def cells(server: Server, stores: Iterable[Datastore], everybody: tuple[Principal, ...]) -> Iterator[Cell]:
    """Every cell of one server that holds `stores`."""
    kind = _KINDS[server.kind]
    for store in stores:
        yield from _data(kind, store, server, everybody)
        if store.outbox and kind.outbox:
            yield from _outboxes(kind.outbox(store), store, server, everybody)
        for right, action in kind.administer(store).items():
            for principal in everybody:
                keys, why = principal.for_datastore(store, server), f"only Plat administers {server.name}"
                yield Cell(principal.name, _door(server, right, action), keys, allowed=False, why=why)
    for right, action in (_sql_shared(server.shared_database) if server.shared_database else {}).items():
        for principal in everybody:
            keys, why = principal.for_datastore(None, server), f"each context of {server.owner} has its own schema alone"
            yield Cell(principal.name, _door(server, right, action), keys, allowed=False, why=why)
    for name, action in kind.reserved.items():
        for principal in everybody:
            keys, why = principal.for_datastore(None, server), f"`{name}` is for administration alone"
            yield Cell(principal.name, _door(server, f"database {name}", action), keys, allowed=False, why=why)


def _outboxes(action: Action, store: Datastore, server: Server, everybody: Iterable[Principal]) -> Iterator[Cell]:
    door = _door(server, f"{store.outbox} of {store.context}", action)
    for principal in everybody:
        owns = principal.name == store.context
        why = f"{'writes' if owns else f'only {store.context} writes'} its events there"
        yield Cell(principal.name, door, principal.for_datastore(store, server), owns, why)


def _data(kind: _Kind, store: Datastore, server: Server, everybody: Iterable[Principal]) -> Iterator[Cell]:
    for principal in everybody:
        owns = principal.name == store.context
        why = f"owns {store.name}" if owns else f"only {store.context} owns {store.name}"
        door = _door(server, kind.right(store), kind.work(store) if owns else kind.come_in(store))
        yield Cell(principal.name, door, principal.for_datastore(store, server), owns, why)


def _door(server: Server, right: str, action: Action) -> Door:
    return Door(server.name, STORES[server.kind].title, right, server.host, server.port, action)
