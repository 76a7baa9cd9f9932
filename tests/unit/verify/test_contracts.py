from __future__ import annotations

from pathlib import Path

import pytest

from plat.plan.model import SecretRef
from plat.project import CONTEXTS_VARIABLE, Project
from plat.verify import Cell, expectations
from plat.verify.model import Key, Sql

ROOT = Path(__file__).resolve().parents[3]
VIEW = "read rates_for_billing.current_rates"
READER = Key("billing__rates_for_billing", SecretRef("contract/rates-for-billing"))


@pytest.fixture(scope="module")
def cells() -> list[Cell]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / "tests" / "landscapes"))
        plan = Project(ROOT).plan("emporium.local")
    return [cell for cell in expectations(plan) if cell.door.target == "emporium-app--postgresql"]


def row(cells: list[Cell], right: str) -> dict[str, Cell]:
    return {cell.principal: cell for cell in cells if cell.door.right == right}


def test_provider_and_consumer_read_a_published_view_and_nobody_else(cells: list[Cell]) -> None:
    found = row(cells, VIEW)

    assert {name: cell.allowed for name, cell in found.items()} == {
        "(anonymous)": False,
        "billing": True,
        "pricing": True,
        "shipping": False,
        "support": False,
    }
    assert found["billing"].keys == (READER,)
    assert found["pricing"].keys == (Key("pricing", SecretRef("datastore/pricing--postgresql")),)
    assert found["billing"].why == "reads by rates-for-billing until 2099-12-31"


def test_the_others_try_a_view_with_all_that_they_have_and_under_the_reader_s_name(cells: list[Cell]) -> None:
    own = SecretRef("datastore/support--postgresql")
    contract = SecretRef("contract/invoices-for-support")

    assert row(cells, VIEW)["support"].keys == (
        Key("support", own),
        Key("support__invoices_for_support", contract),
        Key("billing__rates_for_billing", own),
        Key("billing__rates_for_billing", contract),
    )


def test_by_its_contract_the_consumer_gets_no_further_than_its_views(cells: list[Cell]) -> None:
    beyond = [cell for cell in cells if cell.door.right.startswith("by rates-for-billing: ")]

    assert {(cell.principal, cell.keys, cell.allowed) for cell in beyond} == {("billing", (READER,), False)}
    assert [cell.door.action for cell in beyond] == [
        Sql("emporium_app", ('LOCK TABLE "rates_for_billing"."current_rates" IN ROW EXCLUSIVE MODE',)),
        Sql("emporium_app", ('CREATE TABLE "rates_for_billing".plat_verify_probe (n integer)',)),
        Sql("emporium_app", ("CREATE TEMPORARY TABLE plat_verify_probe (n integer)",)),
        Sql("emporium_app", ("SELECT to_regclass('\"pricing\".plat_verify_probe')",)),
        Sql("emporium_app", ('SET ROLE "pricing"',)),
    ]


def test_the_reader_s_key_is_tried_at_every_other_door_of_the_provider_s_server(cells: list[Cell]) -> None:
    assert READER in row(cells, "schema shipping")["billing"].keys
    assert READER in row(cells, "database postgres")["billing"].keys
    assert READER not in row(cells, "schema pricing")["billing"].keys, "there it is tried by the contract's own rows"
