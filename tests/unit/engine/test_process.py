"""Which Pulumi a checkout remembers, whose locks are therefore its own to remove, and who alone works on a stack."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from plat.engine import Engine, backend_of, process
from plat.engine.backend import Lock
from plat.engine.recovery import HALF_MADE
from plat.home import Home

STACK = "shop.sales.local"


def ran(group_file: Path, script: str) -> None:
    process.run(["sh", "-c", script], Path.cwd(), {**os.environ, HALF_MADE: "x"}, group_file, None)


def test_one_that_has_ended_by_itself_is_forgotten(tmp_path: Path) -> None:
    ran(tmp_path / "pid", "exit 3")
    assert process.last(tmp_path / "pid") is None


def test_one_that_was_killed_is_remembered_until_another_has_run(tmp_path: Path) -> None:
    group_file = tmp_path / "pid"
    ran(group_file, f"echo $$ > {tmp_path}/own; kill -9 $$")
    assert process.last(group_file) == int((tmp_path / "own").read_text())
    assert process.end_orphans(group_file, {HALF_MADE: "x"}) == 0
    ran(group_file, "exit 0")
    assert process.last(group_file) is None


def test_what_runs_for_another_checkout_is_nobodys_to_end(tmp_path: Path) -> None:
    (tmp_path / "pid").write_text(str(os.getsid(0)))
    assert process.end_orphans(tmp_path / "pid", {HALF_MADE: "another"}) == 0


@pytest.mark.parametrize(
    ("url", "remembered", "stale"), [(None, False, True), ("s3://b", False, False), ("s3://b", True, True)]
)
def test_on_a_shared_backend_only_what_this_checkout_has_begun_is_known_to_be_gone(
    tmp_path: Path, url: str | None, *, remembered: bool, stale: bool
) -> None:
    home = Home(tmp_path)
    home.plat.mkdir()
    group_file = home.plat / f"update-{STACK}.pid"
    ran(group_file, f"echo $$ > {tmp_path}/own; kill -9 $$")
    lock = Lock("x", int((tmp_path / "own").read_text()), socket.gethostname(), "")
    if not remembered:
        group_file.unlink()
    engine = Engine(home, backend_of(home, url), STACK, lambda _: None)
    assert engine._is_stale(lock) is stale
    assert not engine._is_stale(Lock("x", lock.pid, "elsewhere", ""))


def test_a_stack_is_given_back_although_a_process_is_just_being_started(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.plat.mkdir()
    engine = Engine(home, backend_of(home, None), STACK, lambda _: None)
    waiting, going_on = os.pipe()
    with engine._alone():
        # As another thread's is between its fork and the program that it becomes: with all files open that are open here.
        started = os.fork()
        if not started:
            os.close(going_on)
            os.read(waiting, 1)
            os._exit(0)
    try:
        with engine._alone():
            pass
    finally:
        os.close(going_on)
        os.close(waiting)
        os.waitpid(started, 0)
