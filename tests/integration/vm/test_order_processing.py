"""The worked example in its true shape: orders alone on a machine of their own, everything else on this one.

An emulated processor is slow: one landscape for all of it, in one order.
"""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from tests.integration.main_job.checkout import Checkout, changes, clone, remove
from tests.integration.vm.conftest import Hypervisor

STACK = "order-processing.vm"
HERE = ("-e", "vm")
NAME = "order-processing"
ORDER = {"user_id": "42", "order_items": [{"sku": "tea"}], "total_amount": 19.9}
PATIENCE = 1800  # an emulated processor, and a machine that others use too
pytestmark = pytest.mark.timeout(5400)


@pytest.fixture(scope="module")
def checkout(hypervisor: Hypervisor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    made = clone(tmp_path_factory.mktemp("vm") / "clone")
    disks = made.root / ".plat" / "vm"
    disks.mkdir(exist_ok=True)
    for disk in hypervisor.disks.iterdir():
        (disks / disk.name).symlink_to(disk.resolve())
    try:
        yield made
    finally:
        made.run("plat", "destroy", NAME, *HERE, "--with-data", "--confirm", NAME, timeout=PATIENCE)
        remove(made)


@pytest.fixture(scope="module")
def brought_up(checkout: Checkout) -> str:
    """What the first `plat up` printed that came to its end: those before it are killed while they make something."""
    for kind in ("libvirt:index:Domain", "docker:index:Container"):
        kill_while(checkout, rf"{kind} \S+ creating")
    ran = checkout.run("plat", "up", NAME, *HERE, timeout=PATIENCE)
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


@pytest.fixture(scope="module")
def up(checkout: Checkout, brought_up: str) -> Checkout:
    assert brought_up
    return checkout


def kill_while(checkout: Checkout, making: str) -> None:
    """Begins an update, and kills all of it at once as soon as a line tells that it makes something."""
    started = checkout.start("plat", "up", NAME, *HERE)
    assert started.stdout
    said: list[str] = []
    for line in started.stdout:
        said.append(line)
        if re.search(making, line):
            break
    update = psutil.Process(started.pid)
    for process in (update, *update.children(recursive=True)):
        process.kill()
    started.wait()
    assert re.search(making, said[-1]), "".join(said)


def eventually(is_so: Callable[[], bool], seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(2)


def status(checkout: Checkout) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(checkout.done("plat", "status", NAME, *HERE, "--json"))
    return found


def context(checkout: Checkout, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in status(checkout)["contexts"] if item["context"] == name)
    return found


def place(checkout: Checkout) -> str:
    """Places an order as a customer does, and gives its number."""
    deployable = context(checkout, NAME)["deployables"][0]
    host = context(checkout, NAME)["datastores"][0]["host"]
    request = urllib.request.Request(f"http://{host}:{deployable['port']}/orders", json.dumps(ORDER).encode())
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the address is the plan's
        order: str = json.loads(answer.read())["order_id"]
    return order


def stored(checkout: Checkout) -> set[str]:
    """The orders in the database on the machine."""
    rows = checkout.done("plat", "exec", NAME, *HERE, "--", "psql", "-At", "-c", "select order_id from orders")
    return set(rows.split())


def done(checkout: Checkout, *words: str) -> str:
    """What a program printed that must succeed, however long it takes."""
    ran = checkout.run(*words, timeout=PATIENCE)
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


ENTER = """
import sys
from pathlib import Path
from plat.operations import Operations
from plat.project import Project
operations = Operations(Project(Path.cwd()), sys.argv[1], print)
(connection,) = operations.connections().values()
done = connection.run(["sh", "-c", sys.argv[2]])
sys.stdout.write(done.out)
sys.exit(done.code)
"""


def on_machine(checkout: Checkout, command: str) -> str:
    """What a command printed on the machine, as who administers it."""
    return checkout.done(".venv/bin/python", "-c", ENTER, STACK, command)


def test_it_comes_up_and_every_fence_holds(brought_up: str) -> None:
    found = re.search(r"(\d+) tried: (\d+) open, (\d+) closed, all as declared", brought_up)
    assert found, brought_up
    assert int(found[1]) > 60


def test_a_second_update_changes_nothing(up: Checkout) -> None:
    words = ("--yes", "--skip-preview", "--non-interactive", "--policy-pack", "policies")
    again = done(up, "pulumi", "up", "-s", STACK, *words)
    assert re.fullmatch(r"\d+ unchanged", changes(again)), again


def test_an_order_over_http_is_stored_on_the_machine_and_its_message_arrives(up: Checkout) -> None:
    order = place(up)

    assert order in stored(up)
    eventually(lambda: f"of order {order}" in up.done("plat", "logs", "notification", *HERE))


def test_status_tells_where_and_whether_everything_runs(up: Checkout) -> None:
    found = status(up)
    states = [item["state"] for each in found["contexts"] for item in (*each["datastores"], *each["deployables"])]

    assert set(states) == {"RUNNING"}
    assert context(up, NAME)["datastores"][0]["host"].startswith("10.248.0.")
    assert context(up, "user-management")["datastores"][0]["host"] == "127.0.0.1"


def test_no_secret_stands_in_the_state_or_a_log(up: Checkout) -> None:
    state = json.dumps(up.state(STACK))
    logs = "".join(up.done("plat", "logs", name, *HERE) for name in (NAME, "notification"))

    assert "PRIVATE KEY" not in state
    for name, value in up.secrets(STACK).items():
        for where, text in {"logs": logs, "state": state}.items():
            assert value not in text, f"{name} stands in plain text in the {where}"


def test_a_killed_container_comes_again_with_its_data(up: Checkout) -> None:
    before = stored(up)
    up.run("plat", "exec", "order-processing--postgresql", *HERE, "--", "sh", "-c", "kill -9 -1")

    eventually(lambda: context(up, NAME)["datastores"][0]["state"] == "RUNNING")
    eventually(lambda: stored(up) == before)


def test_what_is_removed_by_hand_is_there_after_the_next_update(up: Checkout) -> None:
    before = stored(up)
    on_machine(up, "docker rm -f order-processing order-processing--postgresql && sudo nft delete table inet plat")
    done(up, "plat", "up", NAME, *HERE, "--refresh")

    assert stored(up) == before
    assert "drop" in on_machine(up, "sudo nft list table inet plat")


def test_a_reboot_loses_nothing(up: Checkout) -> None:
    before = stored(up)
    boot = on_machine(up, "cat /proc/sys/kernel/random/boot_id")
    up.run(".venv/bin/python", "-c", ENTER, STACK, "sudo systemctl reboot")

    def rebooted() -> bool:
        found = up.run(".venv/bin/python", "-c", ENTER, STACK, "cat /proc/sys/kernel/random/boot_id")
        return found.returncode == 0 and found.stdout != boot

    eventually(rebooted, PATIENCE)
    eventually(lambda: context(up, NAME)["deployables"][0]["state"] == "RUNNING", PATIENCE)
    assert stored(up) == before
    assert place(up) in stored(up)
    assert "drop" in on_machine(up, "sudo nft list table inet plat"), "the firewall stands at boot"
