"""The worked example with stacks for each unit: brought up, changed, killed and moved, with a row in its database."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.integration.main_job.checkout import KILLS, Checkout, clone, kill_session, remove

pytestmark = pytest.mark.timeout(900)
NAME = "order-processing"
SHARES = {
    "platform": "platform-team",
    "notification": "engagement-team",
    "notification_access": "platform-team",
    "order-processing": "orders-team",
    "order-processing_access": "platform-team",
    "user-management": "identity-team",
}
ROW = "00000000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    made = clone(tmp_path_factory.mktemp("units") / "clone", 12000, 12999)
    shape(made, "unit")
    try:
        yield made
    finally:
        remove(made)


@pytest.fixture(scope="module")
def up(checkout: Checkout) -> Checkout:
    printed = checkout.done("plat", "up", NAME)
    assert re.search(r"\d+ tried: \d+ open, \d+ closed, all as declared", printed), printed
    values = f"'{ROW}', '42', '[]', 1, now()"
    checkout.done("plat", "exec", NAME, "--", "psql", "-c", f"insert into orders values ({values})")  # noqa: S608 - a constant
    return checkout


def shape(checkout: Checkout, stacks: str) -> None:
    """Says in the environment which stacks there are."""
    file = checkout.root / "stacks" / "environments" / "local.yaml"
    text = re.sub(r"^stacks: .*\n", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    file.write_text(text.replace("ports:\n", f"stacks: {stacks}\nports:\n"), encoding="utf-8")


def states(checkout: Checkout, *words: str, code: int = 0) -> dict[str, str]:
    """How it ended for each share."""
    ran = checkout.run("plat", *words, "--json")
    assert ran.returncode == code, ran.stdout
    found: dict[str, Any] = json.loads(ran.stdout[ran.stdout.index("\n{\n") if not ran.stdout.startswith("{") else 0 :])
    return {share["share"]: share["state"] for share in found["shares"]}


def has_row(checkout: Checkout) -> bool:
    rows = checkout.done("plat", "exec", NAME, "--", "psql", "-Atc", "select order_id from orders")
    return ROW in rows.split()


def stack(share: str) -> str:
    return f"{NAME}.{share}.local"


def test_every_share_has_a_stack_and_a_second_run_finds_them_all_current(up: Checkout) -> None:
    assert states(up, "up", NAME) == dict.fromkeys(SHARES, "current")


def test_the_key_of_all_stacks_is_made_once_by_who_reads_several(up: Checkout) -> None:
    # Nobody reads what a unit without rights at the platform's servers has: its stack may be made before theirs.
    reading = SHARES.keys() - {"user-management"}
    settings = [(up.root / "stacks" / f"Pulumi.{stack(share)}.yaml").read_text(encoding="utf-8") for share in reading]
    salts = {line for text in settings for line in text.splitlines() if line.startswith("encryptionsalt: ")}
    assert len(salts) == 1


def test_an_update_does_not_go_through_the_names_of_other_stacks(up: Checkout) -> None:
    way = f"PULUMI_BACKEND_URL=file://{up.root}/.plat/updates"
    assert json.loads(up.done("env", way, "pulumi", "stack", "ls", "--json")) == []
    assert "resources" in up.done("env", way, "pulumi", "stack", "export", "-s", stack("notification"))


def test_a_stack_by_hand_is_a_stack_like_any_other(up: Checkout) -> None:
    for share in ("notification_access", "notification"):
        words = ("--yes", "--skip-preview", "--non-interactive", "--policy-pack", "policies", "--expect-no-changes")
        up.done("pulumi", "up", "-s", stack(share), *words)


def test_no_stack_holds_a_secret_that_is_not_its_own(up: Checkout) -> None:
    secrets = {share: up.secrets(stack(share)) for share in SHARES}
    own = {share: set(found.values()) for share, found in secrets.items()}
    everything = set().union(*own.values())
    for share in ("notification", "order-processing", "user-management"):
        shown = up.done("pulumi", "stack", "export", "-s", stack(share), "--show-secrets")
        assert {value for value in everything if value in shown} == own[share]
    assert not own["notification"] & own["order-processing"]


def test_the_whole_landscapes_stack_is_refused_beside_them(up: Checkout) -> None:
    up.run("pulumi", "stack", "init", f"{NAME}.local", "--no-select")
    refused = up.run("pulumi", "preview", "-s", f"{NAME}.local", "--non-interactive")
    up.done("pulumi", "stack", "rm", f"{NAME}.local", "--yes")
    assert refused.returncode
    assert "local has a stack for each unit" in refused.stdout


def test_a_change_of_one_context_reaches_its_own_stack_alone(up: Checkout) -> None:
    descriptor = up.root / "contexts" / NAME / "notification.yaml"
    before = descriptor.read_text(encoding="utf-8")
    descriptor.write_text(before.replace("port: 8080 ", "port: 8080\n    environment: {GREETING: hello}  #"), encoding="utf-8")
    found = states(up, "up", NAME)
    assert found == {**dict.fromkeys(SHARES, "current"), "notification": "done"}
    descriptor.write_text(before, encoding="utf-8")
    assert states(up, "up", NAME, "notification") == {"notification": "done", "notification_access": "current"}
    log = (up.root / ".plat" / "logs" / f"{stack('notification')}.log").read_text(encoding="utf-8")
    assert "Updating" in log
    assert "Previewing" not in log, "the policy pack has judged this program when it brought up the platform's stack"


def test_all_stacks_of_a_run_come_of_what_it_began_with(up: Checkout) -> None:
    descriptor = up.root / "contexts" / NAME / "notification.yaml"
    before = descriptor.read_text(encoding="utf-8")
    started = updating(up)
    descriptor.write_text(before.replace("port: 8080 ", "port: 8080\n    environment: {GREETING: later}  #"), encoding="utf-8")
    printed, _ = started.communicate(timeout=300)
    assert started.returncode == 0, printed
    assert states(up, "up", NAME) == {**dict.fromkeys(SHARES, "current"), "notification": "done"}
    descriptor.write_text(before, encoding="utf-8")
    assert states(up, "up", NAME)["notification"] == "done"


def updating(checkout: Checkout) -> subprocess.Popen[str]:
    """A run over all stacks that has come to update the platform's own."""
    log = checkout.root / ".plat" / "logs" / f"{stack('platform')}.log"
    log.unlink()
    started = checkout.start("plat", "up", NAME, "--force")
    while not log.exists() or "Updating" not in log.read_text(encoding="utf-8"):
        assert started.poll() is None
        time.sleep(0.1)
    return started


