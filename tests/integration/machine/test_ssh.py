"""Entering a machine: whom we talk to is known beforehand, and why we cannot is told."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from plat.machines.problems import Denied, NoAnswer, OtherHost, TooSlow, UnusableKey
from plat.machines.ssh import fingerprint
from providers.machine.keys import new_private_key, public_key_of
from tests.integration.machine.harness import Machine


def test_a_command_runs_with_its_words_as_they_are_and_its_input(machine: Machine) -> None:
    done = machine.connection.run(["sh", "-c", 'printf "%s|" "$@"; cat; echo oh >&2; exit 3', "x", "a b", "$HOME;'\""], b"in")
    assert (done.code, done.out, done.err) == (3, "a b|$HOME;'\"|in", "oh\n")


def test_a_machine_with_another_host_key_is_told_apart_and_not_entered(machine: Machine) -> None:
    expected = machine.connection
    other = new_private_key()
    machine.know(other, public_key_of(machine.access))
    machine.stop()
    machine.start()
    with pytest.raises(OtherHost) as refused:
        expected.run(["touch", "/run/entered"])
    assert f"its host key is {fingerprint(public_key_of(other))}, and {fingerprint(expected.host_key)} is expected" in str(
        refused.value
    )
    assert "entered" not in machine.inside("ls /run")


def test_a_machine_without_a_host_key_of_ours_by_type_is_another_machine(machine: Machine) -> None:
    key = machine.folder / "host"
    key.unlink()
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", key], check=True)
    expected = machine.connection
    machine.stop()
    machine.start()
    with pytest.raises(OtherHost, match="its host key is of another type"):
        expected.run(["true"])


def test_a_key_that_is_not_let_in_is_told(machine: Machine) -> None:
    with pytest.raises(Denied, match="does not let `root` in by the key that Plat has"):
        replace(machine.connection, private_key=new_private_key()).run(["true"])


def test_nobody_who_answers_is_told_in_the_words_of_ssh(machine: Machine) -> None:
    machine.stop()
    with pytest.raises(NoAnswer, match="Connection refused"):
        machine.connection.run(["true"])


def test_a_command_that_does_not_end_is_given_up(machine: Machine) -> None:
    with pytest.raises(TooSlow, match="within 2 s"):
        machine.connection.run(["sleep", "60"], timeout=2)


def test_what_is_no_private_key_is_told_without_being_shown(machine: Machine) -> None:
    with pytest.raises(UnusableKey) as told:
        replace(machine.connection, private_key="canary").run(["true"])
    assert "canary" not in str(told.value)


def test_the_users_own_configuration_and_agent_play_no_part(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").write_text("Host *\n  ProxyCommand false\n")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/nonexistent")
    assert machine.connection.run(["id", "-un"]).out == "root\n"


def test_a_key_is_in_no_command_line_and_no_file_and_nothing_of_it_is_left(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    secret = machine.access.splitlines()[3]
    before = set(psutil.Process().children(recursive=True))
    with machine.connection.opened() as session:
        assert session.run(["true"]).code == 0
        # Other tests, at the same time, start agents too.
        started = [process for process in psutil.Process().children(recursive=True) if process not in before]
        assert [process.name() for process in started if "agent" in process.name()] == ["ssh-agent"]
        assert not [process for process in started if secret in " ".join(process.cmdline())]
        assert secret not in " ".join(session.options)
        assert not [path for path in tmp_path.rglob("*") if path.is_file() and secret in path.read_text()]
    assert not list(tmp_path.iterdir())
    assert not [process for process in started if process.is_running() and process.name() == "ssh-agent"]
