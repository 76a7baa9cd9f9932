"""What the plan says of every principal before every door: the matrix as it should be. Pure; nothing is tried here."""

from __future__ import annotations

from collections.abc import Iterable

from plat.plan.model import Datastore, Plan, Server, Surface
from plat.verify import broker_doors
from plat.verify.model import Cell, Door, Get, RedisCommands, Sql
from plat.verify.principals import Principal, principals

MAINTENANCE_DATABASES = ("postgres", "template1")

# Who owns a database must be able to work in it; for anybody else, coming in is already too much.
_WORK = (
    "CREATE TABLE plat_verify_probe (number integer)",
    "INSERT INTO plat_verify_probe VALUES (1)",
    "SELECT number FROM plat_verify_probe",
    "DROP TABLE plat_verify_probe",
)
_COME_IN = ("SELECT 1",)
_ADMINISTER = ("CREATE ROLE plat_verify_probe",)
_REDIS_WORK = RedisCommands((("SET", "plat-verify", "1", "EX", "10"), ("GET", "plat-verify"), ("DEL", "plat-verify")))
_REDIS_COME_IN = RedisCommands((("PING",), *_REDIS_WORK.commands), any_of=True)
_REDIS_ADMINISTER = {"ACL LIST": ("ACL", "LIST"), "CONFIG GET": ("CONFIG", "GET", "port")}
_KINDS = {"postgresql": "PostgreSQL", "redis": "Redis"}


def expectations(plan: Plan) -> tuple[Cell, ...]:
    """Every cell of the matrix, row by row: datastores, then the broker, then the surfaces."""
    everybody = principals(plan)
    cells: list[Cell] = []
    for server in plan.servers:
        for store in plan.datastores:
            if store.server == server.name:
                cells += _datastore(store, server, everybody)
        cells += _maintenance(server, everybody)
    if plan.broker:
        cells += broker_doors.cells(plan.broker, plan.server(plan.broker.server), everybody)
    for surface in plan.surfaces:
        cells += _surface(surface, everybody)
    return tuple(cells)


def _datastore(store: Datastore, server: Server, everybody: Iterable[Principal]) -> Iterable[Cell]:
    for principal in everybody:
        owns = principal.name == store.context
        why = f"owns {store.name}" if owns else f"only {store.context} owns {store.name}"
        yield Cell(principal.name, _data(store, server, owns=owns), principal.for_datastore(store, server), owns, why)
    for door in _administration(store, server):
        for principal in everybody:
            why = f"only Plat administers {server.name}"
            yield Cell(principal.name, door, principal.for_datastore(store, server), allowed=False, why=why)


def _data(store: Datastore, server: Server, *, owns: bool) -> Door:
    if store.type == "redis":
        return _door(server, "read, write", _REDIS_WORK if owns else _REDIS_COME_IN)
    return _door(server, f"database {store.database}", Sql(store.database, _WORK if owns else _COME_IN))


def _administration(store: Datastore, server: Server) -> Iterable[Door]:
    if store.type == "redis":
        return [_door(server, right, RedisCommands((command,))) for right, command in _REDIS_ADMINISTER.items()]
    return [_door(server, f"CREATE ROLE, in {store.database}", Sql(store.database, _ADMINISTER))]


def _maintenance(server: Server, everybody: Iterable[Principal]) -> Iterable[Cell]:
    if server.kind != "postgresql":
        return
    for database in MAINTENANCE_DATABASES:
        door = _door(server, f"database {database}", Sql(database, _COME_IN))
        for principal in everybody:
            keys = principal.for_datastore(None, server)
            yield Cell(principal.name, door, keys, allowed=False, why=f"`{database}` is for administration alone")


def _door(server: Server, right: str, action: Sql | RedisCommands) -> Door:
    return Door(server.name, _KINDS[server.kind], right, server.host, server.port, action)


def _surface(surface: Surface, everybody: Iterable[Principal]) -> Iterable[Cell]:
    for operation in surface.operations:
        door = Door(surface.context, "operations", operation.name, surface.host, surface.port, Get(f"/{operation.name}"))
        for principal in everybody:
            declared = principal.name in operation.callers
            why = f"declares {'a' if declared else 'no'} use of {surface.context}.{operation.name}"
            if operation.public:
                why = f"{surface.context}.{operation.name} is public"
            yield Cell(principal.name, door, principal.for_surface(surface), declared or operation.public, why)