def test_one_that_fails_holds_back_only_what_needs_it_and_the_next_run_goes_on(up: Checkout) -> None:
    descriptor = up.root / "contexts" / NAME / "order-processing.yaml"
    before = descriptor.read_text(encoding="utf-8")
    descriptor.write_text(before.replace("samples.order_processing", "samples.nowhere"), encoding="utf-8")
    found = states(up, "up", NAME, "--force", code=1)
    assert found == {**dict.fromkeys(SHARES, "done"), "order-processing": "failed"}
    descriptor.write_text(before, encoding="utf-8")
    assert states(up, "up", NAME)["order-processing"] == "done"


def test_two_teams_update_at_one_time(up: Checkout) -> None:
    both = [up.start("plat", "up", NAME, unit, "--force") for unit in ("order-processing", "user-management")]
    printed = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], printed


def test_runs_that_were_killed_at_random_moments_are_finished_by_one(up: Checkout) -> None:
    dice = random.Random(KILLS)  # noqa: S311 - what is to be repeatable is no secret
    ways: list[Callable[[subprocess.Popen[str]], None]] = [kill_session, kill_alone, partial(kill_one_below, dice)]
    for _ in range(KILLS):
        started = up.start("plat", "up", NAME, "--force", *dice.choice([(), (), ("--refresh",)]))
        try:
            started.communicate(timeout=dice.uniform(0.3, 9))
        except subprocess.TimeoutExpired:
            dice.choice(ways)(started)
    found = states(up, "up", NAME)
    assert set(found.values()) <= {"done", "current"}
    assert states(up, "up", NAME) == dict.fromkeys(SHARES, "current")
    assert has_row(up)
    up.done("plat", "audit", NAME)
    assert not any(up.state(stack(share))["deployment"].get("pending_operations") for share in SHARES)
    left = [process for process in psutil.process_iter() if is_pulumis(process, up)]
    assert not left


