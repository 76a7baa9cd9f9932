from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from plat.project import CONTEXTS_VARIABLE, Project
from policies.ground import Ground
from policies.observed import UNKNOWN, Observed
from tests.unit.policies.conftest import ROOT
from tests.unit.policies.resources import BREACH, NONE, OWNERSHIP, UNPROTECTED, UNREADABLE, Found, Market

Make = Callable[[Market], Observed]
OWN, SHARED = "ordering--postgresql", "platform--postgresql"

ROLES: dict[str, tuple[Make, Found]] = {
    "a context's own role in its own server passes": (
        lambda m: m.in_postgresql("Role", name="ordering", login=True, password=UNKNOWN),
        NONE,
    ),
    "each context's role passes in a server that several share": (
        lambda m: m.in_postgresql("Role", SHARED, name="billing", superuser=False),
        NONE,
    ),
    "another context's role is refused in a server that is not its own": (
        lambda m: m.in_postgresql("Role", name="billing"),
        [(OWNERSHIP, "name")],
    ),
    "a role that no context bears is refused": (
        lambda m: m.in_postgresql("Role", name="reporting"),
        [(OWNERSHIP, "name")],
    ),
    "a role that no context bears touches every database of a shared server": (
        lambda m: m.in_postgresql("Role", SHARED, name="reporting"),
        [(OWNERSHIP, "name")] * 3,
    ),
    "a superuser is refused": (
        lambda m: m.in_postgresql("Role", name="ordering", superuser=True),
        [(BREACH, "superuser")],
    ),
    "a flag that is not known yet could be any": (
        lambda m: m.in_postgresql("Role", name="ordering", superuser=UNKNOWN),
        [(BREACH, "superuser")],
    ),
    "creating databases and roles, replicating and bypassing row security are refused": (
        lambda m: m.in_postgresql(
            "Role", name="ordering", createDatabase=True, createRole=True, replication=True, bypassRowLevelSecurity=True
        ),
        [(BREACH, "bypassRowLevelSecurity"), (BREACH, "createDatabase"), (BREACH, "createRole"), (BREACH, "replication")],
    ),
    "acting as another role is refused": (
        lambda m: m.in_postgresql("Role", name="ordering", assumeRole="postgres"),
        [(BREACH, "assumeRole")],
    ),
    "membership in another context's role is access to its database": (
        lambda m: m.in_postgresql("Role", SHARED, name="billing", roles=["fulfilment"]),
        [(OWNERSHIP, "roles")],
    ),
    "membership in a role of the server itself is refused": (
        lambda m: m.in_postgresql("Role", name="ordering", roles=["pg_read_all_data"]),
        [(BREACH, "roles")],
    ),
    "membership that is not known yet is refused": (
        lambda m: m.in_postgresql("Role", name="ordering", roles=[UNKNOWN]),
        [(UNREADABLE, "roles[0]")],
    ),
    "a name that is not known yet is refused": (
        lambda m: m.in_postgresql("Role", name=UNKNOWN),
        [(UNREADABLE, "name")],
    ),
    "membership given apart is access as well": (
        lambda m: m.in_postgresql("GrantRole", SHARED, role="billing", grantRole="fulfilment"),
        [(OWNERSHIP, "grantRole")],
    ),
    "membership given apart in a role of the server itself is refused": (
        lambda m: m.in_postgresql("GrantRole", SHARED, role="billing", grantRole="pg_monitor"),
        [(BREACH, "grantRole")],
    ),
}

DATABASES: dict[str, tuple[Make, Found]] = {
    "a planned database of its context's role passes": (
        lambda m: m.in_postgresql("Database", name="ordering", owner="ordering", protect=True, template="template0"),
        NONE,
    ),
    "a database without protection is refused": (
        lambda m: m.in_postgresql("Database", name="ordering", owner="ordering"),
        [(UNPROTECTED, "protect")],
    ),
    "a database that another context's role owns is refused": (
        lambda m: m.in_postgresql("Database", SHARED, name="billing", owner="fulfilment", protect=True),
        [(OWNERSHIP, "owner")],
    ),
    "a database whose owner is not said is refused": (
        lambda m: m.in_postgresql("Database", name="ordering", protect=True),
        [(UNREADABLE, "owner")],
    ),
    "a database that no descriptor declares is refused": (
        lambda m: m.in_postgresql("Database", name="scratch", owner="ordering", protect=True),
        [(UNREADABLE, "name")],
    ),
    "a planned database in a server that is not its own is refused": (
        lambda m: m.in_postgresql("Database", name="billing", owner="billing", protect=True),
        [(UNREADABLE, "name")],
    ),
    "a copy of another context's database is a reading of it": (
        lambda m: m.in_postgresql("Database", SHARED, name="billing", owner="billing", template="fulfilment", protect=True),
        [(OWNERSHIP, "template")],
    ),
    "a copy of a database that nobody knows is refused": (
        lambda m: m.in_postgresql("Database", name="ordering", owner="ordering", template="dump", protect=True),
        [(UNREADABLE, "template")],
    ),
    "a database that all may copy is refused": (
        lambda m: m.in_postgresql("Database", name="ordering", owner="ordering", isTemplate=True, protect=True),
        [(BREACH, "isTemplate")],
    ),
}

