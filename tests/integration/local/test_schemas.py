"""Schemas of several contexts in one database: each role works in its own, and finds no way into another one."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from tests.integration.local.harness import OTHER_PASSWORD, PASSWORD, Resource, Stack, server

PORT = 31601
ADMIN = {"admin_user": "plat_admin", "admin_password": PASSWORD, "port": PORT, "database": "shop"}
SERVER = server("postgresql", PORT)
AFTER = [f"postgresql-{PORT}"]


def schema(name: str) -> Resource:
    return {"type": "PostgresSchema", "id": name, "after": AFTER, "inputs": {**ADMIN, "name": name, "role": name}}


FENCE: Resource = {"type": "PostgresFence", "id": "fence", "after": AFTER, "inputs": ADMIN}
SCHEMAS = (SERVER, FENCE, schema("pricing"), schema("shipping"))


@pytest.fixture(scope="module")
def stack(new_stack: Callable[[], Stack]) -> Stack:
    stack = new_stack()
    stack.must_up(SERVER)
    for role in ("pricing", "shipping", "stranger"):
        sql(f"CREATE ROLE {role} LOGIN PASSWORD '{OTHER_PASSWORD}'", database="postgres")
    sql("CREATE DATABASE shop TEMPLATE template0", database="postgres")
    stack.must_up(*SCHEMAS)
    sql("CREATE TABLE rates (rate int); INSERT INTO rates VALUES (1)", "pricing")
    sql("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'", "pricing")
    return stack


def sql(statement: str, user: str = "plat_admin", database: str = "shop") -> list[tuple[object, ...]]:
    password = PASSWORD if user == "plat_admin" else OTHER_PASSWORD
    with psycopg.connect(
        host="127.0.0.1", port=PORT, user=user, password=password, dbname=database, autocommit=True
    ) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_the_same_statements_as_in_an_own_database_land_in_the_own_schema(stack: Stack) -> None:
    sql("CREATE TABLE IF NOT EXISTS rates (parcel text)", "shipping")
    assert sql("SELECT schemaname, tableowner FROM pg_tables WHERE tablename = 'rates' ORDER BY 1") == [
        ("pricing", "pricing"),
        ("shipping", "shipping"),
    ]
    sql("DROP TABLE rates", "shipping")
    assert sql("SELECT one()", "pricing") == [(1,)]
    assert stack.must_up().summary == {"unchanged": 6}


FORBIDDEN = {
    "read another one's table": "SELECT * FROM pricing.rates",
    "write to another one's table": "INSERT INTO pricing.rates VALUES (2)",
    "look for tables in another one's schema": "SET search_path TO pricing; SELECT * FROM rates",
    "drop another one's table": "DROP TABLE pricing.rates",
    "refer to another one's table": "CREATE TABLE referring (rate int REFERENCES pricing.rates)",
    "call another one's function": "SELECT pricing.one()",
    "make a table in another one's schema": "CREATE TABLE pricing.mine (x int)",
    "make a table in the schema of all": "CREATE TABLE public.mine (x int)",
    "make a temporary table": "CREATE TEMPORARY TABLE mine (x int)",
    "make a schema": "CREATE SCHEMA mine",
    "become another one": "SET ROLE pricing",
    "take another one in": "GRANT shipping TO pricing",
    "rename its schema": "ALTER SCHEMA shipping RENAME TO other",
    "read the server's files": "SELECT pg_read_file('PG_VERSION')",
    "run a program": "COPY (SELECT 1) TO PROGRAM 'cat'",
    "change the server's settings": "ALTER SYSTEM SET log_statement = 'all'",
}


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_a_role_may_not(statement: str) -> None:
    refused: tuple[type[psycopg.Error], ...] = (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable)
    with pytest.raises(refused):
        sql(statement, "shipping")


def test_nothing_comes_of_opening_to_others_what_is_not_ones_own(stack: Stack) -> None:
    # PostgreSQL only warns that nothing was granted.
    sql("GRANT USAGE ON SCHEMA shipping TO pricing", "shipping")
    sql("GRANT CONNECT ON DATABASE shop TO stranger", "shipping")
    assert stack.must_up().summary == {"unchanged": 6}


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("database", ["shop", "postgres", "template1"])
def test_a_stranger_comes_into_no_database(database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        sql("SELECT 1", "stranger", database)


# Made by hand, and what is said of it. Some hide others, so that they come in two rounds.
OPENED = {
    "GRANT USAGE ON SCHEMA pricing TO shipping": "shipping may USAGE on schema pricing",
    "GRANT CREATE ON SCHEMA pricing TO PUBLIC": "PUBLIC may CREATE on schema pricing",
    "ALTER SCHEMA pricing OWNER TO pricing": "schema pricing belongs to pricing",
    "GRANT TEMPORARY ON DATABASE shop TO pricing": "pricing may TEMPORARY on database shop",
    "GRANT CREATE ON DATABASE shop TO pricing": "pricing may CREATE on database shop",
    "GRANT CREATE ON SCHEMA public TO pricing": "pricing may CREATE on schema public",
    "GRANT shipping TO pricing": "pricing is a member of shipping",
    "ALTER ROLE pricing IN DATABASE shop SET search_path TO shipping": "pricing does not look for its tables in pricing first",
}
LOST = {
    "GRANT USAGE ON SCHEMA pricing TO pricing WITH GRANT OPTION": "pricing may USAGE on schema pricing",
    "REVOKE CREATE ON SCHEMA pricing FROM pricing": "pricing may not CREATE on schema pricing",
    "REVOKE CONNECT ON DATABASE shop FROM pricing": "pricing may not connect to database shop",
}


@pytest.mark.parametrize("holes", [OPENED, LOST], ids=["opened", "lost"])
def test_holes_made_by_hand_are_named_and_mended(stack: Stack, holes: dict[str, str]) -> None:
    for by_hand in holes:
        sql(by_hand)
    preview = stack.pulumi("preview")
    assert preview.code == 0, preview.text
    assert [hole for hole in holes.values() if hole not in preview.text] == []
    stack.must_up()
    assert stack.outputs("pricing")["drift"] == stack.outputs("shipping")["drift"] == []
    assert stack.must_up().summary == {"unchanged": 6}


def test_a_schema_that_somebody_has_renamed_is_missed_and_not_lost(stack: Stack) -> None:
    sql("ALTER SCHEMA pricing RENAME TO hidden")
    assert "schema pricing is not there" in stack.must_up().text
    sql("DROP SCHEMA pricing; ALTER SCHEMA hidden RENAME TO pricing")
    assert stack.must_up().summary == {"unchanged": 6}
    assert sql("SELECT * FROM rates", "pricing") == [(1,)]


def test_a_schema_outlives_its_resource_with_all_that_is_in_it(stack: Stack) -> None:
    stack.must_up(SERVER, FENCE, schema("shipping"))
    assert sql("SELECT * FROM pricing.rates") == [(1,)]
    stack.must_up(*SCHEMAS)
    assert sql("SELECT * FROM rates", "pricing") == [(1,)]


def test_a_fenced_database_does_not_change_its_server(stack: Stack) -> None:
    wire = {"host": "127.0.0.1", "port": PORT, "adminUser": "plat_admin", "adminPassword": PASSWORD}
    wire |= {"server": "platform--postgresql", "database": "pricing", "owner": "pricing"}
    (reason,) = stack.check("PostgresFence", wire, {**wire, "server": "pricing--postgresql"})
    assert "copy the data over" in reason


def test_a_schema_does_not_change_its_place(stack: Stack) -> None:
    wire = {"host": "127.0.0.1", "port": PORT, "adminUser": "plat_admin", "adminPassword": PASSWORD}
    wire |= {"server": "shop--postgresql", "database": "shop", "name": "pricing", "role": "pricing"}
    for name in ("server", "database", "name"):
        (reason,) = stack.check("PostgresSchema", wire, {**wire, name: "elsewhere"})
        assert "copy the data over" in reason
