"""What runs on a machine, asked through a real sshd; what Docker says there was recorded of Docker 20.10."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from plat.environment import Environment
from plat.landscape import load_landscape
from plat.machines.answer import ask
from plat.machines.problems import Failed, NotMade, Silent
from plat.machines.runtime import MachinesRuntime
from plat.plan.build import build
from plat.plan.model import Plan
from tests.integration.machine.harness import PORT, ROOT, Machine

SERVER, WORKLOAD = "order-processing--postgresql", "order-processing"
RUNNING = '{"name":"/%s","state":{"Status":"running","Running":true,"ExitCode":0},"restarts":0,"networks":{}}'
ENDED = '{"name":"/%s","state":{"Status":"exited","Running":false,"ExitCode":7,"Error":""},"restarts":0,"networks":{}}'
ABSENT = "echo 'Error: No such container: x' >&2; exit 1"


def planned(machine: Machine) -> Plan:
    """The order landscape with order-processing on `machine`."""
    loaded = load_landscape(ROOT / "contexts" / "order-processing").landscape
    assert loaded
    connection = machine.connection
    host = {"name": "vault", "address": machine.address, "port": PORT, "user": "root", "team": "orders-team", "key": "k"}
    environment = {
        "apiVersion": "plat/v1",
        "kind": "Environment",
        "name": "test",
        "targets": {"kubernetes": "local", "vm": "vm"},
        "local": {"address": "10.9.0.1"},
        "machines": {"inventory": [{**host, "host-key": connection.host_key}], "administration": ["10.9.0.1/32"]},
    }
    return build(loaded, Environment.model_validate(environment))


@pytest.fixture
def runtime(machine: Machine) -> MachinesRuntime:
    return MachinesRuntime(planned(machine), lambda: {"vault": machine.connection})


def test_every_container_is_told_of_and_nothing_but_its_state_is_asked(machine: Machine, runtime: MachinesRuntime) -> None:
    machine.program("docker", f"echo \"$*\" > /run/asked; echo '{RUNNING % SERVER}'; echo '{ENDED % WORKLOAD}'")
    found = [(item.name, item.state, item.reason) for item in runtime.status()]
    assert found == [(SERVER, "RUNNING", ""), (WORKLOAD, "STOPPED", "ended with exit code 7")]
    asked = machine.inside("cat /run/asked")
    assert asked.endswith(f" {SERVER} {WORKLOAD}\n")
    assert "Env" not in asked
    assert "{{json .State}}" in asked


def test_a_container_that_is_not_there_has_stopped(machine: Machine, runtime: MachinesRuntime) -> None:
    machine.program("docker", f"echo '{RUNNING % SERVER}'; {ABSENT}")
    assert [(item.state, item.reason) for item in runtime.status()] == [("RUNNING", ""), ("STOPPED", "it has no container")]


def test_what_docker_complains_of_is_told_of_all(machine: Machine, runtime: MachinesRuntime) -> None:
    machine.program("docker", "echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' >&2; exit 1")
    assert {(item.state, "Cannot connect to the Docker daemon" in item.reason) for item in runtime.status()} == {
        ("UNKNOWN", True)
    }


def test_a_machine_that_does_not_answer_is_told_of_all_that_is_on_it(machine: Machine, runtime: MachinesRuntime) -> None:
    machine.stop()
    assert {(item.state, "does not answer over SSH" in item.reason) for item in runtime.status()} == {("UNKNOWN", True)}
    with pytest.raises(Failed, match=f"the log of {WORKLOAD}: it could not be read to its end"):
        runtime.print_logs([WORKLOAD])
    with pytest.raises(Silent, match=r"vault: .* does not answer over SSH(?s:.*)nothing was removed: mend it"):
        ask({"vault": machine.connection}, "mend it")


def test_a_machine_whose_docker_does_not_answer_is_in_the_way(machine: Machine) -> None:
    machine.program("docker", "echo 'permission denied' >&2; exit 1")
    with pytest.raises(Silent, match="Docker does not answer: permission denied"):
        ask({"vault": machine.connection}, "")
    machine.program("docker", "echo 20.10.24")
    ask({"vault": machine.connection}, "")


def test_a_machine_that_no_update_has_come_to_is_told(machine: Machine) -> None:
    runtime = MachinesRuntime(planned(machine), dict)
    assert {item.state for item in runtime.status()} == {"STOPPED"}
    with pytest.raises(NotMade, match="`plat up order-processing -e test` makes it ready"):
        runtime.execute(WORKLOAD, ["true"])


def test_logs_of_several_say_whose_they_are(
    machine: Machine, runtime: MachinesRuntime, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.program("docker", 'echo "$*"; echo complaint >&2')
    runtime.print_logs([SERVER, WORKLOAD], tail=7)
    runtime.print_logs([WORKLOAD], tail=0, follow=True)
    shown = capfd.readouterr().out.splitlines()
    assert sorted(shown) == sorted(
        [
            f"{SERVER}: logs --tail=7 {SERVER}",
            f"{SERVER}: complaint",
            f"{WORKLOAD}: logs --tail=7 {WORKLOAD}",
            f"{WORKLOAD}: complaint",
            f"logs --tail=0 --follow {WORKLOAD}",
            "complaint",
        ]
    )


def test_a_command_keeps_its_words_and_its_exit_code(
    machine: Machine, runtime: MachinesRuntime, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.program("docker", 'printf "%s|" "$@"; exit 3')
    assert runtime.execute(WORKLOAD, ["sh", "-c", "echo $HOME; 'x'"]) == 3
    assert capfd.readouterr().out == f"exec|--interactive|{WORKLOAD}|sh|-c|echo $HOME; 'x'|"


def test_a_command_has_a_terminal_where_somebody_sits_at_one(
    machine: Machine, runtime: MachinesRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.program("docker", 'printf "%s %s " "$2" "$3"; tty')
    leader, follower = pty.openpty()
    run: Callable[..., subprocess.CompletedProcess[bytes]] = subprocess.run

    def at_a_terminal(call: list[str], **more: Any) -> subprocess.CompletedProcess[bytes]:  # noqa: ANN401 - as given
        streams = {"stdin": follower, "stdout": follower, "stderr": follower} if call[0] == "ssh" else {}
        return run(call, **more, **streams)

    monkeypatch.setattr("subprocess.run", at_a_terminal)
    assert runtime.execute(WORKLOAD, ["sh"], terminal=True) == 0
    os.close(follower)
    shown = os.read(leader, 1000).decode()
    os.close(leader)
    assert "--interactive --tty /dev/" in shown
    assert "closed" not in shown, "ssh says nothing of its own"