def kill_alone(run: subprocess.Popen[str]) -> None:
    """Ends `plat` and nothing that it has started, as the kernel does where memory is short."""
    run.kill()
    run.wait()


def kill_one_below(dice: random.Random, run: subprocess.Popen[str]) -> None:
    """Ends something that `plat` has started: an engine, a program, a policy pack, a plugin. The run goes on to its end."""
    with suppress(psutil.NoSuchProcess):
        if below := psutil.Process(run.pid).children(recursive=True):
            dice.choice(below).kill()
    run.communicate(timeout=300)


def is_pulumis(process: psutil.Process, checkout: Checkout) -> bool:
    """Whether it is of an update in `checkout`: an engine, what engines start, or what runs for that."""
    with suppress(psutil.Error):
        is_one = "pulumi" in process.name() or process.cmdline()[1:4] == ["-m", "plat", "up"]
        return is_one and process.cwd().startswith(f"{checkout.root}")
    return False


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
def test_an_interrupt_ends_a_run_cleanly(up: Checkout, times: int) -> None:
    started = updating(up)
    for _ in range(times):
        started.send_signal(signal.SIGINT)
        # Twice by somebody who thinks that nothing happens: Pulumi then leaves at once, and not at the next good moment.
        time.sleep(0.5)
    printed, _ = started.communicate(timeout=200)
    assert "interrupted" in printed
    assert set(states(up, "up", NAME).values()) <= {"done", "current"}


def test_moving_into_one_stack_and_back_replaces_nothing_and_loses_nothing(up: Checkout) -> None:
    servers = {name: up.pid(f"{NAME}.local", name) for name in ("order-processing--postgresql", "platform--rabbitmq")}
    shape(up, "landscape")
    refused = up.run("plat", "up", NAME)
    assert refused.returncode
    assert f"`plat restack {NAME} -e local` shows what would move" in refused.stdout
    assert "nothing has been moved" in up.done("plat", "restack", NAME)
    up.done("plat", "restack", NAME, "--yes")
    brought = up.done("plat", "up", NAME)
    assert not re.search(r"(replaced|deleted|updated)\b", brought.partition("Resources:")[2].partition("tried")[0])
    assert has_row(up)

    shape(up, "unit")
    up.done("plat", "restack", NAME, "--yes")
    assert set(states(up, "up", NAME).values()) == {"done"}
    assert "everything is in the stack that it belongs to" in up.done("plat", "restack", NAME)
    assert has_row(up)
    assert servers == {name: up.pid(f"{NAME}.local", name) for name in servers}


