"""A network namespace with a link to the machine, and a mount namespace: what a sandbox takes of the machine and gives back.

The network namespace keeps every rule of the firewall away from the machine's own. The mount namespace keeps what daemons
mount, and what they write to folders that others use too: when the last process in it has ended, all is gone.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolchain.commands import Runner
from toolchain.sandbox.errors import TakenError
from toolchain.sandbox.kind import Kind
from toolchain.site import write_whole

_PASSES = 200
_PAUSE = 0.02


@dataclass(frozen=True)
class Link:
    """The pair of devices between the machine and the namespace: each end's name and address, and the prefix's length.

    The routes are networks that the machine reaches through it.
    """

    outer: str
    outer_address: str
    inner: str
    inner_address: str
    prefix: int
    routes: Sequence[str]


@dataclass(frozen=True)
class Room:
    """What both namespaces are made by: the network's name and link, the folders, and what the mounts cover.

    `run` is for what a reboot forgets, `state` for what ends with the sandbox. Covered are folders that daemons write to
    whatever they are told: in the mount namespace each is one of our own. Hidden are files that only root
    may touch there, and finds empty.
    """

    name: str
    run: Path
    state: Path
    link: Link
    covered: Sequence[str]
    hidden: Sequence[str] = ()


class Namespaces:
    """Both namespaces, each a file to enter it by."""

    def __init__(self, kind: Kind, room: Room, runner: Runner) -> None:
        self._kind = kind
        self._room = room
        self._run = runner.run
        self._network = Path("/run/netns") / room.name
        self._mounts = room.run / "mounts"

    @property
    def whole(self) -> bool:
        """Whether both namespaces are there."""
        return self._network.exists() and self._namespace is not None

    def inside(self, *, mounts: bool) -> list[str]:
        """Give the beginning of a command that runs in the network namespace, and in that of mounts where it must.

        Not by `ip netns exec`, which covers /sys and hides the control groups.
        """
        both = [f"--mount={self._mounts}"] if mounts else []
        return ["nsenter", f"--net={self._network}", *both, "--"]

    def prepare(self, network: Callable[[], None]) -> None:
        """Make what is missing, the network by the function that is given; raises `TakenError`.

        That is when somebody else has a route to where the link leads.
        """
        if not self._network.exists():
            self._make_network()
            network()
        if self._namespace is None:
            self._make_mounts()

    def covered(self, folder: str) -> Path:
        """Give the folder of our own that is seen inside at a covered one, or below it."""
        return self._room.state / "covered" / folder.lstrip("/")

    def processes(self) -> Iterator[int]:
        """Give every process in the mount namespace."""
        ours = self._namespace
        for process in Path("/proc").glob("[0-9]*") if ours is not None else ():
            try:
                if (process / "ns" / "mnt").stat().st_ino == ours:
                    yield int(process.name)
            except OSError:
                continue

    def release(self) -> None:
        """Give both back; nothing may run in them any more. Whatever was made in the network goes with it."""
        self._unmount(self._mounts)
        self._unmount(self._room.run)
        self._quietly("ip", "link", "del", self._room.link.outer)
        self._quietly("ip", "netns", "del", self._room.name)
        for folder in self._made():
            _remove_if_empty(folder)

    def _make_network(self) -> None:
        link, ours = self._room.link, ["ip", "-n", self._room.name]
        for network in link.routes:
            if lines := [line for line in self._run(["ip", "route", "show", network]) if line.strip()]:
                raise TakenError(network, lines[0], self._kind)
        self._run(["ip", "netns", "add", self._room.name])
        self._run(["ip", "link", "add", link.outer, "type", "veth", "peer", "name", link.inner, "netns", self._room.name])
        self._run(["ip", "addr", "add", f"{link.outer_address}/{link.prefix}", "dev", link.outer])
        self._run(["ip", "link", "set", link.outer, "up"])
        self._run([*ours, "link", "set", "lo", "up"])
        self._run([*ours, "addr", "add", f"{link.inner_address}/{link.prefix}", "dev", link.inner])
        self._run([*ours, "link", "set", link.inner, "up"])
        self._run([*self.inside(mounts=False), "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"])
        for network in link.routes:
            self._run(["ip", "route", "add", network, "via", link.inner_address])

    def _make_mounts(self) -> None:
        """Make a mount namespace that lasts without a process: bound to a file, below a mount that is not shared."""
        run, mounts = self._room.run, self._mounts
        if not _is_mounted(run):
            self._run(["mount", "--bind", f"{run}", f"{run}"])
            self._run(["mount", "--make-private", f"{run}"])
        mounts.touch()
        self._run(["unshare", f"--mount={mounts}", "--propagation", "private", "true"])
        enter = ["nsenter", f"--mount={mounts}", "--"]
        self._run([*enter, "mount", "--make-rshared", "/"])
        made = self._made()
        for covered in map(Path, self._room.covered):
            made += _make(covered)
            ours = self.covered(f"{covered}")
            ours.mkdir(parents=True, exist_ok=True)
            self._run([*enter, "mount", "--bind", f"{ours}", f"{covered}"])
        for hidden in filter(os.path.exists, self._room.hidden):
            ours = self.covered(hidden)
            ours.parent.mkdir(parents=True, exist_ok=True)
            ours.touch(mode=0)
            self._run([*enter, "mount", "--bind", f"{ours}", hidden])
        write_whole(self._made_file, json.dumps([f"{folder}" for folder in made]))

    @property
    def _namespace(self) -> int | None:
        """The number of our mount namespace; None where there is none. A plain file has another file system's."""
        try:
            found = self._mounts.stat()
            return found.st_ino if found.st_dev == Path("/proc/self/ns/mnt").stat().st_dev else None
        except OSError:
            return None

    def _unmount(self, path: Path) -> None:
        while _is_mounted(path) or (path == self._mounts and self._namespace is not None):
            self._run(["umount", "--lazy", f"{path}"])

    @property
    def _made_file(self) -> Path:
        return self._room.state / "made.json"

    def _made(self) -> list[Path]:
        """The mount points that were not there before us, the lowest first."""
        if not self._made_file.exists():
            return []
        return [Path(folder) for folder in json.loads(self._made_file.read_text(encoding="utf-8"))]

    def _quietly(self, *command: str) -> None:
        subprocess.run(command, capture_output=True, check=False)


def kill_all(running: Callable[[], Iterator[int]]) -> None:
    """End processes at once, and those that appear meanwhile, until there is none."""
    for _ in range(_PASSES):
        pids = set(running())
        if not pids:
            return
        for pid in pids:
            _end(pid)
        time.sleep(_PAUSE)


def _is_mounted(path: Path) -> bool:
    """Whether something is mounted there. `Path.is_mount` does not know a folder that is bound to itself."""
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    return any(line.split()[1] == f"{path}" for line in mounts)


def _end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
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
