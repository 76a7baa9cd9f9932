"""A landscape whose stores are of type mysql: it comes up fenced, works with the usual client, and keeps its data."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.integration.main_job.checkout import Checkout

STACK = "bazaar.local"


@pytest.fixture(scope="module")
def bazaar(checkout: Checkout) -> Iterator[Checkout]:
    shutil.copytree(checkout.root / "tests" / "landscapes" / "bazaar", checkout.root / "contexts" / "bazaar")
    yield checkout
    checkout.run("plat", "destroy", "bazaar", "--with-data", "--confirm", "bazaar")
    shutil.rmtree(checkout.root / "contexts" / "bazaar")


def ask(checkout: Checkout, context: str, statement: str, *options: str) -> str:
    client = ("mariadb", *options, "--skip-column-names", "-e", statement)
    return checkout.done("plat", "exec", "--landscape", "bazaar", context, "--", *client).strip()


def test_it_comes_up_fenced_as_declared_and_a_second_update_changes_nothing(bazaar: Checkout) -> None:
    assert "60 tried: 6 open, 54 closed, all as declared." in bazaar.done("plat", "up", "bazaar")
    again = bazaar.done("plat", "up", "bazaar")
    resources = again.rpartition("Resources:")[2].partition("Duration:")[0].split()
    assert resources == ["38", "unchanged"]
    assert "plat exec guests -- mariadb" in again


def test_the_client_finds_each_context_s_own_database_and_no_other(bazaar: Checkout) -> None:
    who = "SELECT CURRENT_USER(), DATABASE()"
    assert ask(bazaar, "guest-book", who) == "guest_book@127.0.0.0/255.0.0.0\tguest_book"
    assert ask(bazaar, "stalls", who) == "stalls@127.0.0.0/255.0.0.0\tstalls"
    foreign = ("mariadb", "--database=guest_book", "-e", who)
    refused = bazaar.run("plat", "exec", "--landscape", "bazaar", "guests", "--", *foreign)
    assert refused.returncode != 0
    assert "Access denied for user 'guests'@'127.0.0.0/255.0.0.0' to database 'guest_book'" in refused.stdout


def test_no_secret_stands_in_the_state_or_on_a_command_line(bazaar: Checkout) -> None:
    secrets = set(bazaar.secrets(STACK).values())
    state = bazaar.done("pulumi", "stack", "export", "-s", STACK)
    processes = bazaar.done("ps", "axww", "-o", "args")
    shown = ask(bazaar, "guests", "SHOW GRANTS") + bazaar.done("plat", "logs", "platform--mysql", "--tail", "500")
    assert [secret for secret in secrets if secret in state + processes + shown] == []


def test_what_was_stored_is_there_after_down_and_up(bazaar: Checkout) -> None:
    ask(bazaar, "guests", "CREATE TABLE visits (guest text); INSERT INTO visits VALUES ('Ada')")
    bazaar.done("plat", "down", "bazaar")
    bazaar.done("plat", "up", "bazaar")
    assert ask(bazaar, "guests", "SELECT guest FROM visits") == "Ada"


def test_a_removed_runtime_keeps_its_databases_and_the_data_go_only_by_their_own_word(bazaar: Checkout) -> None:
    data = (bazaar.root / ".plat" / "local").resolve() / STACK / "data" / "platform--mysql" / "mariadb" / "guests"
    bazaar.done("plat", "destroy", "bazaar")
    assert data.is_dir()
    bazaar.done("plat", "up", "bazaar")
    assert ask(bazaar, "guests", "SELECT count(*) FROM visits") == "1"
    bazaar.done("plat", "destroy", "bazaar", "--with-data", "--confirm", "bazaar")
    assert not data.exists()