def test_a_setting_that_there_is_not_stops_an_update_before_it_begins(up: Checkout) -> None:
    up.done("pulumi", "config", "set", "backup-acces-key", "x", "-s", stack("notification"))
    refused = up.run("pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "-s", stack("notification"))
    up.done("pulumi", "config", "rm", "backup-acces-key", "-s", stack("notification"))
    assert refused.returncode
    where = f"stacks/Pulumi.{stack('notification')}.yaml:"
    assert re.search(rf"{re.escape(where)}\d+: `plat:backup-acces-key` is no setting of a stack", refused.stdout), (
        refused.stdout
    )
    assert states(up, "up", NAME) == dict.fromkeys(SHARES, "current") | {"notification": "done"}


def test_the_same_is_planned_whatever_the_order_of_hashes(up: Checkout) -> None:
    words = ("--non-interactive", "--policy-pack", "policies", "--expect-no-changes")
    for seed in ("1", "2"):
        up.done("env", f"PYTHONHASHSEED={seed}", "pulumi", "preview", "-s", stack("notification"), *words)


def test_a_lock_of_another_host_is_nobodys_to_break(up: Checkout) -> None:
    lock = up.root / ".plat" / "state" / ".pulumi" / "locks" / "organization" / "plat" / stack("notification") / "theirs.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = {"pid": 1, "username": "x", "hostname": "elsewhere.example", "timestamp": "2026-11-28T10:00:00Z"}
    lock.write_text(json.dumps(held), encoding="utf-8")
    refused = up.run("plat", "up", NAME, "notification")
    assert refused.returncode
    said = " ".join(refused.stdout.split())
    assert "is running (PID 1 on elsewhere.example, since 2026-11-28T10:00:00Z): wait for it to end" in said
    assert f"`pulumi cancel -s {stack('notification')}` removes its lock" in said
    assert lock.exists()
    up.done("pulumi", "cancel", "--yes", "-s", stack("notification"))
    assert states(up, "up", NAME) == dict.fromkeys(SHARES, "current")


def test_a_wrong_passphrase_changes_nothing_and_is_named(up: Checkout) -> None:
    passphrase = up.root / ".plat" / "passphrase"
    right, before = passphrase.read_text(encoding="utf-8"), stored(up)
    passphrase.write_text("another\n", encoding="utf-8")
    try:
        refused = up.run("plat", "up", NAME, "notification", "--force")
    finally:
        passphrase.write_text(right, encoding="utf-8")
    assert refused.returncode
    assert "the passphrase in .plat/passphrase is not the one that the secrets of" in refused.stdout
    assert stored(up) == before


def stored(up: Checkout) -> str:
    return (up.root / ".plat" / "state" / ".pulumi" / "stacks" / "plat" / f"{stack('notification')}.json").read_text()


def test_half_a_state_is_told_with_the_way_back(up: Checkout) -> None:
    file = up.root / ".plat" / "state" / ".pulumi" / "stacks" / "plat" / f"{stack('notification')}.json"
    file.write_text(stored(up)[:3000], encoding="utf-8")
    refused = up.run("plat", "up", NAME, "notification")
    assert refused.returncode
    way = re.search(r"in (\S+), `(cp [^`]+)`, then `plat up` with --refresh", " ".join(refused.stdout.split()))
    assert way, refused.stdout
    up.done("sh", "-c", f"cd {way[1]} && {way[2]}")
    assert states(up, "up", NAME, "notification", "--refresh") == {"notification": "done", "notification_access": "done"}
    assert states(up, "up", NAME) == dict.fromkeys(SHARES, "current")


FULL = """
set -e
cp -a .plat/state {kept}
mount -t tmpfs -o size=$(($(du -sk .plat/state | cut -f1) + 1024))k tmpfs .plat/state
cp -a {kept}/. .plat/state/
dd if=/dev/zero of=.plat/state/filler bs=4k 2> /dev/null || true
set +e
plat up {name} notification --force
echo "full: $?"
rm .plat/state/filler
plat up {name} notification --force
echo "room: $?"
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a disk that is full")
def test_a_disk_that_is_full_loses_no_state(up: Checkout, tmp_path: Path) -> None:
    # In a namespace of its own the disk is nobody else's, and ends with what runs there.
    said = up.done("unshare", "--mount", "sh", "-c", FULL.format(name=NAME, kept=tmp_path / "kept"))
    assert "the disk is full: make room, then run the same command again" in said
    assert re.search(r"^full: 1$", said, flags=re.MULTILINE), said
    assert re.search(r"^room: 0$", said, flags=re.MULTILINE), said
    assert states(up, "up", NAME) == dict.fromkeys(SHARES, "current")


def test_one_unit_is_destroyed_once_nobody_needs_it_and_the_others_go_on(up: Checkout) -> None:
    running = up.pid(f"{NAME}.local", "user-management")
    refused = up.run("plat", "destroy", NAME, "order-processing")
    assert refused.returncode
    said = (
        "notification_access of platform-team is up and needs order-processing_access: name notification too, or say --force"
    )
    assert said in " ".join(refused.stdout.split())
    assert states(up, "destroy", NAME, "notification") == {"notification": "done", "notification_access": "done"}
    assert states(up, "destroy", NAME, "notification") == {"notification": "current", "notification_access": "current"}
    assert states(up, "destroy", NAME, "order-processing") == {"order-processing": "done", "order-processing_access": "done"}
    assert up.pid(f"{NAME}.local", "user-management") == running
    ended = states(up, "up", NAME)
    assert {share for share, state in ended.items() if state == "current"} == {"platform", "user-management"}
    assert has_row(up)


def test_what_runs_is_destroyed_and_the_data_stay(up: Checkout) -> None:
    up.done("plat", "destroy", NAME)
    assert set(states(up, "up", NAME).values()) == {"done"}
    assert has_row(up)
