"""Brings the cluster up, mends it, tells about it and takes it down."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from toolchain.cluster.addons.addon import Certificate, Object
from toolchain.cluster.addons.bringing import bring, is_there
from toolchain.cluster.addons.parts import AddOnParts
from toolchain.cluster.api import Api
from toolchain.cluster.build import Built
from toolchain.cluster.certificates import ADMINISTRATOR, AUTHORITY, encoded, make_certificates
from toolchain.cluster.daemons import APISERVER, CONTAINERD, CONTROLLER_MANAGER, ETCD, KUBE_SCHEDULER, Programs, daemons
from toolchain.cluster.errors import ApiError, NotRunningError
from toolchain.cluster.images import Store, full_name
from toolchain.cluster.machine import Machine
from toolchain.cluster.manifests import dns, further_volumes, storage_class, volume
from toolchain.cluster.places import KIND, SERVER, Places
from toolchain.cluster.waiting import Waiting, accounts_are_made, api_is_ready, dns_answers, node_is_ready
from toolchain.commands import Runner
from toolchain.progress import Progress
from toolchain.sandbox.errors import NotBuiltError, NotRootError
from toolchain.sandbox.owner import claim, owner_in
from toolchain.sandbox.processes import Daemon, Processes
from toolchain.site import write_whole

_DAEMONS = (
    CONTAINERD,
    ETCD,
    APISERVER,
    CONTROLLER_MANAGER,
    KUBE_SCHEDULER,
    "kubelet",
    "kube-proxy",
    "kube-router",
)
_BRINGING, _TAKING, _NAMING = "bringing it up", "taking it down", "naming an image"
_VOLUMES = "/api/v1/persistentvolumes"
_VERSION = re.compile(r"\d+\.\d+[\w.~+-]*")


@dataclass(frozen=True)
class Running:
    """A daemon: its version, and its process if it runs."""

    name: str
    version: str
    pid: int | None


@dataclass(frozen=True)
class Added:
    """An add-on: its version, and whether it does what it is for."""

    name: str
    version: str
    available: bool


@dataclass(frozen=True)
class Status:
    """What there is of the cluster."""

    running: bool
    ready: bool
    owner: str | None
    server: str
    kubeconfig: str | None
    daemons: tuple[Running, ...]
    addons: tuple[Added, ...]

    @property
    def document(self) -> dict[str, object]:
        """The same for programs."""
        return asdict(self)


class Cluster:
    """This machine's cluster, as seen from one checkout."""

    def __init__(self, places: Places, built: Built) -> None:
        self._places = places
        self._built = built
        self._runner = Runner("cluster", places.site.logs / "cluster.log")
        self._machine = Machine(places, self._runner)
        self._processes = Processes(places.run, places.logs)

    @property
    def owner(self) -> Path | None:
        """The checkout that the cluster was made for."""
        return owner_in(self._places.owner)

    def up(self, progress: Progress) -> bool:
        """Bring everything up that is not, and tell whether anything had to be started.

        Raises `OwnedElsewhereError`, `NotBuiltError`, `NotRootError`, and what a daemon's failure raises.
        """
        if not self._places.site.root:
            raise NotRootError(_BRINGING, KIND)
        if missing := self._built.missing:
            raise NotBuiltError(missing, KIND)
        if not claim(self._places.owner, self._places.site.checkout, KIND, running=bool(self._processes.running)):
            self._clear()  # what a reboot or another checkout has left
            claim(self._places.owner, self._places.site.checkout, KIND, running=False)
        if not self._machine.whole:
            self._machine.kill(lambda: self._processes.running)  # they would run on in namespaces that nobody finds any more
        self._machine.prepare()
        further = [each.addon.certificate for each in self._built.addons if each.addon.certificate]
        make_certificates(self._places.pki, self._runner, further)
        wanted = {daemon.name: daemon for daemon in daemons(self._places, self._programs)}
        late = [daemon for daemon in wanted.values() if not self._processes.current(daemon)]
        self._start_all(wanted, progress)
        new = self._bring_addons(progress)
        self._write_kubeconfig()
        return bool(late or new)

    def down(self, progress: Progress) -> Path | None:
        """End and remove everything, unless the cluster is another checkout's: that one is named and left alone."""
        self._remove_kubeconfig()
        owner = self.owner
        if owner not in (None, self._places.site.checkout):
            return owner
        if not self._places.site.root:
            raise NotRootError(_TAKING, KIND)
        with progress.step("cluster") as step:
            there = owner is not None or self._places.state.exists()
            step.note("ending all processes")
            self._clear()
            step.done("stopped, nothing is left of it" if there else "none was there")
        return None

    def status(self) -> Status:
        """Tell what runs."""
        versions = self._built.versions | {CONTAINERD: _version_of("containerd", "--version")}
        found = tuple(Running(name, versions.get(name, ""), self._processes.pid(name)) for name in _DAEMONS)
        kubeconfig = self._places.kubeconfig
        running = all(daemon.pid for daemon in found)
        return Status(
            running=running,
            ready=running and self._is_ready(),
            owner=f"{self.owner}" if self.owner else None,
            server=SERVER,
            kubeconfig=f"{kubeconfig}" if kubeconfig.exists() else None,
            daemons=found,
            addons=tuple(Added(each.addon.name, each.version, running and self._has(each)) for each in self._built.addons),
        )

    def tag(self, names: Sequence[str]) -> list[str]:
        """Give the base image further names, and tell what they are in full; raises `NotRunningError`, `UnusableNameError`."""
        full = [full_name(name) for name in names]
        if not self._processes.pid(CONTAINERD):
            raise NotRunningError(_NAMING)
        Store(self._places, self._runner).tag(full)
        return full

    @property
    def _programs(self) -> Programs:
        return Programs(self._built.kubernetes.folder, self._built.kube_router.folder)

    def _start_all(self, wanted: dict[str, Daemon], progress: Progress) -> None:
        waiting = Waiting(self._places.logs, lambda: self._processes.check([*started]))
        started: list[str] = []

        def start(*names: str) -> None:
            for name in names:
                if not self._processes.current(wanted[name]):
                    self._replace(wanted[name])
                started.append(name)

        with ThreadPoolExecutor(1) as threads:
            with progress.step("control plane") as step:
                start(CONTAINERD, ETCD)
                importing = threads.submit(self._import, waiting, progress)
                start(APISERVER)
                step.note("waiting for the API server")
                api = self._api
                waiting.until("the API server gets ready", lambda: api_is_ready(api))
                start(CONTROLLER_MANAGER, KUBE_SCHEDULER, "kube-proxy")
                waiting.until("the controllers work", lambda: accounts_are_made(api))
                step.done(f"Kubernetes {self._built.kubernetes.version} on {SERVER}")
            with progress.step("objects") as step:
                made = self._apply(api)
                step.done(f"DNS, storage class, {made} volumes made" if made else "DNS, storage class and volumes are there")
            importing.result()
        with progress.step("node") as step:
            start("kubelet")
            step.note("waiting for the node")
            waiting.until("the node gets ready", lambda: node_is_ready(api))
            start("kube-router")  # it looks for the node once, when it starts
            step.note("waiting for DNS")
            waiting.until("DNS answers", dns_answers)
            step.done("ready, DNS answers")

    def _bring_addons(self, progress: Progress) -> bool:
        """Bring metrics and operators up, and tell whether any of them is new."""
        waiting = Waiting(self._places.logs, lambda: self._processes.check(_DAEMONS))
        new = False
        for each in self._built.addons:
            with progress.step(each.addon.name) as step:
                new |= not self._has(each)
                step.note("waiting until it is available")
                bring(self._api, self._objects(each), waiting)
                step.done(f"{each.version}, available")
        write_whole(self._places.operators, "".join(f"{name}\n" for name in self._built.operators))
        return new

    def _objects(self, parts: AddOnParts) -> list[Object]:
        identity, pki = parts.addon.certificate, self._places.pki
        if identity is None:
            return parts.objects(None)
        files = (f"{identity.file}.key", f"{identity.file}.crt", f"{AUTHORITY}.crt")
        return parts.objects(Certificate(*(encoded(pki / name) for name in files)))

    def _has(self, parts: AddOnParts) -> bool:
        try:
            return not parts.missing and all(is_there(self._api, item) for item in self._objects(parts))
        except (ApiError, OSError):
            return False

    def _import(self, waiting: Waiting, progress: Progress) -> None:
        with progress.step("images") as step:
            waiting.until("containerd answers", self._containerd_answers)
            store = Store(self._places, self._runner)
            step.note("importing what is not there")
            images = self._built.images
            if not self._processes.pid("kubelet"):
                store.keep_only(images)
            new = store.fill(images)
            step.done(f"imported {', '.join(new)}" if new else "are there")

    def _containerd_answers(self) -> bool:
        return subprocess.run([*self._places.ctr, "version"], capture_output=True, check=False).returncode == 0

    def _replace(self, daemon: Daemon) -> None:
        """Start a daemon, after ending one that was started in another way."""
        if pid := self._processes.pid(daemon.name):
            self._processes.end(pid)
        self._processes.start(daemon, self._machine.inside(mounts=daemon.mounts))

    @property
    def _api(self) -> Api:
        return Api(self._places.pki / f"{ADMINISTRATOR.file}.kubeconfig")

    def _apply(self, api: Api) -> int:
        for item in [*dns(self._built.dns_name), storage_class()]:
            api.apply(item)
        volumes = api.get(_VOLUMES)["items"]
        names = {each["metadata"]["name"] for each in volumes}
        free = sum(each["status"].get("phase") in {"Available", "Pending"} for each in volumes)
        new = list(further_volumes(names, free))
        for name in new:
            folder = self._places.volumes / name
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o777)  # whichever user a pod runs as
            api.apply(volume(name, folder))
        return len(new)

    def _is_ready(self) -> bool:
        try:
            return api_is_ready(self._api) and node_is_ready(self._api) and dns_answers()
        except (ApiError, OSError):
            return False

    def _clear(self) -> None:
        self._machine.kill(lambda: self._processes.running)
        self._machine.release()
        for folder in (self._places.state, self._places.run):
            shutil.rmtree(folder, ignore_errors=True)

    def _write_kubeconfig(self) -> None:
        ours = (self._places.pki / f"{ADMINISTRATOR.file}.kubeconfig").read_text(encoding="utf-8")
        kubeconfig = self._places.kubeconfig
        kubeconfig.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(kubeconfig, ours, mode=0o600)

    def _remove_kubeconfig(self) -> None:
        shutil.rmtree(self._places.kubeconfig.parent, ignore_errors=True)


def _version_of(*command: str) -> str:
    found = subprocess.run(command, capture_output=True, text=True, check=False) if shutil.which(command[0]) else None
    match = _VERSION.search(found.stdout) if found else None
    return match[0] if match else ""
