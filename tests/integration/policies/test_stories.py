"""The four stories of failure, written as raw resources beside our components: refused before any of it exists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.integration.policies.conftest import connected
from tests.integration.policies.harness import Run, Stack

_OWN_DATASTORE = (
    "give each context a datastore of its own and exchange events or calls, or agree on a DataContract "
    "(named read-only views, a reason, owners on both sides, an end date)"
)
_INTRODUCTION = "Contexts own what is theirs, and touch nothing else without a declared relation."


def granted(market: Stack, question: str, database: str) -> bool:
    """What PostgreSQL itself answers, asked by its administrator."""
    with connected(market, database, "postgres", "server/platform--postgresql") as connection:
        return bool(connection.execute(f"SELECT {question}").fetchone() == (True,))


def running(market: Stack, name: str) -> bool:
    return name in {status.name for status in market.runtime.status()}


@dataclass(frozen=True)
class Story:
    """What a story's resources are called and refused with, and how to see that none of it is there."""

    refused: dict[str, str]
    happened: Callable[[Stack], bool]


STORIES = {
    "three_contexts_on_one_orders_table": Story(
        {
            "orders-for-fulfilment": (
                "error[datastore-ownership]: postgresql:Grant `orders-for-fulfilment`: `fulfilment` (fulfilment-team) writes "
                "to datastore `billing--postgresql`, which belongs to `billing` (billing-team), and there is no contract"
            ),
            "orders-for-returns": (
                "error[datastore-ownership]: postgresql:Grant `orders-for-returns`: `returns` (fulfilment-team) writes to "
                "datastore `billing--postgresql`, which belongs to `billing` (billing-team), and there is no contract"
            ),
        },
        lambda market: any(
            granted(market, f"has_table_privilege('{role}', 'public.orders', 'INSERT')", "billing")
            for role in ("fulfilment", "returns")
        ),
    ),
    "orders_api_of_two_teams": Story(
        {
            "orders-api": (
                "error[deployable-ownership]: platlocal:Process `orders-api`: deployable `orders-api` of team `orders-team` "
                "carries `ordering` (orders-team), `fulfilment` (fulfilment-team): it crosses the ownership of teams. If two "
                "teams own pieces of one deployable, its boundary is lying: neither can release, change or answer for it alone"
            )
        },
        lambda market: running(market, "orders-api"),
    ),
    "modules_that_reach_into_each_other": Story(
        {
            "rates-for-shipping": (
                "error[datastore-ownership]: postgresql:DefaultPrivileges `rates-for-shipping`: `fulfilment` "
                "(fulfilment-team) reads from datastore `returns--postgresql`, which belongs to `returns` (fulfilment-team), "
                "and there is no contract"
            )
        },
        lambda market: granted(market, "count(*) > 0 FROM pg_default_acl WHERE defaclobjtype = 'r'", "returns"),
    ),
    "service_on_another_contexts_database": Story(
        {
            "order-reports": (
                "error[datastore-ownership]: platlocal:Process `order-reports`: `fulfilment` (fulfilment-team) writes to "
                "datastore `ordering--postgresql`, which belongs to `ordering` (orders-team), and there is no contract"
            )
        },
        lambda market: running(market, "order-reports"),
    ),
}

NAMES = pytest.mark.parametrize("name", STORIES)


def reasons(said: dict[str, str]) -> dict[str, str]:
    """For each resource the first finding, without the policy's introduction and the way out."""
    return {name: text.splitlines()[1] for name, text in said.items()}


@pytest.fixture(scope="module")
def previewed(market: Stack) -> Run:
    """A preview of all four stories at once."""
    return market.preview(" ".join(STORIES))


def test_a_preview_refuses_the_stories_and_nothing_else(previewed: Run) -> None:
    assert previewed.code != 0
    assert previewed.refused.keys() == {name for story in STORIES.values() for name in story.refused}


@NAMES
def test_a_preview_refuses_a_story_with_its_reason(previewed: Run, name: str) -> None:
    assert STORIES[name].refused.items() <= reasons(previewed.refused).items()


@NAMES
def test_an_update_without_a_preview_stops_before_any_of_it_exists(market: Stack, name: str) -> None:
    before = market.resources()
    run = market.up(name)
    assert run.code != 0, run.text
    assert reasons(run.refused).items() <= STORIES[name].refused.items()
    assert run.refused
    assert market.resources() & STORIES[name].refused.keys() == set()
    assert before <= market.resources()
    assert not STORIES[name].happened(market)


def test_the_whole_of_a_message_is_what_a_reader_needs(previewed: Run) -> None:
    reason = STORIES["service_on_another_contexts_database"].refused["order-reports"]
    assert previewed.refused["order-reports"].rstrip() == f"{_INTRODUCTION}\n{reason}\n{_OWN_DATASTORE}"


def test_without_the_pack_the_first_story_would_have_happened(market: Stack) -> None:
    """What the tests above show is the pack's work: the engine and the servers would have gone along."""
    name = "three_contexts_on_one_orders_table"
    assert market.pulumi("up", "--yes", "--skip-preview", stories=name).code == 0
    assert STORIES[name].happened(market)
    assert market.up().code == 0
    assert not STORIES[name].happened(market)


def test_a_job_of_one_s_own_on_one_s_own_database_is_made(market: Stack) -> None:
    run = market.up("sound_job")
    assert run.code == 0, run.text
    assert running(market, "stock-taking")
    assert market.up().code == 0
