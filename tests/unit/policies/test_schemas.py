"""Schemas in a database that several contexts share, as the pack sees them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from plat.project import CONTEXTS_VARIABLE, Project
from policies.ground import Ground
from policies.observed import Observed
from tests.unit.policies.conftest import ROOT
from tests.unit.policies.resources import (
    BREACH,
    NONE,
    OWNERSHIP,
    PROTECTED,
    UNPROTECTED,
    UNREADABLE,
    Found,
    Market,
)

SERVER, DATABASE = "emporium-app--postgresql", "emporium_app"


@pytest.fixture(scope="module")
def emporium() -> Market:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / "tests" / "landscapes"))
        return Market(Ground.of(Project(ROOT).plan("emporium.local")))


def in_server(m: Market, type_: str, **properties: object) -> Observed:
    return m.in_postgresql(type_, SERVER, **{"database": DATABASE, **properties})


def database(m: Market, **changed: object) -> Observed:
    return m.in_postgresql("Database", SERVER, **{"name": DATABASE, "owner": "postgres", "protect": True, **changed})


def fence(m: Market, **changed: object) -> Observed:
    return m.local("PostgresFence", **{"port": m.port(SERVER), "database": DATABASE, **changed})


def schema(m: Market, *, protect: bool = True, **changed: object) -> Observed:
    properties = {"port": m.port(SERVER), "database": DATABASE, "name": "pricing", "role": "pricing", **changed}
    return m.local("PostgresSchema", PROTECTED if protect else None, **properties)


def outbox(m: Market, **changed: object) -> Observed:
    place = {"kind": "postgresql", "port": m.port(SERVER), "database": DATABASE, "tableSchema": "pricing", "owner": "pricing"}
    return m.local("Outbox", **{**place, **changed})


CASES: dict[str, tuple[Callable[[Market], Observed], Found]] = {
    "the shared database of the administrator passes": (database, NONE),
    "a shared database that belongs to one of its contexts is refused": (
        lambda m: database(m, owner="pricing"),
        [(OWNERSHIP, "owner")],
    ),
    "a shared database that belongs to another context is every one's loss": (
        lambda m: database(m, owner="billing"),
        [(OWNERSHIP, "owner")] * 2,
    ),
    "a shared database without protection is refused for each context": (
        lambda m: database(m, protect=False),
        [(UNPROTECTED, "protect")] * 2,
    ),
    "a fence that leaves the schema of all to nobody passes": (fence, NONE),
    "a fence that gives it to one context is refused": (lambda m: fence(m, owner="pricing"), [(OWNERSHIP, "owner")]),
    "a context's role in the server of its deployable passes": (
        lambda m: m.in_postgresql("Role", SERVER, name="shipping", login=True),
        NONE,
    ),
    "a role of a context beside them is refused": (
        lambda m: m.in_postgresql("Role", SERVER, name="billing"),
        [(OWNERSHIP, "name")] * 2,
    ),
    "a context's schema with its own role passes": (schema, NONE),
    "a context's schema with another one's role is refused": (
        lambda m: schema(m, role="shipping"),
        [(OWNERSHIP, "role")],
    ),
    "a context's schema without protection is refused": (
        lambda m: schema(m, protect=False),
        [(UNPROTECTED, "protect")],
    ),
    "a schema that no descriptor declares is refused": (lambda m: schema(m, name="history"), [(UNREADABLE, "name")]),
    "a schema in a database that nobody shares is refused": (
        lambda m: schema(m, port=m.port("billing--postgresql"), database="billing"),
        [(UNREADABLE, "name")],
    ),
    "a grant in one's own schema passes": (
        lambda m: in_server(m, "Grant", schema="pricing", role="pricing", objectType="table", privileges=["SELECT"]),
        NONE,
    ),
    "a grant in another one's schema is refused": (
        lambda m: in_server(m, "Grant", schema="pricing", role="shipping", objectType="table", privileges=["SELECT"]),
        [(OWNERSHIP, "role")],
    ),
    "a right on the whole database reaches the other ones' schemas": (
        lambda m: in_server(m, "Grant", role="shipping", objectType="database", privileges=["CREATE"]),
        [(OWNERSHIP, "role")],
    ),
    "a schema made by hand for one of its contexts could hide another one's": (
        lambda m: in_server(m, "Schema", name="history", owner="pricing"),
        [(OWNERSHIP, "owner")],
    ),
    "an outbox in its context's schema passes": (outbox, NONE),
    "an outbox in another context's schema is refused": (
        lambda m: outbox(m, tableSchema="shipping"),
        [(OWNERSHIP, "owner")],
    ),
    "an outbox that belongs to another context is refused": (
        lambda m: outbox(m, owner="shipping"),
        [(OWNERSHIP, "owner")],
    ),
    "an outbox in nobody's schema could be anybody's": (
        lambda m: outbox(m, tableSchema=None),
        [(OWNERSHIP, "owner")],
    ),
    "an outbox in a server of one's own passes": (
        lambda m: outbox(m, port=m.port("billing--postgresql"), database="billing", tableSchema=None, owner="billing"),
        NONE,
    ),
    "an outbox in a server that there is not is refused": (
        lambda m: outbox(m, kind="mysql"),
        [(UNREADABLE, "port")],
    ),
    "a copy of the shared database is a reading of every schema": (
        lambda m: m.in_postgresql(
            "Database", "platform--postgresql", name="support", owner="support", template=DATABASE, protect=True
        ),
        [(UNREADABLE, "template")],
    ),
}


@pytest.mark.parametrize(("make", "expected"), CASES.values(), ids=CASES.keys())
def test_in_a_shared_database(emporium: Market, make: Callable[[Market], Observed], expected: Found) -> None:
    assert emporium.found(make(emporium)) == expected


def test_a_schema_is_managed_once(emporium: Market) -> None:
    again = emporium.resource(
        "platlocal:index:PostgresSchema",
        {"port": emporium.port(SERVER), "database": DATABASE, "name": "pricing", "role": "pricing"},
        options=PROTECTED,
        name="again",
    )
    assert emporium.found(schema(emporium), again) == [(BREACH, "")]


def test_the_server_of_a_monolith_is_its_deployable_s(emporium: Market) -> None:
    planned = emporium.ground.plan.server(SERVER)
    server = emporium.local(
        "Server",
        PROTECTED,
        name=SERVER,
        kind="postgresql",
        port=planned.port,
        adminUser="postgres",
        labels={"context": "pricing", "team": "emporium-team"},
    )
    assert emporium.found(server) == [(BREACH, "labels.context")]