RIGHTS: dict[str, tuple[Make, Found]] = {
    "a schema of its database's role passes": (
        lambda m: m.in_postgresql("Schema", database="ordering", name="history", owner="ordering"),
        NONE,
    ),
    "a schema that another context's role owns is refused": (
        lambda m: m.in_postgresql("Schema", SHARED, database="billing", name="history", owner="fulfilment"),
        [(OWNERSHIP, "owner")],
    ),
    "a schema that is open to another context is refused": (
        lambda m: m.in_postgresql(
            "Schema", SHARED, database="billing", name="b", owner="billing", policies=[{"usage": True, "role": "fulfilment"}]
        ),
        [(OWNERSHIP, "policies[0].role")],
    ),
    "a schema that is open to everybody is refused": (
        lambda m: m.in_postgresql(
            "Schema", SHARED, database="billing", name="b", owner="billing", policies=[{"usage": True, "create": True}]
        ),
        [(OWNERSHIP, "policies[0].role")],
    ),
    "policies that are not known yet are refused": (
        lambda m: m.in_postgresql("Schema", database="ordering", name="b", owner="ordering", policies=[UNKNOWN]),
        [(UNREADABLE, "policies")],
    ),
    "a grant to the database's own role passes": (
        lambda m: m.in_postgresql("Grant", database="ordering", role="ordering", objectType="table", privileges=["SELECT"]),
        NONE,
    ),
    "a grant to another context is refused": (
        lambda m: m.in_postgresql("Grant", database="ordering", role="billing", objectType="table", privileges=["SELECT"]),
        [(OWNERSHIP, "role")],
    ),
    "a grant to everybody is refused": (
        lambda m: m.in_postgresql("Grant", database="ordering", role="public", objectType="database", privileges=["CONNECT"]),
        [(OWNERSHIP, "role")],
    ),
    "a grant of nothing takes away, and passes": (
        lambda m: m.in_postgresql("Grant", database="ordering", role="public", objectType="schema", privileges=[]),
        NONE,
    ),
    "a grant on a database of the server itself is refused": (
        lambda m: m.in_postgresql("Grant", database="postgres", role="ordering", objectType="database", privileges=["CREATE"]),
        [(UNREADABLE, "database")],
    ),
    "a grant on a foreign server is refused": (
        lambda m: m.in_postgresql(
            "Grant", database="ordering", role="ordering", objectType="foreign_server", objects=["x"], privileges=["USAGE"]
        ),
        [(BREACH, "objectType")],
    ),
    "privileges that are not known yet are refused": (
        lambda m: m.in_postgresql("Grant", database="ordering", role="ordering", objectType="table", privileges=UNKNOWN),
        [(UNREADABLE, "privileges")],
    ),
    "a default for tables to come is a grant": (
        lambda m: m.in_postgresql(
            "DefaultPrivileges", SHARED, database="billing", role="fulfilment", objectType="table", privileges=["SELECT"]
        ),
        [(OWNERSHIP, "role")],
    ),
    "the old spelling of defaults is the same": (
        lambda m: m.in_postgresql(
            "DefaultPrivileg", SHARED, database="billing", role="fulfilment", objectType="table", privileges=["SELECT"]
        ),
        [(OWNERSHIP, "role")],
    ),
    "an extension that stays inside of its database passes": (
        lambda m: m.in_postgresql("Extension", database="ordering", name="pgcrypto"),
        NONE,
    ),
    "dblink is refused": (
        lambda m: m.in_postgresql("Extension", database="ordering", name="dblink"),
        [(BREACH, "name")],
    ),
    "postgres_fdw is refused": (
        lambda m: m.in_postgresql("Extension", database="ordering", name="postgres_fdw"),
        [(BREACH, "name")],
    ),
    "an extension in a database of the server itself is refused": (
        lambda m: m.in_postgresql("Extension", database="template1", name="pgcrypto"),
        [(UNREADABLE, "database")],
    ),
    "a foreign server has no observer, and is refused": (
        lambda m: m.in_postgresql("Server", serverName="other", fdwName="postgres_fdw"),
        [(UNREADABLE, "")],
    ),
    "a subscription to another database has no observer, and is refused": (
        lambda m: m.in_postgresql("Subscription", conninfo="host=elsewhere"),
        [(UNREADABLE, "")],
    ),
}

