"""A landscape whose events go through Kafka: what is granted by hand is named, with the command that takes it away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.audit.conftest import about, audit
from tests.integration.main_job.checkout import Checkout

BROKER = "platform--kafka"


@pytest.fixture(scope="module")
def parcels(checkout: Checkout) -> Iterator[Checkout]:
    checkout.done(".venv/bin/python", "-m", "toolchain.bootstrap", "--landscape", "parcels")
    checkout.done("plat", "up", "parcels")
    yield checkout
    checkout.done("plat", "destroy", "parcels", "--with-data", "--confirm", "parcels")


def at_broker(checkout: Checkout, *words: str) -> None:
    checkout.done("plat", "exec", "-l", "parcels", BROKER, "--", *words)


def test_nothing_is_found_as_it_was_made(parcels: Checkout) -> None:
    assert audit(parcels, "parcels", "--live", code=0) == []


def test_a_right_on_a_foreign_group_is_named_and_the_named_command_takes_it_away(parcels: Checkout) -> None:
    at_broker(
        parcels, "kafka-acls", "--add", "--allow-principal", "User:support", "--operation", "Read", "--group", "invoices"
    )
    (found,) = audit(parcels, "parcels", "--live")
    parcels.done("/bin/sh", "-c", found["hint"].strip("`"))

    assert (found["rule"], found["subject"]) == (
        "right-without-relation",
        f"allow read on group `invoices` for `User:support` in {BROKER}",
    )
    assert "`support` (shipping-team) may consume from `group invoices`" in found["message"]
    assert audit(parcels, "parcels", "--live", code=0) == []


def test_users_topics_and_rights_for_everybody_are_found_and_so_is_a_right_that_is_gone(parcels: Checkout) -> None:
    everybody = (
        "--allow-principal",
        "User:*",
        "--operation",
        "Read",
        "--topic",
        "parcels.",
        "--resource-pattern-type",
        "prefixed",
    )
    own = ("--allow-principal", "User:billing", "--operation", "Read", "--group", "invoices")
    user = ("kafka-configs", "--alter", "--entity-type", "users", "--entity-name", "mallory")
    at_broker(parcels, "kafka-acls", "--add", *everybody)
    at_broker(parcels, "kafka-acls", "--remove", "--force", *own)
    at_broker(parcels, *user, "--add-config", "SCRAM-SHA-512=[password=of-mine]")
    at_broker(parcels, "kafka-topics", "--create", "--topic", "spied")
    found = audit(parcels, "parcels", "--live")
    at_broker(parcels, "kafka-acls", "--remove", "--force", *everybody)
    at_broker(parcels, *user, "--delete-config", "SCRAM-SHA-512")
    at_broker(parcels, "kafka-topics", "--delete", "--topic", "spied")
    parcels.done("plat", "up", "parcels", "--refresh")

    assert about(found) == {
        ("way-round-the-fence", f"allow read on topics that begin with `parcels.` for `User:*` in {BROKER}"),
        ("right-missing", "the right of `billing` to consume from `group invoices`"),
        ("right-beyond-plan", f"user `mallory` in {BROKER}"),
        ("right-without-relation", f"topic `spied` in {BROKER}"),
    }
    assert "of-mine" not in str(found)
    assert audit(parcels, "parcels", "--live", code=0) == []
