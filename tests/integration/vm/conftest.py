"""A hypervisor of the tests' own, unless there is one that stays."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.integration.main_job.checkout import PYTHON

ROOT = Path(__file__).resolve().parents[3]
OF_ONES_OWN = "PLAT_TEST_HYPERVISOR"
"""A variable: the URI of a hypervisor that is there and stays, instead of one that these tests make and end."""


@dataclass(frozen=True)
class Traces:
    """What a hypervisor could leave on the machine."""

    links: frozenset[str]
    routes: frozenset[str]
    mounts: frozenset[str]
    namespaces: frozenset[str]
    processes: frozenset[str]
    folders: frozenset[str]


@dataclass(frozen=True)
class Hypervisor:
    """Where it is, where its disk images are, and what there was before it; None where it is not the tests' own."""

    uri: str
    disks: Path
    before: Traces | None


def toolchain(*words: str, timeout: float = 3000) -> subprocess.CompletedProcess[str]:
    """One of the commands that make and end the hypervisor."""
    return subprocess.run(
        [PYTHON, "-m", "toolchain.vm", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )


def traces() -> Traces:
    """What there is of the hypervisor now; others' clusters and containers may come and go meanwhile."""
    found = psutil.process_iter(["name", "status"])
    # What has ended stays in the table until its parent asks for it.
    processes = [process.info["name"] for process in found if process.info["status"] != psutil.STATUS_ZOMBIE]
    places = map(Path, ("/etc", "/run", "/var/cache", "/var/lib", "/var/log"))
    folders = [f"{folder}" for place in places for folder in place.iterdir()]
    return Traces(
        links=_ours(_lines("ip", "-brief", "link")),
        routes=_ours(_lines("ip", "route")),
        mounts=_ours(_text(Path("/proc/self/mounts")).splitlines()),
        namespaces=_ours(_lines("ip", "netns")),
        processes=frozenset(name for name in processes if name in {"libvirtd", "virtlogd"} or name.startswith("qemu-system")),
        folders=_ours(folders),
    )


def _ours(lines: list[str]) -> frozenset[str]:
    marks = ("plat-hypervisor", "plat-vm", "10.248.", "libvirt")
    return frozenset(line for line in lines if any(mark in line for mark in marks))


def _lines(*command: str) -> list[str]:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


@pytest.fixture(scope="module")
def hypervisor() -> Iterator[Hypervisor]:
    """One for each module: what one ends or breaks is none of the next one's."""
    disks = ROOT / ".plat" / "vm"
    if there := os.environ.get(OF_ONES_OWN):
        yield Hypervisor(there, disks, None)
        return
    built = toolchain("build")
    assert built.returncode == 0, built.stdout
    before = traces()
    try:
        up = toolchain("up")
        assert up.returncode == 0, up.stdout
        yield Hypervisor("qemu+unix:///system?socket=/run/plat-hypervisor/libvirt-sock", disks, before)
    finally:
        ended = toolchain("down")
    assert ended.returncode == 0, ended.stdout
