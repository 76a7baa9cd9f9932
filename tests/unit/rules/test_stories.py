"""The four stories of failure, each refused with its reason, and beside each the nearest landscape that is sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from plat.project import CONTEXTS_VARIABLE, Project, Refusal

ROOT = Path(__file__).resolve().parents[3]

_OWN_DATASTORE = (
    "    give each context a datastore of its own and exchange events or calls, or agree on a DataContract "
    "(named read-only views, a reason, owners on both sides, an end date)"
)

STORIES: dict[str, list[str]] = {
    "three-contexts-on-one-orders-table": [
        (
            "landscapes/three-contexts-on-one-orders-table/billing.yaml:8:5: error[datastore-ownership]: `billing` "
            "(billing-team) writes to datastore `ordering--postgresql` (tables orders), which belongs to `ordering` "
            f"(orders-team), and there is no contract\n{_OWN_DATASTORE}"
        ),
        (
            "landscapes/three-contexts-on-one-orders-table/fulfilment.yaml:8:5: error[datastore-ownership]: `fulfilment` "
            "(fulfilment-team) writes to datastore `ordering--postgresql` (tables orders), which belongs to `ordering` "
            f"(orders-team), and there is no contract\n{_OWN_DATASTORE}"
        ),
    ],
    "orders-api-of-two-teams": [
        (
            "landscapes/orders-api-of-two-teams/orders-api.yaml:6:1: error[deployable-ownership]: deployable `orders-api` "
            "of team `orders-team` carries `fulfilment-tracking` (fulfilment-team), `order-creation` (orders-team): it "
            "crosses the ownership of teams. If two teams own pieces of one deployable, its boundary is lying: neither can "
            "release, change or answer for it alone\n"
            "    split the deployable along the contexts so that each team releases its own, or move the contexts to one "
            "team if they really are one team's work"
        ),
    ],
    "modules-that-reach-into-each-other": [
        (
            "landscapes/modules-that-reach-into-each-other/shipping.yaml:9:5: error[datastore-ownership]: `shipping` "
            "(shop-team) reads from datastore `pricing--postgresql` (tables rates, surcharges), which belongs to `pricing` "
            f"(shop-team), and there is no contract\n{_OWN_DATASTORE}"
        ),
    ],
    "service-on-another-contexts-database": [
        (
            "landscapes/service-on-another-contexts-database/recommendations.yaml:7:12: error[datastore-ownership]: "
            "datastore `catalog--postgresql` is claimed by `catalog` (catalog-team) and `recommendations` (advice-team): a "
            "datastore has one owner. Contexts that share one are coupled through its tables: a change by one breaks the "
            f"others, and a failure takes all down\n{_OWN_DATASTORE}\n"
            "    see landscapes/service-on-another-contexts-database/catalog.yaml:7:12"
        ),
    ],
}

JUST_NOT = (
    "orders-table-with-one-owner",
    "orders-api-of-one-team",
    "modules-that-keep-apart",
    "service-on-its-own-database",
    "market",
    "bazaar",
    "documents",
    "emporium",
    "parcels",
    "harbour",
    "ledger",
    "waves",
)


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv(CONTEXTS_VARIABLE, str(ROOT / "tests" / "landscapes"))
    return Project(ROOT)


@pytest.mark.parametrize(("landscape", "messages"), STORIES.items(), ids=STORIES.keys())
def test_a_story_of_failure_is_refused_with_its_reason(project: Project, landscape: str, messages: list[str]) -> None:
    assert [finding.render() for finding in project.check(landscape).findings] == messages


@pytest.mark.parametrize(("landscape", "messages"), STORIES.items(), ids=STORIES.keys())
def test_a_story_of_failure_is_never_planned(project: Project, landscape: str, messages: list[str]) -> None:
    with pytest.raises(Refusal) as refused:
        project.plan(f"{landscape}.local")
    assert list(refused.value.lines) == messages


@pytest.mark.parametrize("landscape", JUST_NOT)
def test_just_not_a_story_of_failure_is_planned(project: Project, landscape: str) -> None:
    assert project.check(landscape).findings == ()
    assert project.plan(f"{landscape}.local").landscape == landscape


def test_every_test_landscape_is_told_here(project: Project) -> None:
    assert set(project.landscape_names()) == {*STORIES, *JUST_NOT}
