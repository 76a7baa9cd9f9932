"""One landscape that is really there, beside which every story of failure is tried."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.integration.policies.harness import Stack, stack


@pytest.fixture(scope="session")
def market() -> Iterator[Stack]:
    """The landscape `market` as our components make it, the policy pack having judged every resource."""
    with stack("market.local", "beside") as made:
        run = made.up()
        assert run.code == 0, run.text
        make_orders_table(made)
        yield made


def make_orders_table(made: Stack) -> None:
    """What the first story is about, made by its owner."""
    with connected(made, "billing", "billing", "datastore/billing--postgresql") as connection:
        connection.execute("CREATE TABLE orders (order_id uuid PRIMARY KEY, total_amount numeric)")


def connected(made: Stack, database: str, role: str, secret: str) -> psycopg.Connection[tuple[object, ...]]:
    server = made.plan.server("platform--postgresql")
    password = made.secrets()[secret]
    return psycopg.connect(host=server.host, port=server.port, dbname=database, user=role, password=password)
