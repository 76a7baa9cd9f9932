"""A landscape that is not in the repository, and what a newcomer does to it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time

import psutil
import pytest

from tests.integration.main_job.checkout import Checkout, kill_session

STACK = "my-shop.local"


@pytest.fixture(scope="module")
def shop(checkout: Checkout) -> Checkout:
    """Written with nothing but the commands of the README, and two edits."""
    checkout.done("plat", "new", "landscape", "my-shop", "--team", "shop-team")
    checkout.done("plat", "new", "context", "stock", "--landscape", "my-shop")
    checkout.done("plat", "new", "context", "sales", "--landscape", "my-shop", "--datastore", "redis")
    folder = checkout.root / "contexts" / "my-shop"
    stock, sales = folder / "stock.yaml", folder / "sales.yaml"
    stock.write_text(
        stock.read_text() + "\nconsumes: [{event: sales.Sold}]\nupstreams: [{context: sales, uses: [Describe]}]\n"
    )
    sales.write_text(sales.read_text() + "\npublishes: {Sold: {version: 1}}\n")
    return checkout


def test_what_new_writes_passes_check(shop: Checkout) -> None:
    assert shop.done("plat", "check", "my-shop") == "my-shop: 2 context(s), 2 deployable(s), no warnings\n"


def test_new_overwrites_nothing(shop: Checkout) -> None:
    result = shop.run("plat", "new", "context", "stock", "--landscape", "my-shop")

    assert (result.returncode, result.stdout) == (2, "contexts/my-shop/stock.yaml exists already: nothing was written\n")


def test_a_busy_port_is_one_clear_message_and_the_next_update_goes_on(shop: Checkout) -> None:
    shop.run("plat", "up", "my-shop")
    port = shop.context("my-shop", "sales")["datastores"][0]["port"]
    shop.done("plat", "down", "my-shop")
    with socket.create_server(("127.0.0.1", port)):
        result = shop.run("plat", "up", "my-shop")

    assert result.returncode == 1
    assert f"port {port} on 127.0.0.1 is in use" in result.stdout
    assert "Traceback" not in result.stdout
    assert "all as declared" in shop.done("plat", "up", "my-shop")


@pytest.mark.parametrize("seconds", [0.8, 2.0, 4.0, 7.0])
def test_an_update_whose_every_process_was_killed_is_finished_by_the_next_one(shop: Checkout, seconds: float) -> None:
    shop.run("plat", "destroy", "my-shop", "--with-data", "--confirm", "my-shop")
    update = shop.start("plat", "up", "my-shop")
    time.sleep(seconds)
    children = psutil.Process(update.pid).children(recursive=True)
    for process in (psutil.Process(update.pid), *children):
        # One by one, as the machine's own memory killer does it; some end with the one before.
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    update.communicate()

    assert "all as declared" in shop.done("plat", "up", "my-shop")


def test_an_update_whose_command_was_killed_ends_and_the_next_one_carries_on(shop: Checkout) -> None:
    shop.run("plat", "destroy", "my-shop", "--with-data", "--confirm", "my-shop")
    update = shop.start("plat", "up", "my-shop")
    time.sleep(3)
    kill_session(update)

    assert "all as declared" in shop.done("plat", "up", "my-shop")


def test_an_interrupted_update_is_finished_by_the_next_one(shop: Checkout) -> None:
    shop.run("plat", "destroy", "my-shop", "--with-data", "--confirm", "my-shop")
    update = shop.start("plat", "up", "my-shop")
    time.sleep(2.5)
    os.killpg(update.pid, signal.SIGINT)
    update.communicate(timeout=120)

    assert "all as declared" in shop.done("plat", "up", "my-shop")


def test_a_stack_that_was_killed_while_it_was_made_is_made_by_the_next_one(shop: Checkout) -> None:
    shop.run("plat", "destroy", "my-shop", "--with-data", "--confirm", "my-shop")
    shop.half_made(STACK, shop.root / ".plat" / "state")

    printed = shop.done("plat", "up", "my-shop")
    assert "making the stack anew, whose making was interrupted" in printed
    assert "all as declared" in printed


def test_what_a_killed_update_was_writing_beside_its_state_keeps_no_command_from_reading_it(shop: Checkout) -> None:
    state = shop.root / ".plat" / "state" / ".pulumi" / "stacks" / "plat" / f"{STACK}.json"
    attributes = state.with_name(f"{state.name}.attrs")
    for words in (("status", "my-shop", "--json"), ("up", "my-shop")):
        attributes.write_bytes(b"")
        assert "failed to load checkpoint: EOF" in shop.run("pulumi", "stack", "export", "-s", STACK).stdout
        shop.done("plat", *words)


def test_a_second_update_at_the_same_time_is_told_so(shop: Checkout) -> None:
    shop.run("plat", "down", "my-shop")
    first = shop.start("plat", "up", "my-shop")
    assert first.stdout is not None
    # It says what it is about to do, and then is alone with it.
    assert first.stdout.readline() == "my-shop: 2 contexts, 2 deployables\n"
    time.sleep(0.5)
    second = shop.run("plat", "up", "my-shop")
    first.communicate(timeout=300)

    assert first.returncode == 0
    assert second.returncode == 1
    assert "another `plat up` or `plat destroy` of my-shop.local is running" in second.stdout


def test_removing_data_takes_two_deliberate_steps(shop: Checkout) -> None:
    shop.run("plat", "up", "my-shop")
    refused = shop.run("plat", "destroy", "my-shop", "--with-data")
    wrong = shop.run("plat", "destroy", "my-shop", "--with-data", "--confirm", "order-processing")
    data = (shop.root / ".plat" / "local").resolve() / STACK

    assert refused.returncode == wrong.returncode == 2
    assert "nothing was removed" in refused.stdout
    assert data.exists()
    shop.done("plat", "destroy", "my-shop", "--with-data", "--confirm", "my-shop")
    assert not data.exists()
    assert json.loads(shop.done("plat", "status", "my-shop", "--json"))["broker"]["state"] == "absent"


def test_a_state_that_is_gone_does_not_stop_the_next_beginning(shop: Checkout) -> None:
    (shop.root / "stacks" / f"Pulumi.{STACK}.yaml").write_text("encryptionsalt: v1:AAAAAAAAAAA=:v1:AAAAAAAAAAAAAAAA:AAAA\n")

    assert "all as declared" in shop.done("plat", "up", "my-shop")
    shop.done("plat", "destroy", "my-shop", "--with-data", "--confirm", "my-shop")
