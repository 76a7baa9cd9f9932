"""What goes wrong on a real machine: one clear message each, and a state from which the next `up` carries on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from plat.engine.backend.folder import Folder
from plat.engine.backend.stored import Stored
from providers.local.interpreter import PYTHON
from tests.integration.local.harness import (
    PASSWORD,
    STACK,
    Stack,
    errors,
    listener,
    living,
    process,
    server,
    small_disk,
    wait_for,
)

POSTGRES, REDIS, WEB = 31571, 31572, 31573
LASTING = "import time; time.sleep(1000)"


@pytest.fixture
def stack(new_stack: Callable[[], Stack]) -> Iterator[Stack]:
    stack = new_stack()
    yield stack
    stack.runtime.stop()


def answers() -> bool:
    try:
        psycopg.connect(host="127.0.0.1", port=POSTGRES, user="plat_admin", password=PASSWORD, dbname="postgres").close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.mark.parametrize("kind", ["server", "process"])
def test_a_busy_port_is_named_with_who_has_it_and_where_to_set_another(stack: Stack, kind: str) -> None:
    wanted = server("redis", REDIS) if kind == "server" else process("redis-31572", LASTING, port=REDIS)
    stack.declare([wanted, process("bystander", LASTING)])
    with listener(REDIS) as pid:
        run = stack.up()
        name = psutil.Process(pid).name()
    assert run.code != 0
    where = "stacks/environments/test.yaml under `ports: fixed:`"
    by = f"PID {pid} ({name}): stop it, or set another port for redis-31572 in {where}"
    assert errors(run.text) == [f"error: port {REDIS} on 127.0.0.1 is in use by {by}"]
    if kind == "server":
        assert stack.must_up().summary == {"created": 1, "unchanged": 3}


def test_a_missing_server_package_is_named_with_how_to_get_it(stack: Stack, tmp_path: Path) -> None:
    stack.more_environment["PLAT_RABBITMQ_BIN"] = str(tmp_path)
    extra = {"management": 31576, "epmd": 31577, "distribution": 31578}
    stack.declare([server("rabbitmq", 31575, extra_ports=extra)])
    preview = stack.pulumi("preview")
    assert preview.code != 0
    how = f"`make up LANDSCAPE=...` gets it, or `apt-get install rabbitmq-server` (looked at: {tmp_path})"
    what = f"RabbitMQ is not installed: {how}"
    assert errors(preview.text) == [f"error: platlocal:index:Server resource 'rabbitmq-31575' has a problem: {what}"]


def test_a_server_that_cannot_start_says_why_in_its_own_words(stack: Stack) -> None:
    stack.declare([server("redis", REDIS, settings={"maxmemory": "much"})])
    run = stack.up()
    assert run.code != 0
    assert "redis-31572 ended with exit status 1. Its log is" in errors(run.text)[0]
    assert "argument must be a memory value" in run.text
    stack.must_up(server("redis", REDIS, settings={"maxmemory": "64mb"}))


def test_an_up_that_is_killed_in_the_middle_is_carried_on_by_the_next(stack: Stack) -> None:
    resources = [server("postgresql", POSTGRES), server("redis", REDIS), process("shop", LASTING)]
    resources[2]["after"] = ["postgresql-31571"]  # type: ignore[index]
    stack.declare(resources)
    for moment in (".initdb-*", "cluster"):
        kill_when(stack, f"*/{moment}")
        # It may have been killed in writing its state, which Pulumi alone could not read then.
        Stored(Folder(stack.folder / "state")).mend()
        assert stack.pulumi("cancel", "--yes").code == 0
    # What Pulumi had not yet heard of is not lost: it is made again, in place.
    run = stack.up()
    assert run.code == 0, run.text
    assert answers()
    assert [item.state for item in stack.runtime.status()] == ["RUNNING"] * 3
    assert list((stack.place / "data").glob("*/.initdb-*")) == []
    assert stack.up().summary == {"unchanged": 5}


def kill_when(stack: Stack, pattern: str) -> None:
    """Kill an update and all its processes as soon as there is something like `pattern` in the data directory."""
    argv = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "-s", STACK]
    running = subprocess.Popen(
        argv,
        cwd=stack.folder,
        env=stack.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_for(lambda: any((stack.place / "data").glob(pattern)) or running.poll() is not None)
    tree = [psutil.Process(running.pid), *psutil.Process(running.pid).children(recursive=True)]
    for item in tree:
        with suppress(psutil.NoSuchProcess):
            item.kill()
    running.wait()
    wait_for(lambda: living(tree) == [])


def test_an_abandoned_plugin_ends_by_itself(stack: Stack) -> None:
    stack.declare([process("shop", "import time; time.sleep(1000)", port=WEB)])
    argv = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"]
    running = subprocess.Popen(
        argv, cwd=stack.folder, env=stack.environment, stdout=subprocess.DEVNULL, start_new_session=True
    )
    plugin = str(stack.folder / "plugin")

    def plugins() -> list[psutil.Process]:
        return [item for item in living(psutil.Process(running.pid).children(recursive=True)) if plugin in item.cmdline()]

    wait_for(lambda: bool(plugins()) and (stack.place / "specs" / "shop.json").exists())
    abandoned = plugins()
    for item in psutil.Process(running.pid).children(recursive=True):
        if item not in abandoned:
            item.kill()
    running.kill()
    running.wait()
    wait_for(lambda: living(abandoned) == [])


def test_a_second_up_at_the_same_time_is_told_to_wait(stack: Stack) -> None:
    stack.declare([server("postgresql", POSTGRES)])
    first = subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"],
        cwd=stack.folder,
        env=stack.environment,
        stdout=subprocess.DEVNULL,
    )
    wait_for(lambda: bool(list((stack.folder / "state").glob(".pulumi/locks/**/*.json"))))
    second = stack.up()
    assert first.wait() == 0
    assert second.code != 0
    assert "the stack is currently locked by 1 lock(s)" in second.text
    assert stack.must_up().summary == {"unchanged": 3}


def test_two_programs_cannot_be_one(stack: Stack) -> None:
    stack.declare([process("shop", LASTING), {**process("shop", LASTING), "id": "twin", "after": ["shop"]}])
    run = stack.up()
    assert run.code != 0
    assert "shop already runs here for urn:pulumi:shop.test::plat::platlocal:index:Process::shop: give this one" in run.text
    assert stack.must_up(process("shop", LASTING)).summary == {"unchanged": 3}


def test_a_full_disk_is_told_once_and_there_is_room_for_the_next_up(new_stack: Callable[..., Stack]) -> None:
    with small_disk() as (disk, grow):
        stack = new_stack()
        stack.home = disk / "home"
        try:
            stack.declare([server("postgresql", POSTGRES)])
            run = stack.up()
            assert run.code != 0
            assert "error: the disk is full (" in errors(run.text)[0], run.text
            assert "data/postgresql-31571 could not be written; free some space and run this again" in errors(run.text)[0]
            grow()
            stack.must_up()
            assert answers()
        finally:
            stack.end()


def test_a_stopped_process_of_a_dead_supervisord_does_not_keep_the_next_one_from_starting(stack: Stack) -> None:
    """A frozen server cannot end when supervisord dies: it is found by its id, and ended before its successor starts."""
    stack.must_up(server("redis", REDIS))
    pid = stack.pid("redis-31572")
    os.kill(pid, signal.SIGSTOP)
    os.kill(int((stack.place / "run" / "supervisord.pid").read_text()), signal.SIGKILL)
    time.sleep(0.5)
    os.kill(pid, signal.SIGCONT)
    stack.must_up()
    assert stack.pid("redis-31572") != pid
    with socket.create_connection(("127.0.0.1", REDIS), timeout=5):
        pass


def test_a_supervisord_that_another_version_has_started_is_replaced_and_what_ran_goes_on(stack: Stack) -> None:
    stack.must_up(process("shop", LASTING))
    supervisor = stack.runtime._supervisor
    supervisor.shut_down()
    conf = stack.place / "supervisord.conf"
    conf.write_text(conf.read_text().replace("%(ENV_PLAT_LOGS)s", "%(ENV_PLAT_RUNTIME)s/logs"))
    older = {"PLAT_RUNTIME": str(stack.place), "PLAT_SOCKET": str(supervisor.socket)}
    older["PLAT_LAUNCH"] = f"{PYTHON} -I -S {stack.place}/launch.py"
    done = supervisor.account.run([PYTHON, "-m", "supervisor.supervisord", "-c", str(conf)], cwd=stack.root, env=older)
    assert done.returncode == 0, done.stdout
    wait_for(supervisor.is_up)
    supervisor.start("shop")
    stack.must_up(process("shop", LASTING), process("other", LASTING))
    assert [(item.name, item.state) for item in stack.runtime.status()] == [("other", "RUNNING"), ("shop", "RUNNING")]


def test_an_interrupt_lets_what_is_being_made_be_finished_and_known(stack: Stack) -> None:
    stack.declare([server("postgresql", POSTGRES)])
    argv = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"]
    running = subprocess.Popen(argv, cwd=stack.folder, env=stack.environment, stdout=subprocess.PIPE, text=True)
    wait_for(lambda: any((stack.place / "data").glob("*/.initdb-*")))
    running.send_signal(signal.SIGINT)
    told, _ = running.communicate()
    assert running.returncode != 0, told
    assert stack.must_up().summary == {"unchanged": 3}, told
