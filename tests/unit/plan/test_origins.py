from __future__ import annotations

import dataclasses

import pytest

from plat.claims import GrantClaim
from plat.plan.variables import CALLERS
from tests.unit.plan.conftest import SALES, Planned


@pytest.mark.parametrize(
    ("workload", "variable", "place"),
    [
        ("sales-api", "PLAT_TEAM", "sales.yaml:10:5"),
        ("sales-api", "PORT", "sales.yaml:10:92"),
        ("sales-api", "PRICE", "sales.yaml:10:119"),
        ("sales-api", "POSTGRESQL_PASSWORD", "sales.yaml:8:13"),
        ("sales-api", "DATABASE_URL", "sales.yaml:8:13"),
        ("sales-api", "REDIS_URL", "sales.yaml:8:48"),
        ("sales-api", "PLAT_SURFACE", "sales.yaml:11:38"),
        ("sales-api", "PLAT_CALLERS", "sales.yaml:11:38"),
        ("sales-api", "BROKER_URL", "sales.yaml:12:1"),
        ("goods", "BROKER_PASSWORD", "goods.yaml:10:12"),
        ("goods", "PLAT_CONSUMES", "goods.yaml:10:12"),
        ("goods", "SALES_TOKEN", "goods.yaml:11:13"),
        ("goods", "PLAT_SURFACE", "goods.yaml:9:5"),
    ],
)
def test_each_variable_knows_the_line_that_makes_it(planned: Planned, workload: str, variable: str, place: str) -> None:
    assert str(planned().workload(workload).origins[variable]).endswith(f"/shop/{place}")


def test_no_variable_comes_from_nowhere(planned: Planned) -> None:
    for workload in planned().workloads:
        assert set(workload.origins) == {*workload.environment, *workload.secrets, CALLERS}


def test_where_a_variable_comes_from_changes_nothing_that_is_provisioned(planned: Planned) -> None:
    plan = planned()
    elsewhere = tuple(dataclasses.replace(workload, origins={}) for workload in plan.workloads)

    assert dataclasses.replace(plan, workloads=elsewhere).digest == plan.digest


def test_each_right_to_publish_knows_the_line_of_its_event(planned: Planned) -> None:
    sales = SALES.replace("OrderTaken: {version: 2},", "OrderTaken: {version: 2}, OrderSent: {},")
    claims = [claim for claim in planned(sales=sales).claims if isinstance(claim, GrantClaim)]
    places = {claim.keys: str(claim.origin.location).rpartition("/")[2] for claim in claims if claim.right == "publish"}

    assert places == {("OrderSent.v1",): "sales.yaml:12:39", ("OrderTaken.v2",): "sales.yaml:12:13"}
