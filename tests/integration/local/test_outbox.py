"""Outboxes in real servers: made once, owned by their context, and never changed or dropped."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from tests.integration.local.harness import OTHER_PASSWORD, PASSWORD, Resource, Stack, server

PORT = 31602
ADMIN = {"admin_user": "plat_admin", "admin_password": PASSWORD, "port": PORT, "database": "orders"}
SERVER = server("postgresql", PORT)
OUTBOX: Resource = {
    "type": "Outbox",
    "id": "outbox",
    "after": [f"postgresql-{PORT}"],
    "inputs": {**ADMIN, "kind": "postgresql", "owner": "orders"},
}
EVENT = "INSERT INTO outbox (id, event, version, key, payload) VALUES (gen_random_uuid(), 'OrderPlaced', 1, '42', '{}')"


@pytest.fixture(scope="module")
def stack(new_stack: Callable[[], Stack]) -> Stack:
    stack = new_stack()
    stack.must_up(SERVER)
    sql(f"CREATE ROLE orders LOGIN PASSWORD '{OTHER_PASSWORD}'", database="postgres")
    sql("CREATE DATABASE orders OWNER orders", database="postgres")
    sql("ALTER SCHEMA public OWNER TO orders")
    stack.must_up(SERVER, OUTBOX)
    return stack


def sql(statement: str, user: str = "plat_admin", database: str = "orders") -> list[tuple[object, ...]]:
    password = PASSWORD if user == "plat_admin" else OTHER_PASSWORD
    with psycopg.connect(
        host="127.0.0.1", port=PORT, user=user, password=password, dbname=database, autocommit=True
    ) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_its_owner_writes_events_and_marks_them_as_published(stack: Stack) -> None:
    sql(EVENT, "orders")
    assert sql("SELECT version, key, published_at FROM outbox WHERE occurred_at <= now()", "orders") == [(1, "42", None)]
    sql("UPDATE outbox SET published_at = now()", "orders")
    sql("DELETE FROM outbox", "orders")
    assert stack.must_up().summary == {"unchanged": 4}


def test_a_lost_index_and_another_owner_are_seen_and_mended(stack: Stack) -> None:
    sql("DROP INDEX outbox_unpublished; ALTER TABLE outbox OWNER TO plat_admin")
    text = stack.must_up().text
    assert "it belongs to plat_admin" in text
    assert stack.must_up().summary == {"unchanged": 4}
    assert sql("SELECT tableowner FROM pg_tables WHERE tablename = 'outbox'") == [("orders",)]
    assert len(sql("SELECT * FROM pg_indexes WHERE indexname = 'outbox_unpublished'")) == 1


def test_more_columns_are_the_owner_s_business(stack: Stack) -> None:
    sql("ALTER TABLE outbox ADD COLUMN trace text", "orders")
    assert stack.must_up().summary == {"unchanged": 4}
    sql("ALTER TABLE outbox DROP COLUMN trace", "orders")


def test_it_outlives_its_resource_with_all_that_waits_in_it(stack: Stack) -> None:
    sql(EVENT, "orders")
    stack.must_up(SERVER)
    assert sql("SELECT event FROM outbox", "orders") == [("OrderPlaced",)]
    stack.must_up(SERVER, OUTBOX)
    assert sql("SELECT event FROM outbox", "orders") == [("OrderPlaced",)]
    sql("DELETE FROM outbox", "orders")


def test_a_table_of_another_form_is_refused_and_left_alone(stack: Stack) -> None:
    stack.must_up(SERVER)
    sql("ALTER TABLE outbox RENAME COLUMN payload TO body; ALTER TABLE outbox RENAME TO other", "orders")
    sql("ALTER TABLE other RENAME TO outbox", "orders")
    stack.declare([SERVER, OUTBOX])
    refused = stack.up()
    assert refused.code != 0
    assert "column payload is missing" in refused.text
    assert "rename it, or leave `outbox: true` out" in refused.text
    assert sql("SELECT body FROM outbox", "orders") == []
    sql("ALTER TABLE outbox RENAME COLUMN body TO payload", "orders")
    stack.must_up()
