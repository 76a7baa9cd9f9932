"""Data contracts in a real PostgreSQL: what the reader can do, what the provider can change, and what nobody can."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tests.integration.local.harness import OTHER_PASSWORD, PASSWORD, Resource, Stack, server

PORT = 31603
READER_PASSWORD = "canary-read-5521"
ADMIN = {"admin_user": "plat_admin", "admin_password": PASSWORD, "port": PORT, "database": "pricing"}
SERVER = server("postgresql", PORT)
RATES = {
    "name": "current_rates",
    "columns": [
        {"name": "rate_id", "type": "integer"},
        {"name": "zone", "type": "varchar(10)"},
        {"name": "amount", "type": "numeric(10,2)"},
    ],
}
FENCE: Resource = {
    "type": "PostgresFence",
    "id": "fence",
    "after": [f"postgresql-{PORT}"],
    "inputs": {**ADMIN, "owner": "pricing"},
}
REPLACED = """
CREATE OR REPLACE VIEW pricing_rates.current_rates AS
SELECT rate_id, zone, amount FROM rates WHERE NOT secret
"""


def contract(**inputs: object) -> Resource:
    given = {
        **ADMIN,
        "name": "pricing_rates",
        "owner": "pricing",
        "reader": "billing__pricing_rates",
        "password": READER_PASSWORD,
        "expires": "2099-12-31",
        "views": [RATES],
        **inputs,
    }
    return {"type": "PostgresContract", "id": "contract", "after": ["fence"], "inputs": given}


def with_columns(*columns: tuple[str, str]) -> list[dict[str, object]]:
    return [{"name": "current_rates", "columns": [{"name": name, "type": kind} for name, kind in columns]}]


@pytest.fixture(scope="module")
def stack(new_stack: Callable[[], Stack]) -> Stack:
    stack = new_stack()
    stack.must_up(SERVER)
    for role in ("pricing", "stranger"):
        sql(f"CREATE ROLE {role} LOGIN PASSWORD '{OTHER_PASSWORD}'", database="postgres")
    sql("CREATE DATABASE pricing OWNER pricing TEMPLATE template0", database="postgres")
    stack.must_up(SERVER, FENCE, contract())
    sql("CREATE TABLE rates (rate_id int, zone varchar(10), amount numeric(10,2), secret bool)", "pricing")
    sql("INSERT INTO rates VALUES (1, 'eu', 2.50, false), (2, 'us', 9.99, true)", "pricing")
    return stack


@pytest.fixture
def agreed(stack: Stack) -> Stack:
    stack.must_up(SERVER, FENCE, contract())
    return stack


def sql(statement: str, user: str = "plat_admin", database: str = "pricing") -> list[tuple[object, ...]]:
    passwords = {"plat_admin": PASSWORD, "billing__pricing_rates": READER_PASSWORD}
    with psycopg.connect(
        host="127.0.0.1",
        port=PORT,
        user=user,
        password=passwords.get(user, OTHER_PASSWORD),
        dbname=database,
        autocommit=True,
    ) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def as_reader(statement: str, database: str = "pricing") -> list[tuple[object, ...]]:
    return sql(statement, "billing__pricing_rates", database)


def test_a_view_is_there_with_its_columns_before_its_provider_has_said_what_it_shows(agreed: Stack) -> None:
    columns = """
    SELECT column_name, data_type, character_maximum_length, numeric_precision FROM information_schema.columns
    WHERE table_schema = 'pricing_rates' ORDER BY ordinal_position
    """
    assert sql(columns) == [
        ("rate_id", "integer", None, 32),
        ("zone", "character varying", 10, None),
        ("amount", "numeric", None, 10),
    ]
    assert as_reader("SELECT * FROM current_rates") == []
    assert agreed.outputs("contract")["drift"] == []


def test_the_definition_that_the_provider_gives_stays_over_updates(agreed: Stack) -> None:
    sql(REPLACED, "pricing")
    assert [row[0] for row in as_reader("SELECT rate_id FROM current_rates")] == [1]
    assert agreed.must_up().summary == {"unchanged": 5}
    assert agreed.must_up(SERVER, FENCE, contract(expires="2099-12-30")).summary == {"updated": 1, "unchanged": 4}
    assert [row[0] for row in as_reader("SELECT rate_id FROM current_rates")] == [1]


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(
    "columns",
    ["rate_id, zone", "rate_id, amount, zone", "rate_id, zone, amount::text AS amount", "rate_id, zone, amount AS price"],
)
def test_the_server_itself_keeps_the_provider_to_the_columns(columns: str) -> None:
    with pytest.raises(psycopg.errors.InvalidTableDefinition):
        sql(REPLACED.replace("rate_id, zone, amount", columns), "pricing")


FORBIDDEN = {
    "read the table behind the view": "SELECT * FROM public.rates",
    "read a view that is not agreed": "SELECT * FROM pricing_rates.other",
    "write through the view": "UPDATE pricing_rates.current_rates SET amount = 0",
    "replace the view": "CREATE OR REPLACE VIEW pricing_rates.current_rates AS SELECT 1",
    "make a table beside it": "CREATE TABLE pricing_rates.mine (x int)",
    "make a temporary table": "CREATE TEMPORARY TABLE mine (x int)",
    "make a function that peeks": "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "become the provider": "SET ROLE pricing",
    "call the provider's function": "SELECT public.peek()",
    "let others in": "CREATE ROLE another",
}


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_the_reader_may_not(statement: str) -> None:
    sql(REPLACED, "pricing")
    sql("CREATE OR REPLACE VIEW pricing_rates.other AS SELECT * FROM rates", "pricing")
    sql("CREATE OR REPLACE FUNCTION peek() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM rates'", "pricing")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_reader(statement)
    sql("DROP VIEW pricing_rates.other", "pricing")


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_the_reader_comes_into_no_other_database(database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        as_reader("SELECT 1", database)


BY_HAND = {
    "GRANT SELECT ON public.rates TO billing__pricing_rates": "billing__pricing_rates has SELECT on public.rates",
    "GRANT SELECT (zone) ON public.rates TO billing__pricing_rates": "SELECT on column zone of public.rates",
    "GRANT USAGE ON SCHEMA public TO billing__pricing_rates": "has USAGE on schema public",
    "GRANT UPDATE ON pricing_rates.current_rates TO billing__pricing_rates": "has UPDATE on pricing_rates.current_rates",
    "GRANT CREATE ON DATABASE pricing TO billing__pricing_rates": "has CREATE on database pricing",
    "GRANT pg_read_all_data TO billing__pricing_rates": "has membership in pg_read_all_data",
    "GRANT billing__pricing_rates TO stranger": "has stranger as a member",
    "ALTER ROLE billing__pricing_rates CREATEDB": "has power to create databases",
    "ALTER ROLE billing__pricing_rates VALID UNTIL 'infinity'": "is let in until another day",
    "ALTER DEFAULT PRIVILEGES FOR ROLE pricing GRANT SELECT ON TABLES TO billing__pricing_rates": "by default on what pricing",
    "GRANT USAGE ON SCHEMA pricing_rates TO stranger": "stranger has rights on schema pricing_rates",
    "REVOKE SELECT ON pricing_rates.current_rates FROM billing__pricing_rates; GRANT INSERT ON pricing_rates.current_rates "
    "TO billing__pricing_rates": "lacks SELECT on pricing_rates.current_rates",
}


def test_rights_given_and_taken_by_hand_are_named_and_mended(agreed: Stack) -> None:
    for statement in BY_HAND:
        sql(statement)
    preview = agreed.pulumi("preview")
    assert preview.code == 0, preview.text
    assert [words for words in BY_HAND.values() if words not in preview.text] == []
    agreed.must_up()
    assert agreed.outputs("contract")["drift"] == []
    assert agreed.must_up().summary == {"unchanged": 5}
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_reader("SELECT * FROM public.rates")


def test_a_view_that_is_missing_is_made_again(agreed: Stack) -> None:
    sql("DROP VIEW pricing_rates.current_rates", "pricing")
    assert "view current_rates is not there" in agreed.must_up().text
    assert as_reader("SELECT * FROM current_rates") == []
    sql(REPLACED, "pricing")


def test_the_reader_comes_back_with_its_password_whoever_dropped_it_or_changed_that(agreed: Stack) -> None:
    sql("ALTER ROLE billing__pricing_rates PASSWORD 'another-one'")
    assert "another password" in agreed.must_up().text
    sql("DROP OWNED BY billing__pricing_rates; DROP ROLE billing__pricing_rates")
    assert "role billing__pricing_rates is not there" in agreed.must_up().text
    assert as_reader("SELECT count(*) FROM current_rates") == [(1,)]


def test_a_column_is_added_behind_the_provider_s_own_definition(agreed: Stack) -> None:
    sql(REPLACED, "pricing")
    longer = [*[(column["name"], column["type"]) for column in RATES["columns"]], ("since", "timestamptz")]  # type: ignore[index]
    agreed.must_up(SERVER, FENCE, contract(views=with_columns(*longer)))
    assert as_reader("SELECT rate_id, since FROM current_rates") == [(1, None)]
    agreed.declare([SERVER, FENCE, contract()])
    refused = agreed.up()
    assert refused.code != 0
    assert "promises its columns as they are: more can be added at the end" in refused.text
    sql("DROP VIEW pricing_rates.current_rates", "pricing")
    agreed.must_up(SERVER, FENCE)


@pytest.mark.parametrize(
    ("views", "words"),
    [
        (with_columns(("rate_id", "integer"), ("amount", "numeric(10,2)")), "promises its columns as they are"),
        (with_columns(("rate_id", "bigint"), ("zone", "varchar(10)"), ("amount", "numeric(10,2)")), "beside"),
        ([{**RATES, "name": "rates_in_force"}], "cannot be taken out of the contract"),
    ],
    ids=["a column taken out", "a column of another type", "a view taken out"],
)
def test_what_was_promised_is_not_taken_back(agreed: Stack, views: object, words: str) -> None:
    agreed.declare([SERVER, FENCE, contract(views=views)])
    preview = agreed.pulumi("preview")
    assert preview.code != 0
    assert words in preview.text


def test_a_promise_is_held_against_the_server_where_the_state_does_not_know_it(agreed: Stack) -> None:
    agreed.must_up(SERVER, FENCE)
    agreed.declare([SERVER, FENCE, contract(views=with_columns(("rate_id", "integer"), ("zone", "text")))])
    refused = agreed.up()
    assert refused.code != 0
    assert (
        "column zone of view pricing_rates.current_rates is character varying(10), and the contract says text" in refused.text
    )


def test_a_contract_that_has_ended_lets_nobody_in_whatever_pulumi_does(agreed: Stack) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    agreed.must_up(SERVER, FENCE, contract(expires=yesterday))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        as_reader("SELECT 1")
    today = datetime.now(UTC).date().isoformat()
    agreed.must_up(SERVER, FENCE, contract(expires=today))
    assert as_reader("SELECT 1") == [(1,)]


def test_without_the_contract_the_reader_is_gone_and_the_views_are_kept(agreed: Stack) -> None:
    sql(REPLACED, "pricing")
    agreed.must_up(SERVER, FENCE)
    assert sql("SELECT 1 FROM pg_roles WHERE rolname = 'billing__pricing_rates'") == []
    assert [row[0] for row in sql("SELECT rate_id FROM pricing_rates.current_rates", "pricing")] == [1]
    agreed.must_up(SERVER, FENCE, contract())
    assert [row[0] for row in as_reader("SELECT rate_id FROM current_rates")] == [1]


def test_another_reader_takes_the_place_of_the_old_one(agreed: Stack) -> None:
    agreed.must_up(SERVER, FENCE, contract(reader="support__pricing_rates"))
    assert sql("SELECT rolname FROM pg_roles WHERE rolname LIKE '%pricing_rates'") == [("support__pricing_rates",)]


def test_no_password_is_in_what_pulumi_prints_or_keeps(agreed: Stack) -> None:
    shown = agreed.pulumi("stack", "export").text + agreed.pulumi("preview", "--diff").text
    assert READER_PASSWORD not in shown
