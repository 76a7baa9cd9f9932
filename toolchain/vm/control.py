"""Brings the hypervisor up, mends it, tells about it and takes it down."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from toolchain.commands import Runner
from toolchain.progress import Progress
from toolchain.sandbox.errors import NotBuiltError, NotRootError
from toolchain.sandbox.namespaces import Link, Namespaces, Room, kill_all
from toolchain.sandbox.owner import claim, owner_in
from toolchain.sandbox.processes import Daemon, Processes
from toolchain.sandbox.waiting import Waiting
from toolchain.site import write_whole
from toolchain.vm.build import Built
from toolchain.vm.daemons import COVERED, FURNISHED, HIDDEN, LIBVIRTD, VIRTLOGD, daemons, network, pool, qemu_settings, rules
from toolchain.vm.places import (
    GATEWAY,
    HOST_ADDRESS,
    HOST_LINK,
    INNER_LINK,
    KIND,
    LINK_PREFIX,
    MACHINES,
    NAME,
    NETWORK,
    POOL,
    Places,
)

_LINK = Link(HOST_LINK, HOST_ADDRESS, INNER_LINK, GATEWAY, LINK_PREFIX, (MACHINES,))
_BRINGING, _TAKING = "bringing it up", "taking it down"


@dataclass(frozen=True)
class Status:
    """What there is of the hypervisor: its daemons' processes, and its machines by name with what they do."""

    ready: bool
    owner: str | None
    uri: str
    disks: str
    daemons: dict[str, int | None]
    machines: dict[str, str]

    @property
    def document(self) -> dict[str, object]:
        """The same for programs."""
        return asdict(self)


class Hypervisor:
    """This machine's hypervisor, as seen from one checkout."""

    def __init__(self, places: Places, built: Built) -> None:
        self._places = places
        self._built = built
        self._runner = Runner(KIND.name, places.site.logs / "hypervisor.log")
        room = Room(NAME, places.run, places.state, _LINK, COVERED, HIDDEN)
        self._namespaces = Namespaces(KIND, room, self._runner)
        self._processes = Processes(places.run, places.logs)

    @property
    def owner(self) -> Path | None:
        """The checkout that it was made for."""
        return owner_in(self._places.owner)

    def up(self, progress: Progress) -> bool:
        """Bring everything up that is not, and tell whether anything had to be started.

        Raises `OwnedElsewhereError`, `NotBuiltError`, `NotRootError`, and what a daemon's failure raises.
        """
        places = self._places
        if not places.site.root:
            raise NotRootError(_BRINGING, KIND)
        if missing := self._built.missing:
            raise NotBuiltError(missing, KIND)
        if not claim(places.owner, places.site.checkout, KIND, running=bool(self._processes.running)):
            self._clear()  # what a reboot or another checkout has left
            claim(places.owner, places.site.checkout, KIND, running=False)
        if not self._namespaces.whole:
            kill_all(self._running)  # they would run on in namespaces that nobody finds any more
        for folder in (places.state, places.run, places.pool):
            folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        self._namespaces.prepare(self._close)
        self._furnish()
        with progress.step(KIND.name) as step:
            late = [daemon for daemon in daemons(places) if not self._processes.current(daemon)]
            for daemon in late:
                self._replace(daemon)
            step.note("waiting for libvirt")
            waiting = Waiting(places.logs, lambda: self._processes.check([VIRTLOGD, LIBVIRTD]))
            waiting.until("libvirt answers", lambda: self._virsh("uri").returncode == 0)
            step.note("making the network and the pool")
            self._define("net", NETWORK, network())
            self._define("pool", POOL, pool(places))
            step.done(f"libvirt {self._version}, network {NETWORK} {MACHINES}, pool {POOL}")
        return bool(late)

    def down(self, progress: Progress) -> Path | None:
        """End and remove everything, unless the hypervisor is another checkout's: that one is named and left alone."""
        if self.owner not in (None, self._places.site.checkout):
            return self.owner
        if not self._places.site.root:
            raise NotRootError(_TAKING, KIND)
        with progress.step(KIND.name) as step:
            there = self.owner is not None or self._places.state.exists()
            step.note("ending all machines")
            self._clear()
            step.done("stopped, nothing is left of it" if there else "none was there")
        return None

    def status(self) -> Status:
        """Tell what runs."""
        found = {name: self._processes.pid(name) for name in (VIRTLOGD, LIBVIRTD)}
        listed = self._virsh("list", "--all", "--name") if all(found.values()) else None
        names = listed.stdout.split() if listed and listed.returncode == 0 else []
        return Status(
            ready=bool(listed and listed.returncode == 0),
            owner=f"{self.owner}" if self.owner else None,
            uri=self._places.uri,
            disks=f"{self._places.disks}",
            daemons=found,
            machines={name: self._virsh("domstate", name).stdout.strip() for name in names},
        )

    def _close(self) -> None:
        """Give the namespace its firewall before any machine is in it."""
        file = self._places.run / "rules.nft"
        write_whole(file, rules())
        self._runner.run([*self._namespaces.inside(mounts=False), "nft", "--file", f"{file}"])

    def _furnish(self) -> None:
        """Write what libvirt reads, and make folders that it takes for granted."""
        for folder in FURNISHED:
            self._namespaces.covered(folder).mkdir(parents=True, exist_ok=True)
        write_whole(self._namespaces.covered("/etc/libvirt") / "qemu.conf", qemu_settings())

    def _replace(self, daemon: Daemon) -> None:
        """Start a daemon, after ending one that was started in another way; machines run on meanwhile."""
        if pid := self._processes.pid(daemon.name):
            self._processes.end(pid)
        enter = self._namespaces.inside(mounts=True)
        self._processes.start(daemon, enter)

    def _define(self, kind: str, name: str, document: str) -> None:
        """Make a network or a pool, unless it is there, and start it."""
        if self._virsh(f"{kind}-info", name).returncode:
            file = self._places.settings / f"{kind}.xml"
            write_whole(file, document)
            self._must(f"{kind}-define", f"{file}")
        if name not in self._must(f"{kind}-list", "--name"):
            self._must(f"{kind}-start", name)

    @property
    def _version(self) -> str:
        return self._must("version", "--daemon")[-1].split()[-1]

    def _must(self, *words: str) -> list[str]:
        return [line.strip() for line in self._runner.run([*self._client, *words]) if line.strip()]

    def _virsh(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*self._client, *words], capture_output=True, text=True, check=False)

    @property
    def _client(self) -> tuple[str, ...]:
        return ("virsh", "--quiet", "--connect", self._places.uri)

    def _running(self) -> Iterator[int]:
        yield from (*self._processes.running, *self._namespaces.processes())

    def _clear(self) -> None:
        kill_all(self._running)
        self._namespaces.release()
        for folder in (self._places.state, self._places.run):
            shutil.rmtree(folder, ignore_errors=True)
