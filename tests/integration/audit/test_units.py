"""Where each unit has stacks of its own: all of them are read, those too that no share of the landscape has any more."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.integration.audit.conftest import about, audit
from tests.integration.main_job.checkout import Checkout

STACKS = "order-processing.{}.units"


@pytest.fixture(scope="module")
def units(checkout: Checkout) -> Iterator[Checkout]:
    checkout.done("plat", "up", "order-processing", "-e", "units")
    yield checkout
    checkout.done("plat", "destroy", "order-processing", "-e", "units", "--with-data", "--confirm", "order-processing")


def test_nothing_is_found_as_it_was_made(units: Checkout) -> None:
    assert audit(units, "order-processing", "-e", "units", "--live", code=0) == []


def test_the_stacks_of_a_unit_that_is_gone_are_left_over_with_all_that_is_in_them(units: Checkout) -> None:
    descriptor = units.root / "contexts" / "order-processing" / "notification.yaml"
    aside = units.root / "notification.yaml"
    shutil.move(descriptor, aside)
    found = audit(units, "order-processing", "-e", "units")
    shutil.move(aside, descriptor)

    assert about(found) >= {
        ("left-over", "rabbitmq:Queue `order_queue`"),
        ("left-over", "platlocal:Process `notification`"),
    }
    assert {item["rule"] for item in found} == {"left-over"}
    stacks = {item["message"].partition(": ")[0] for item in found}
    assert stacks == {STACKS.format("notification"), STACKS.format("notification_access")}


def test_a_thing_in_two_stacks_is_found(units: Checkout) -> None:
    state = units.root / ".plat" / "state" / ".pulumi" / "stacks" / "plat"
    of_access, copied = (state / f"{STACKS.format(name)}.json" for name in ("notification_access", "notification"))
    kept = copied.read_bytes()
    text = of_access.read_text().replace(STACKS.format("notification_access"), STACKS.format("notification"))
    copied.write_text(text)
    # The passphrase is one for all stacks, with its salt, so that what one has encrypted another can read.
    found = audit(units, "order-processing", "-e", "units")
    copied.write_bytes(kept)

    assert ("held-twice", "rabbitmq:Queue `order_queue`") in about(found)