PROVIDERS: dict[str, tuple[Make, Found]] = {
    "any spelling of this machine is the same server": (
        lambda m: m.resource(
            "postgresql:index/role:Role",
            {"name": "ordering"},
            m.provider("postgresql", host="localhost", port=m.port(OWN)),
        ),
        NONE,
    ),
    "a server that the landscape does not know is refused": (
        lambda m: m.resource("postgresql:index/role:Role", {"name": "ordering"}, m.provider("postgresql", host="127.0.0.1")),
        [(UNREADABLE, "provider.host")],
    ),
    "another machine with a planned port is refused": (
        lambda m: m.resource(
            "postgresql:index/role:Role",
            {"name": "ordering"},
            m.provider("postgresql", host="10.0.0.7", port=str(m.port(OWN))),
        ),
        [(UNREADABLE, "provider.host")],
    ),
    "a provider whose host is not known yet is refused": (
        lambda m: m.resource("postgresql:index/role:Role", {"name": "ordering"}, m.provider("postgresql", host=UNKNOWN)),
        [(UNREADABLE, "provider.host")],
    ),
    "a resource without a provider is refused": (
        lambda m: m.resource("postgresql:index/role:Role", {"name": "ordering"}),
        [(UNREADABLE, "provider")],
    ),
}

CASES = {**ROLES, **DATABASES, **RIGHTS, **PROVIDERS}


@pytest.mark.parametrize(("make", "expected"), CASES.values(), ids=CASES.keys())
def test_inside_of_postgresql(market: Market, make: Make, expected: Found) -> None:
    assert market.found(make(market)) == expected


def test_a_grant_to_another_context_says_whose_table_it_is_and_what_to_do(market: Market) -> None:
    grant = market.in_postgresql(
        "Grant", database="ordering", role="billing", objectType="table", objects=["orders"], privileges=["SELECT", "INSERT"]
    )
    assert market.messages(grant) == (
        "error[datastore-ownership]: postgresql:Grant `thing`: `billing` (billing-team) writes to datastore "
        "`ordering--postgresql` (tables orders), which belongs to `ordering` (orders-team), and there is no contract\n"
        "    give each context a datastore of its own and exchange events or calls, or agree on a DataContract "
        "(named read-only views, a reason, owners on both sides, an end date)"
    )


def test_a_server_of_nobody_is_named_by_its_place_alone(market: Market) -> None:
    provider = market.provider("postgresql", host="db.example", port="5432", username="root", password="canary-7f3a")
    role = market.resource("postgresql:index/role:Role", {"name": "ordering", "password": "canary-7f3a"}, provider)
    assert market.messages(role) == (
        "error[unreadable-resource]: postgresql:Role `thing`: `provider.host` cannot be judged: db.example:5432 is no server "
        "of this landscape\n"
        "    point its provider at a server of the landscape, by literal host and port, or leave the resource to Plat"
    )


WORDS: dict[str, tuple[Make, str]] = {
    "a grant to read is a reading": (
        lambda m: m.in_postgresql("Grant", database="ordering", role="billing", objectType="table", privileges=["select"]),
        "reads from",
    ),
    "a grant to write among others is a writing": (
        lambda m: m.in_postgresql(
            "Grant", database="ordering", role="billing", objectType="table", privileges=["SELECT", "TRUNCATE"]
        ),
        "writes to",
    ),
    "a schema to look into is a reading": (
        lambda m: m.in_postgresql(
            "Schema", SHARED, database="billing", name="b", owner="billing", policies=[{"usage": True, "role": "fulfilment"}]
        ),
        "reads from",
    ),
    "a schema to create in is a writing": (
        lambda m: m.in_postgresql(
            "Schema", SHARED, database="billing", name="b", owner="billing", policies=[{"create": True, "role": "fulfilment"}]
        ),
        "writes to",
    ),
    "a schema to create in and to pass on is a writing": (
        lambda m: m.in_postgresql(
            "Schema",
            SHARED,
            database="billing",
            name="b",
            owner="billing",
            policies=[{"createWithGrant": True, "role": "fulfilment"}],
        ),
        "writes to",
    ),
    "a membership is ownership": (
        lambda m: m.in_postgresql("Role", SHARED, name="billing", roles=["fulfilment"]),
        "takes ownership in",
    ),
}


@pytest.mark.parametrize(("make", "word"), WORDS.values(), ids=WORDS.keys())
def test_a_message_says_what_would_be_done(market: Market, make: Make, word: str) -> None:
    assert f"-team) {word} datastore" in market.messages(make(market))


def test_a_role_in_a_server_without_datastores_is_refused(ground: Ground) -> None:
    empty = Market(Ground.of(dataclasses.replace(ground.plan, datastores=())))
    assert empty.found(empty.in_postgresql("Role", name="ordering")) == [(UNREADABLE, "name")]


def test_a_role_that_is_called_like_a_context_is_not_the_context_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONTEXTS_VARIABLE, str(ROOT / "tests" / "landscapes"))
    api = Ground.of(Project(ROOT).plan("orders-api-of-one-team.local"))
    assert (api.context_of_role("order_creation"), api.context_of_role("order-creation")) == (
        "order-creation",
        "role order-creation",
    )
