"""Rights inside servers: given as declared, and mended when somebody has changed them by hand."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
import redis

from tests.integration.local.harness import OTHER_PASSWORD, PASSWORD, Resource, Stack, server

POSTGRES, REDIS = 31561, 31562
ADMIN = {"admin_user": "plat_admin", "admin_password": PASSWORD}
SERVERS = (server("postgresql", POSTGRES), server("redis", REDIS))


def account(**inputs: object) -> Resource:
    given = {**ADMIN, "port": REDIS, "user": "user-management", "password": OTHER_PASSWORD, **inputs}
    return {"type": "RedisUser", "id": "account", "after": ["redis-31562"], "inputs": given}


FENCE: Resource = {
    "type": "PostgresFence",
    "id": "fence",
    "after": ["postgresql-31561"],
    "inputs": {**ADMIN, "port": POSTGRES, "database": "orders", "owner": "orders"},
}


@pytest.fixture(scope="module")
def stack(new_stack: Callable[[], Stack]) -> Stack:
    stack = new_stack()
    stack.must_up(*SERVERS)
    for role in ("orders", "stranger"):
        sql(f"CREATE ROLE {role} LOGIN PASSWORD '{OTHER_PASSWORD}'")
    sql("CREATE DATABASE orders OWNER orders")
    return stack


@pytest.fixture
def running(stack: Stack) -> Stack:
    stack.must_up(*SERVERS, account(), FENCE)
    return stack


def sql(statement: str, user: str = "plat_admin", database: str = "postgres") -> list[tuple[object, ...]]:
    password = PASSWORD if user == "plat_admin" else OTHER_PASSWORD
    with psycopg.connect(
        host="127.0.0.1", port=POSTGRES, user=user, password=password, dbname=database, autocommit=True
    ) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def command(client: redis.Redis, words: str) -> None:
    client.execute_command(*words.split())  # type: ignore[no-untyped-call]


def as_owner() -> redis.Redis:
    return redis.Redis(port=REDIS, username="user-management", password=OTHER_PASSWORD, decode_responses=True)


def as_admin() -> redis.Redis:
    return redis.Redis(port=REDIS, username="plat_admin", password=PASSWORD, decode_responses=True)


def test_the_owner_of_a_redis_may_use_all_of_it_and_administer_nothing(running: Stack) -> None:
    client = as_owner()
    assert client.set("user:42", "here")
    assert client.keys("*") == ["user:42"]
    assert client.flushdb()
    for words in ("CONFIG GET *", "ACL LIST", "ACL WHOAMI", "SHUTDOWN", "REPLICAOF NO ONE", "DEBUG SLEEP 0", "SAVE"):
        with pytest.raises(redis.ResponseError, match="no permissions"):
            command(client, words)
    assert running.must_up().summary == {"unchanged": 6}


def test_accounts_outlive_the_server(running: Stack) -> None:
    running.runtime.stop()
    running.must_up()
    assert as_owner().ping()


@pytest.mark.parametrize(
    "by_hand",
    ["ACL SETUSER user-management +@admin", "ACL SETUSER user-management nopass", "ACL DELUSER user-management"],
    ids=["more commands", "no password", "no account"],
)
def test_an_account_changed_by_hand_is_seen_and_mended(running: Stack, by_hand: str) -> None:
    command(as_admin(), by_hand)
    preview = running.pulumi("preview")
    assert preview.summary == {"update": 1, "unchanged": 5}, preview.text
    refreshed = running.refresh()
    assert refreshed.summary == {"updated": 1, "unchanged": 5}, refreshed.text
    assert running.must_up().summary == {"updated": 1, "unchanged": 5}
    assert running.must_up().summary == {"unchanged": 6}
    assert as_owner().ping()
    with pytest.raises(redis.ResponseError, match="no permissions"):
        as_owner().config_get("*")


def test_a_removed_account_is_gone(running: Stack) -> None:
    running.must_up(*SERVERS, FENCE)
    with pytest.raises(redis.AuthenticationError):
        as_owner().ping()


def test_nobody_but_the_owner_gets_into_a_fenced_database(running: Stack) -> None:
    assert sql("SELECT 1", "orders", "orders") == [(1,)]
    for user, database in (("stranger", "orders"), ("stranger", "postgres"), ("orders", "postgres"), ("orders", "template1")):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            sql("SELECT 1", user, database)
    assert running.outputs("fence")["drift"] == []


def test_the_owner_may_do_everything_in_its_schema_and_others_get_nothing_by_default(running: Stack) -> None:
    sql("CREATE TABLE IF NOT EXISTS lines (id int)", "orders", "orders")
    sql("CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'", "orders", "orders")
    assert running.refresh().summary == {"unchanged": 6}


HOLES = {
    "everybody may connect": (
        "postgres",
        "GRANT CONNECT ON DATABASE orders TO PUBLIC",
        "PUBLIC may CONNECT on database orders",
    ),
    "to the database of all": ("postgres", "GRANT CONNECT ON DATABASE postgres TO PUBLIC", "CONNECT on database postgres"),
    "everybody may create": ("orders", "GRANT CREATE ON SCHEMA public TO PUBLIC", "PUBLIC may CREATE on schema public"),
    "another owner": ("orders", "ALTER SCHEMA public OWNER TO stranger", "schema public belongs to stranger"),
    "everybody may execute": (
        "orders",
        "CREATE FUNCTION two() RETURNS int LANGUAGE sql AS 'SELECT 2'; ALTER FUNCTION two() OWNER TO orders",
        "PUBLIC may execute two()",
    ),
    "everybody will be allowed to execute": (
        "orders",
        "ALTER DEFAULT PRIVILEGES FOR ROLE orders GRANT EXECUTE ON ROUTINES TO PUBLIC",
        "PUBLIC may execute what orders makes",
    ),
}


@pytest.mark.parametrize("case", HOLES)
def test_a_hole_made_by_hand_is_named_and_mended(running: Stack, case: str) -> None:
    database, by_hand, hole = HOLES[case]
    sql(by_hand, database=database)
    preview = running.pulumi("preview")
    assert preview.summary == {"update": 1, "unchanged": 5}, preview.text
    assert hole in preview.text
    running.refresh()
    assert [text for text in running.outputs("fence")["drift"] if hole in text] != []
    assert running.must_up().summary == {"updated": 1, "unchanged": 5}
    assert running.outputs("fence")["drift"] == []


def test_a_refresh_while_the_servers_are_down_keeps_accounts_and_fences(running: Stack) -> None:
    running.runtime.stop()
    refreshed = running.refresh()
    assert refreshed.summary == {"updated": 2, "unchanged": 4}, refreshed.text
    assert "could not be looked at" in refreshed.text
    assert running.must_up().summary == {"updated": 2, "unchanged": 4}


def test_a_fence_stays_when_its_resource_goes(running: Stack) -> None:
    running.must_up(*SERVERS)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        sql("SELECT 1", "stranger", "orders")
