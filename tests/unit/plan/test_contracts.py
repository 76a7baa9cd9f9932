"""What a data contract becomes: a schema of views in the provider's database, and a role for its one reader."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from plat import names
from plat.plan.model import Contract, Plan, SecretRef, View
from tests.unit.plan.conftest import GOODS

Planned = Callable[..., Plan]

CONTRACT = """
apiVersion: plat/v1
kind: DataContract
name: open-orders
provider: sales
datastore: postgresql
consumer: goods
views: [{name: open_orders, columns: {order_id: uuid, zone: text}}]
reason: Goods are packed by zone.
owners: {provider: sales-team, consumer: goods-team}
expires: 2099-12-31
"""
READS = GOODS + "accesses: [{datastore: sales/postgresql, contract: open-orders}]\n"


@pytest.fixture
def plan(planned: Planned) -> Plan:
    return planned(**{"goods": READS, "open-orders": CONTRACT})


def test_a_contract_has_a_schema_in_the_provider_s_database_and_a_role_for_its_consumer(plan: Plan) -> None:
    (contract,) = plan.contracts

    assert contract == Contract(
        name="open-orders",
        provider="sales",
        consumer="goods",
        datastore="sales--postgresql",
        server="sales--postgresql",
        database="sales",
        schema="open_orders",
        provider_schema="public",
        owner="sales",
        role="goods__open_orders",
        secret=SecretRef("contract/open-orders"),
        views=(View("open_orders", (("order_id", "uuid"), ("zone", "text"))),),
        expires="2099-12-31",
        location=contract.location,
    )
    assert str(contract.location).endswith("shop/open-orders.yaml:2:1")
    assert SecretRef("contract/open-orders") in plan.secrets


def test_the_consumer_s_workloads_alone_are_told_the_way_to_the_views(plan: Plan) -> None:
    port = plan.server("sales--postgresql").port

    assert plan.workload("goods").environment["OPEN_ORDERS_URL"] == (
        f"postgresql://goods__open_orders:$(OPEN_ORDERS_PASSWORD)@127.0.0.1:{port}/sales"
    )
    assert plan.workload("goods").secrets["OPEN_ORDERS_PASSWORD"] == "contract/open-orders"
    assert not [name for name in plan.workload("sales-api").environment if name.startswith("OPEN_ORDERS")]
    assert "contract/open-orders" not in plan.workload("sales-api").secrets.values()


def test_of_a_contract_that_its_consumer_does_not_name_nothing_is_made(planned: Planned) -> None:
    plan = planned(**{"open-orders": CONTRACT})

    assert plan.contracts == ()
    assert "contract/open-orders" not in plan.secrets


def test_a_reader_s_role_fits_into_postgresql_however_long_the_names_are() -> None:
    longest = "a" * 40
    roles = {names.reader_role(longest, f"{'b' * 39}{end}") for end in "cd"} | {names.reader_role("billing", "rates")}

    assert len(roles) == 3
    assert max(map(len, roles)) == 63
    assert "billing__rates" in roles
