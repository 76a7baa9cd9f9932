"""A machine by libvirt and QEMU, from the disk images that the toolchain makes: it boots, is entered, runs containers, is
replaced and keeps its data. Software emulation is slow: one machine for all of it, in one order."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from components.vm.cloud_init import Machine, mac_address, meta_data, network_config, user_data
from plat.backends import at_folder
from tests.integration.vm.conftest import ROOT, Hypervisor, toolchain, traces

IMAGE = "docker.io/plat/base:dev"
ADDRESS = "10.248.0.250"
pytestmark = pytest.mark.timeout(3600)
PATIENCE = 900  # an emulated processor, and a machine that others use too


def new_key(file: Path) -> str:
    """Make an SSH key, and give its public half."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", f"{file}"], check=True)
    return file.with_suffix(".pub").read_text(encoding="utf-8").strip()


@dataclass(frozen=True)
class Stack:
    """The stack, its machine, and how that is entered."""

    folder: Path
    machine: Machine
    told: dict[str, Any]
    ssh_options: tuple[str, ...]

    def pulumi(self, *words: str) -> str:
        """What a command printed that must succeed."""
        result = subprocess.run(
            ["pulumi", *words, "--stack", "machine", "--non-interactive"],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert result.returncode == 0, result.stdout
        return result.stdout

    def ssh(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command on the machine."""
        command = ["ssh", *self.ssh_options, f"{self.machine.user}@{ADDRESS}", shlex.join(words)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    def answer(self, *words: str) -> str:
        """What a command on the machine printed; waits until it can be asked."""
        end = time.monotonic() + PATIENCE
        while (result := self.ssh(*words)).returncode:
            assert time.monotonic() < end, result.stderr
            time.sleep(1)
        return result.stdout.strip()

    @property
    def environment(self) -> dict[str, str]:
        """What the program and Pulumi are told."""
        return {
            "TEST_MACHINE": json.dumps(self.told),
            "PULUMI_BACKEND_URL": at_folder(self.folder / "state"),
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }

    def another_generation(self) -> Stack:
        """The same with a new root disk and a new domain."""
        machine = replace(self.machine, name="second")
        return replace(self, machine=machine, told={**self.told, **told_of(machine), "generation": 2})


def told_of(machine: Machine) -> dict[str, str]:
    """What cloud-init gets."""
    return {"user_data": user_data(machine), "meta_data": meta_data(machine), "network_config": network_config(machine)}


@pytest.fixture(scope="module")
def stack(hypervisor: Hypervisor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("machine")
    (folder / "state").mkdir()
    user, host = new_key(folder / "user"), new_key(folder / "host")
    known = folder / "known_hosts"
    known.write_text(f"{ADDRESS} {host}\n", encoding="utf-8")
    machine = Machine(
        name="first",
        address=f"{ADDRESS}/24",
        gateway="10.248.0.1",
        user="plat",
        authorized_key=user,
        host_private_key=(folder / "host").read_text(encoding="utf-8"),
        host_public_key=host,
        docker={"log-driver": "local"},
    )
    options = [f"UserKnownHostsFile={known}", "StrictHostKeyChecking=yes", "IdentitiesOnly=yes", "BatchMode=yes"]
    ssh = ("-i", f"{folder / 'user'}", *(word for option in options for word in ("-o", option)), "-o", "ConnectTimeout=10")
    told = {
        **told_of(machine),
        "mac": mac_address(machine),
        "uri": hypervisor.uri,
        "disks": f"{hypervisor.disks}",
        "prefix": "hypervisor-test",
        "generation": 1,
        "host": f"ssh://{machine.user}@{ADDRESS}",
        "ssh": list(ssh),
        "image": IMAGE,
    }
    program = {"name": "machine", "runtime": {"name": "python", "options": {"virtualenv": f"{ROOT / '.venv'}"}}}
    (folder / "Pulumi.yaml").write_text(json.dumps(program), encoding="utf-8")
    shutil.copy(Path(__file__).parent / "program" / "__main__.py", folder)
    made = Stack(folder, machine, told, ssh)
    made.pulumi("stack", "init")
    yield made
    made.pulumi("destroy", "--yes")


def test_a_preview_needs_neither_the_machine_nor_its_docker(stack: Stack) -> None:
    assert "machine" in stack.pulumi("preview")


def test_a_machine_boots_is_entered_by_known_keys_alone_and_runs_a_container(stack: Stack) -> None:
    stack.pulumi("up", "--yes", "--skip-preview")
    assert stack.answer("hostname") == "first"
    assert stack.answer("docker", "version", "--format", "{{.Server.Version}}").startswith("20.10.")
    assert stack.answer("docker", "exec", "writer", "cat", "/kept/first")
    settings = stack.answer("sudo", "sshd", "-T").splitlines()
    assert {"permitrootlogin no", "passwordauthentication no", "kbdinteractiveauthentication no"} <= set(settings)
    assert stack.answer("findmnt", "--noheadings", "--output", "SOURCE", "/var/lib/docker") == "/dev/vdb"


def test_another_host_key_is_refused(stack: Stack, tmp_path: Path) -> None:
    wrong = new_key(tmp_path / "wrong")
    known = tmp_path / "known_hosts"
    known.write_text(f"{ADDRESS} {wrong}\n", encoding="utf-8")
    ssh = tuple(f"UserKnownHostsFile={known}" if "UserKnownHostsFile" in word else word for word in stack.ssh_options)
    refused = replace(stack, ssh_options=ssh).ssh("true")
    assert refused.returncode
    assert "Host key verification failed" in refused.stderr


def test_a_second_update_finds_everything_unchanged(stack: Stack) -> None:
    stack.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    stack.pulumi("preview", "--refresh", "--expect-no-changes")


def test_a_replaced_machine_keeps_its_containers_and_their_data(stack: Stack) -> None:
    container = stack.answer("docker", "inspect", "--format", "{{.Id}}", "writer")
    first = stack.answer("docker", "exec", "writer", "cat", "/kept/first")
    second = stack.another_generation()
    second.pulumi("up", "--yes", "--skip-preview")
    assert second.answer("hostname") == "second"
    assert second.answer("docker", "inspect", "--format", "{{.Id}} {{.State.Status}}", "writer") == f"{container} running"
    assert second.answer("docker", "exec", "writer", "cat", "/kept/first") == first
    second.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")


def test_machines_reach_this_machine_by_the_link_alone(stack: Stack) -> None:
    rules = stack.answer("ip", "route", "show", "default")
    assert "via 10.248.0.1" in rules
    nowhere = stack.ssh("timeout", "5", "bash", "-c", "</dev/tcp/192.0.2.1/53")
    assert nowhere.returncode


def test_nothing_is_left_of_machines_and_hypervisor(stack: Stack, hypervisor: Hypervisor) -> None:
    stack.pulumi("destroy", "--yes")
    if hypervisor.before is None:
        pytest.skip("this hypervisor stays")
    ended = toolchain("down")
    assert ended.returncode == 0, ended.stdout
    assert traces() == hypervisor.before
