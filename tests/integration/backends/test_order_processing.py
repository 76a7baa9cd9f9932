"""The worked example with its states in an object store: brought up, killed, looked at, locked by others and taken down."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.backends.conftest import Store
from tests.integration.backends.crowd import flat, locks, settle, stack, states
from tests.integration.main_job.checkout import Checkout, clone, kill_session, remove

pytestmark = pytest.mark.timeout(1200)
NAME = "order-processing"
SHARES = (
    "platform",
    "notification",
    "notification_access",
    "order-processing",
    "order-processing_access",
    "user-management",
)
NOTIFICATION = stack("notification", NAME)


@dataclass(frozen=True)
class Up:
    """A checkout, and the folder that the object store keeps its states in."""

    checkout: Checkout
    folder: Path
    secret: str


@pytest.fixture(scope="module")
def up(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    checkout = clone(tmp_path_factory.mktemp("stored") / "clone", 11300, 11599)
    settle(checkout, store.place("orders"))
    try:
        printed = checkout.done("plat", "up", NAME)
        assert "all as declared" in printed
        yield Up(checkout, store.folder / "orders", store.key)
    finally:
        remove(checkout)


def test_every_state_is_in_the_object_store_alone_and_a_second_run_finds_them_current(up: Up) -> None:
    assert {path.name for path in (up.folder / ".pulumi" / "stacks" / "plat").glob("*.json")} == {
        f"{stack(share, NAME)}.json" for share in SHARES
    }
    assert not (up.checkout.root / ".plat" / "state" / ".pulumi").exists()
    assert states(up.checkout, "up", NAME) == dict.fromkeys(SHARES, "current")


def test_what_is_up_is_found_by_its_name_alone(up: Up) -> None:
    assert up.checkout.done("plat", "exec", NAME, "--", "psql", "-Atc", "select 1").split() == ["1"]


def test_a_change_is_previewed_and_reaches_its_own_stack_alone(up: Up) -> None:
    descriptor = up.checkout.root / "contexts" / NAME / "notification.yaml"
    before = descriptor.read_text(encoding="utf-8")
    descriptor.write_text(before.replace("port: 8080 ", "port: 8080\n    environment: {GREETING: hello}  #"), encoding="utf-8")
    try:
        up.checkout.done("plat", "preview", NAME, "--report", "report.json")
        report = json.loads((up.checkout.root / "report.json").read_text(encoding="utf-8"))
        assert [item["stack"] for item in report["stacks"] if item["state"] != "current"] == [NOTIFICATION]
        assert states(up.checkout, "up", NAME) == {**dict.fromkeys(SHARES, "current"), "notification": "done"}
    finally:
        descriptor.write_text(before, encoding="utf-8")


def test_an_update_that_was_killed_is_finished_by_the_next_of_the_same_checkout(up: Up) -> None:
    started = up.checkout.start("plat", "up", NAME, "notification", "--force")
    while not (held := locks(up.folder, NOTIFICATION)):
        assert started.poll() is None
        time.sleep(0.05)
    # Neither may give its lock back.
    os.killpg(held[0]["pid"], signal.SIGKILL)
    kill_session(started)
    assert locks(up.folder, NOTIFICATION) == held
    ran = up.checkout.run("plat", "up", NAME, "notification")
    assert ran.returncode == 0, ran.stdout
    log = (up.checkout.root / ".plat" / "logs" / f"{NOTIFICATION}.log").read_text(encoding="utf-8")
    assert "removed the lock of an update that was killed" in log
    assert locks(up.folder) == []
    assert set(states(up.checkout, "up", NAME).values()) <= {"current", "done"}


@pytest.mark.parametrize("host", ["elsewhere.example", socket.gethostname()], ids=["another host", "a host of this name"])
def test_a_lock_that_this_checkout_has_not_left_is_nobodys_to_break(up: Up, host: str) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    lock = up.folder / ".pulumi" / "locks" / "organization" / "plat" / NOTIFICATION / "theirs.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = {"pid": ended.pid, "username": "x", "hostname": host, "timestamp": "2026-11-28T10:00:00Z"}
    lock.write_text(json.dumps(held), encoding="utf-8")
    refused = up.checkout.run("plat", "up", NAME, "notification")
    assert refused.returncode == 1, refused.stdout
    said = flat(refused.stdout)
    assert f"is running (PID {ended.pid} on {host}, since 2026-11-28T10:00:00Z): wait for it to end" in said
    assert lock.exists()
    lock.unlink()


def test_pulumi_by_hand_on_the_wrong_backend_makes_nothing(up: Up) -> None:
    up.checkout.done("pulumi", "stack", "init", NOTIFICATION, "--no-select")
    refused = up.checkout.run("pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "-s", NOTIFICATION)
    up.checkout.done("pulumi", "stack", "rm", NOTIFICATION, "--yes", "--preserve-config")
    assert refused.returncode
    assert "Pulumi was told of another backend" in flat(refused.stdout)


AGREE = """
import sys
from pathlib import Path
from plat.engine.backend.choose import asking
from plat.engine.backend.told import Told
from plat.engine import backend_of
from plat.home import Home
home, url = Home(Path.cwd()), sys.argv[1]
read, told = backend_of(home, url).states, Told(asking(home, url))
assert list(read.stacks()) == list(told.stacks()) and len(read.stacks()) == 6, (read.stacks(), told.stacks())
for stack in read.stacks()[:2]:
    assert told.exists(stack) and read.latest(stack)["resources"] == told.latest(stack)["resources"]
assert read.latest("nobody.local") is told.latest("nobody.local") is None
assert not read.exists("nobody.local") and not told.exists("nobody.local")
"""


def test_what_is_read_by_s3_is_what_pulumi_itself_tells(up: Up, store: Store) -> None:
    up.checkout.done(".venv/bin/python", "-c", AGREE, store.url("orders"))


def test_an_audit_reads_every_stack(up: Up) -> None:
    assert f"read: {len(SHARES)} stack(s)" in up.checkout.done("plat", "audit", NAME)


def test_wrong_credentials_are_one_clear_message_and_none_is_in_any_log(up: Up) -> None:
    refused = up.checkout.run("env", "AWS_SECRET_ACCESS_KEY=wrong-and-secret", "plat", "up", NAME)
    assert refused.returncode
    assert "states cannot be read in s3://states/orders: SignatureDoesNotMatch" in flat(refused.stdout)
    assert "wrong-and-secret" not in refused.stdout
    kept = [path for folder in (up.checkout.root / ".plat", up.folder) for path in folder.rglob("*") if path.is_file()]
    assert [path for path in kept if up.secret.encode() in path.read_bytes()] == []


def test_what_runs_is_destroyed_and_so_are_states(up: Up) -> None:
    assert set(states(up.checkout, "destroy", NAME).values()) == {"done"}
    up.checkout.done("plat", "destroy", NAME, "--with-data", "--confirm", NAME)
    assert list((up.folder / ".pulumi" / "stacks" / "plat").glob("*.json")) == []
