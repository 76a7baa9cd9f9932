"""The pack under the real engine: what it refuses besides the stories, and that nothing makes it fail open."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.integration.policies.harness import Stack, stack

CANARY = "canary-83be2d55"

OTHERS = {
    "superuser": {"dba": "way-round-the-fence"},
    "foreign_data": {"fdw": "way-round-the-fence"},
    "public_grant": {"for-everybody": "datastore-ownership"},
    "unknown_owner": {"mystery": "unreadable-resource"},
    "all_queues": {"tap": "way-round-the-fence"},
    "broker_administrator": {"operator": "way-round-the-fence"},
    "ignored_changes": {"history": "way-round-the-fence"},
    "another_stacks_servers": {"neighbours": "way-round-the-fence"},
}


def test_a_preview_refuses_every_way_round_at_once_and_nothing_else(market: Stack) -> None:
    run = market.preview(" ".join(OTHERS))
    expected = {name: rule for resources in OTHERS.values() for name, rule in resources.items()}
    assert run.code != 0
    assert run.refused.keys() == expected.keys()
    assert {name: rule for name, rule in expected.items() if f"error[{rule}]" not in run.refused[name]} == {}


def test_a_second_provider_pointed_elsewhere_is_refused(market: Stack) -> None:
    run = market.preview("elsewhere", PLAT_CONNECT_TIMEOUT="1")
    assert run.code != 0
    assert "db.example" in run.refused["elsewhere"]


def test_another_stack_s_outputs_are_refused(market: Stack) -> None:
    run = market.preview("other_stack")
    assert run.code != 0
    assert "it reads what another stack puts out, secrets included" in run.refused["default"]


def test_no_message_quotes_a_secret(market: Stack) -> None:
    stories = "superuser broker_administrator service_on_another_contexts_database"
    told = [market.preview(stories).text, market.up(stories).text]
    secrets = {CANARY, *market.secrets().values()}
    assert [secret for secret in secrets for text in told if secret in text] == []


def test_a_configuration_cannot_switch_rules_off(market: Stack) -> None:
    config = market.folder / "weaker.json"
    config.write_text(json.dumps({"all": "disabled"}))
    run = market.preview("superuser", "--policy-pack-config", str(config))
    assert run.code != 0
    assert "what keeps contexts apart is not to be switched off" in run.text


def test_an_update_in_which_nothing_changes_passes(market: Stack) -> None:
    run = market.up()
    assert run.code == 0, run.text
    assert run.refused == {}


@pytest.fixture
def refused() -> Iterator[Stack]:
    with stack("orders-api-of-two-teams.local", "alone") as made:
        yield made


def test_a_landscape_that_breaks_a_rule_refuses_even_what_no_rule_speaks_of(refused: Stack) -> None:
    run = refused.up()
    assert run.code != 0
    assert "the landscape could not be loaded, so that nothing can be judged" in run.text
    assert "it crosses the ownership of teams" in run.text
    assert refused.resources() == set()


@pytest.fixture
def nameless() -> Iterator[Stack]:
    with stack("nowhere.local", "alone") as made:
        yield made


def test_a_stack_that_no_landscape_is_named_for_refuses_everything_and_says_why_once(nameless: Stack) -> None:
    run = nameless.preview()
    assert run.code != 0
    assert run.text.count("there is no landscape `nowhere`") == 1
    assert set(run.refused) == {"plat-nowhere.local", "default_4_21_4", "first", "second"}
