"""Contexts of one deployable with a schema each in one server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from plat.plan.model import Plan
from tests.unit.plan.conftest import GOODS, SALES

Planned = Callable[..., Plan]

HOST = """
apiVersion: plat/v1
kind: Deployable
name: big-shop
team: sales-team
purpose: Runs both.
hosts: [sales, goods]
image: registry.example/shop:1
command: [python, -m, shop]
port: 8080
"""


def hosted(text: str, store: str) -> str:
    """The context in `text` without deployables of its own, with this store."""
    before, _, rest = text.partition("deployables:\n")
    _, _, after = rest.partition("\n")
    head = "\n".join(line for line in before.splitlines() if not line.startswith("datastore"))
    return f"{head}\ndatastore: {store}\n{after}".replace("goods-team", "sales-team")


@pytest.fixture
def plan(planned: Planned) -> Plan:
    store = '{type: postgresql, isolation: schema, version: "16", durability: ephemeral}'
    other = "{type: postgresql, isolation: schema, durability: ephemeral}"
    return planned(**{"sales": hosted(SALES, store), "goods": hosted(GOODS, other), "big-shop": HOST})


def test_they_share_a_server_of_their_deployable(plan: Plan) -> None:
    (server,) = (server for server in plan.servers if server.kind == "postgresql")

    assert (server.name, server.owner, server.team) == ("big-shop--postgresql", "big-shop", "sales-team")
    assert (server.shared_database, server.durability, server.version) == ("big_shop", "ephemeral", "16")


def test_each_has_a_schema_and_a_role_of_its_own_in_one_database(plan: Plan) -> None:
    assert [(store.name, store.server, store.database, store.schema, store.role) for store in plan.datastores] == [
        ("goods--postgresql", "big-shop--postgresql", "big_shop", "goods", "goods"),
        ("sales--postgresql", "big-shop--postgresql", "big_shop", "sales", "sales"),
    ]


def test_each_is_told_its_own_way_in(plan: Plan) -> None:
    workload, port = plan.workload("big-shop"), plan.server("big-shop--postgresql").port

    assert workload.environment["SALES_DATABASE_URL"] == (
        f"postgresql://sales:$(SALES_POSTGRESQL_PASSWORD)@127.0.0.1:{port}/big_shop"
    )
    assert workload.secrets["GOODS_POSTGRESQL_PASSWORD"] == "datastore/goods--postgresql"


def test_one_of_them_may_have_a_server_of_its_own_all_the_same(planned: Planned) -> None:
    plan = planned(
        **{
            "sales": hosted(SALES, "{type: postgresql, isolation: schema}"),
            "goods": hosted(GOODS, "{type: postgresql}"),
            "big-shop": HOST,
        }
    )

    assert [(store.server, store.database, store.schema) for store in plan.datastores] == [
        ("goods--postgresql", "goods", None),
        ("big-shop--postgresql", "big_shop", "sales"),
    ]


def test_a_context_that_asks_for_an_outbox_has_it_in_its_first_relational_store(planned: Planned) -> None:
    stores = "[{type: redis}, {type: postgresql}]"
    sales = SALES.replace('[{type: postgresql, version: "16"}, {type: redis}]', f"{stores}\noutbox: true")
    plan = planned(sales=sales)

    assert [(store.type, store.outbox) for store in plan.datastores_of("sales")] == [("redis", None), ("postgresql", "outbox")]
    assert plan.workload("sales-api").environment["PLAT_OUTBOX"] == '{"sales":"outbox"}'
    assert "PLAT_OUTBOX" not in plan.workload("goods").environment
