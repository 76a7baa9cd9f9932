"""What the cluster takes of the machine and gives back: namespaces, a link, control groups, kernel settings."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from toolchain.cluster.places import (
    API_ADDRESS,
    GATEWAY,
    HOST_ADDRESS,
    HOST_LINK,
    KIND,
    LINK_PREFIX,
    NAME,
    NODE_LINK,
    PODS,
    SERVICES,
    Places,
)
from toolchain.commands import Runner
from toolchain.sandbox.namespaces import Link, Namespaces, Room, kill_all
from toolchain.site import write_whole

CGROUPS = Path("/sys/fs/cgroup")

_LINK = Link(HOST_LINK, HOST_ADDRESS, NODE_LINK, GATEWAY, LINK_PREFIX, (f"{API_ADDRESS}/32", SERVICES, PODS))
_COVERED = ("/run/containerd", "/var/lib/cni", "/var/lib/kubelet", "/var/log/containers", "/var/log/pods")
"""Folders that daemons write to whatever they are told."""

_SETTINGS = (
    "kernel/keys/root_maxbytes",
    "kernel/keys/root_maxkeys",
    "kernel/panic",
    "kernel/panic_on_oops",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
)
"""What the kubelet sets for the whole machine."""

_SYSTEM = Path("/proc/sys")
_PASSES = 200
_PAUSE = 0.02


class Machine:
    """The machine's side of the cluster."""

    def __init__(self, places: Places, runner: Runner) -> None:
        self._places = places
        self._run = runner.run
        self._namespaces = Namespaces(KIND, Room(NAME, places.run, places.state, _LINK, _COVERED), runner)
        self.inside = self._namespaces.inside

    @property
    def whole(self) -> bool:
        """Whether both namespaces are there."""
        return self._namespaces.whole

    def prepare(self) -> None:
        """Make what is missing; raises `TakenError` when somebody else has the cluster's addresses."""
        for folder in (self._places.state, self._places.run):
            folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        self._remember_settings()
        self._namespaces.prepare(self._complete_network)
        for hierarchy in _hierarchies():
            (hierarchy / NAME).mkdir(exist_ok=True)

    def kill(self, further: Callable[[], list[int]]) -> None:
        """End every process of ours at once: containers, those who hold them, and the daemons that are named."""

        def running() -> Iterator[int]:
            yield from (*further(), *_in_groups(), *self._namespaces.processes())

        kill_all(running)

    def release(self) -> None:
        """Give everything back that `prepare` took; nothing of ours may run any more."""
        self._namespaces.release()
        for hierarchy in _hierarchies():
            for group, _, _ in os.walk(hierarchy / NAME, topdown=False):
                _until_empty(Path(group))
        self._restore_settings()

    def _complete_network(self) -> None:
        ours = ["ip", "-n", NAME]
        self._run([*ours, "addr", "add", f"{API_ADDRESS}/32", "dev", "lo"])
        # Without a default route addresses of Services are unreachable before they are translated.
        self._run([*ours, "route", "add", "default", "via", HOST_ADDRESS])

    @property
    def _settings_file(self) -> Path:
        return self._places.run / "settings.json"

    def _remember_settings(self) -> None:
        if not self._settings_file.exists():
            values = {name: _read(_SYSTEM / name) for name in _SETTINGS}
            write_whole(self._settings_file, json.dumps(values))

    def _restore_settings(self) -> None:
        if self._settings_file.exists():
            for name, value in json.loads(self._settings_file.read_text(encoding="utf-8")).items():
                if value and _read(_SYSTEM / name) != value:
                    (_SYSTEM / name).write_text(value, encoding="utf-8")


def _hierarchies() -> list[Path]:
    """The roots of the control groups: one for each controller in version 1, one for all in version 2."""
    if (CGROUPS / "cgroup.controllers").exists():
        return [CGROUPS]
    return sorted({each.resolve() for each in CGROUPS.iterdir() if (each / "cgroup.procs").exists()})


def _in_groups() -> Iterator[int]:
    for hierarchy in _hierarchies():
        for group in (hierarchy / NAME).rglob("cgroup.procs"):
            try:
                yield from map(int, group.read_text(encoding="utf-8").split())
            except OSError:
                continue


def _until_empty(group: Path) -> None:
    """Remove a control group; the kernel may need a moment after its last process has ended."""
    for _ in range(_PASSES):
        try:
            group.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(_PAUSE)
        else:
            return


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
