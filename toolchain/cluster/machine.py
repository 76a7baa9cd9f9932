"""What the cluster takes of the machine and gives back: namespaces, a link, control groups, kernel settings.

The network namespace keeps every rule of the firewall away from the machine's own. The mount namespace keeps what
containerd and kubelet mount, and what they write to folders that other clusters use too: when the last process in it has
ended, all is gone.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from toolchain.cluster.errors import TakenError
from toolchain.cluster.places import (
    API_ADDRESS,
    GATEWAY,
    HOST_ADDRESS,
    HOST_LINK,
    LINK_PREFIX,
    NAME,
    NODE_LINK,
    PODS,
    SERVICES,
    Places,
)
from toolchain.commands import Runner
from toolchain.site import write_whole

CGROUPS = Path("/sys/fs/cgroup")

_ROUTES = (f"{API_ADDRESS}/32", SERVICES, PODS)
_COVERED = ("/run/containerd", "/var/lib/cni", "/var/lib/kubelet", "/var/log/containers", "/var/log/pods")
"""Folders that daemons write to whatever they are told: in the mount namespace each is one of our own."""

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

    @property
    def whole(self) -> bool:
        """Whether both namespaces are there."""
        return self._places.network.exists() and self._namespace is not None

    def inside(self, *, mounts: bool) -> list[str]:
        """Give the beginning of a command that runs in the network namespace, and in that of mounts where it must.

        Not by `ip netns exec`, which covers /sys and hides the control groups.
        """
        both = [f"--mount={self._places.mounts}"] if mounts else []
        return ["nsenter", f"--net={self._places.network}", *both, "--"]

    def prepare(self) -> None:
        """Make what is missing; raises `TakenError` when somebody else has the cluster's addresses."""
        for folder in (self._places.state, self._places.run):
            folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        self._remember_settings()
        if not self._places.network.exists():
            self._make_network()
        if self._namespace is None:
            self._make_mounts()
        for hierarchy in _hierarchies():
            (hierarchy / NAME).mkdir(exist_ok=True)

    def kill(self, further: Callable[[], list[int]]) -> None:
        """End every process of ours at once: containers, those who hold them, and the daemons that are named."""
        for _ in range(_PASSES):
            running = {*further(), *_in_groups(), *self._in_mounts()}
            if not running:
                return
            for pid in running:
                _end(pid)
            time.sleep(_PAUSE)

    def release(self) -> None:
        """Give everything back that `prepare` took; nothing of ours may run any more."""
        self._unmount(self._places.mounts)
        self._unmount(self._places.run)
        self._quietly("ip", "link", "del", HOST_LINK)
        self._quietly("ip", "netns", "del", NAME)
        for hierarchy in _hierarchies():
            for group, _, _ in os.walk(hierarchy / NAME, topdown=False):
                _until_empty(Path(group))
        self._restore_settings()
        for folder in self._made():
            _remove_if_empty(folder)

    def _make_network(self) -> None:
        for network in _ROUTES:
            if lines := [line for line in self._run(["ip", "route", "show", network]) if line.strip()]:
                raise TakenError(network, lines[0])
        ours = ["ip", "-n", NAME]
        self._run(["ip", "netns", "add", NAME])
        self._run(["ip", "link", "add", HOST_LINK, "type", "veth", "peer", "name", NODE_LINK, "netns", NAME])
        self._run(["ip", "addr", "add", f"{HOST_ADDRESS}/{LINK_PREFIX}", "dev", HOST_LINK])
        self._run(["ip", "link", "set", HOST_LINK, "up"])
        self._run([*ours, "link", "set", "lo", "up"])
        self._run([*ours, "addr", "add", f"{API_ADDRESS}/32", "dev", "lo"])
        self._run([*ours, "addr", "add", f"{GATEWAY}/{LINK_PREFIX}", "dev", NODE_LINK])
        self._run([*ours, "link", "set", NODE_LINK, "up"])
        # Without a default route addresses of Services are unreachable before they are translated.
        self._run([*ours, "route", "add", "default", "via", HOST_ADDRESS])
        self._run([*self.inside(mounts=False), "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"])
        for network in _ROUTES:
            self._run(["ip", "route", "add", network, "via", GATEWAY])

    def _make_mounts(self) -> None:
        """Make a mount namespace that lasts without a process: bound to a file, below a mount that is not shared."""
        run, mounts = self._places.run, self._places.mounts
        if not _is_mounted(run):
            self._run(["mount", "--bind", f"{run}", f"{run}"])
            self._run(["mount", "--make-private", f"{run}"])
        mounts.touch()
        self._run(["unshare", f"--mount={mounts}", "--propagation", "private", "true"])
        enter = ["nsenter", f"--mount={mounts}", "--"]
        self._run([*enter, "mount", "--make-rshared", "/"])
        made = self._made()
        for covered in map(Path, _COVERED):
            made += _make(covered)
            ours = self._places.state / "covered" / covered.name
            ours.mkdir(parents=True, exist_ok=True)
            self._run([*enter, "mount", "--bind", f"{ours}", f"{covered}"])
        write_whole(self._made_file, json.dumps([f"{folder}" for folder in made]))

    @property
    def _namespace(self) -> int | None:
        """The number of our mount namespace; None where there is none. A plain file has another file system's."""
        try:
            found = self._places.mounts.stat()
            return found.st_ino if found.st_dev == Path("/proc/self/ns/mnt").stat().st_dev else None
        except OSError:
            return None

    def _in_mounts(self) -> Iterator[int]:
        ours = self._namespace
        for process in Path("/proc").glob("[0-9]*") if ours is not None else ():
            try:
                if (process / "ns" / "mnt").stat().st_ino == ours:
                    yield int(process.name)
            except OSError:
                continue

    def _unmount(self, path: Path) -> None:
        while _is_mounted(path) or (path == self._places.mounts and self._namespace is not None):
            self._run(["umount", "--lazy", f"{path}"])

    @property
    def _made_file(self) -> Path:
        return self._places.state / "made.json"

    def _made(self) -> list[Path]:
        """The mount points that were not there before us, the lowest first."""
        if not self._made_file.exists():
            return []
        return [Path(folder) for folder in json.loads(self._made_file.read_text(encoding="utf-8"))]

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

    def _quietly(self, *command: str) -> None:
        subprocess.run(command, capture_output=True, check=False)


def _is_mounted(path: Path) -> bool:
    """Whether something is mounted there. `Path.is_mount` does not know a folder that is bound to itself."""
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    return any(line.split()[1] == f"{path}" for line in mounts)


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


def _end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


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


def _make(folder: Path) -> list[Path]:
    """Make a folder with those above it, and name the ones that were missing, the lowest first."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return  # somebody else uses it by now


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
