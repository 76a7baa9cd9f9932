"""A real API server on loopback, with its controllers and scheduler, and nodes and pods that kwok plays.

All of it lies in one folder and is ended with the block that it serves. What a contender asks of it is told apart from what
controllers, scheduler and kwok do, by a FlowSchema for the contender's user: the API server counts by these
(https://kubernetes.io/docs/concepts/cluster-administration/flow-control/).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.parts import Parts
from toolchain.cluster.api import Api
from toolchain.cluster.certificates import Identity, kubeconfig, make_certificates
from toolchain.cluster.daemons import APISERVER, CONTROLLER_MANAGER, ETCD, KUBE_SCHEDULER, Listening, control_plane
from toolchain.cluster.manifests import storage_class
from toolchain.cluster.places import Places
from toolchain.cluster.waiting import Waiting, accounts_are_made, api_is_ready
from toolchain.commands import Runner
from toolchain.sandbox.processes import Daemon, Processes
from toolchain.site import Site, write_whole

_LISTENING = Listening("127.0.0.1", api=26443, etcd=26379, etcd_peers=26380, controllers=26257, scheduler=26259)
_SERVER = f"https://{_LISTENING.address}:{_LISTENING.api}"
_KWOK_PORT = 26247
_KWOK = "kwok"
_PLAYER = Identity(_KWOK, _KWOK, "system:masters")
CONTENDER = Identity("contender", "contender")
"""Who all contenders are to it."""

_PENDING = "/api/v1/pods?fieldSelector=status.phase%3DPending&limit=1"
_EVENTS = "/api/v1/events?limit=1"
_LEASE_SECONDS = 600
"""Whenever kwok renews one, after a quarter of that, it lists the node's pods: for a thousand contexts half a processor."""
_PATIENT = "--node-monitor-grace-period=10m"
"""A busy machine's nodes are not taken for dead before their next renewal."""
_UNSCALED = "--controllers=*,-horizontal-pod-autoscaler-controller"
"""Nothing measures pods, and it would write so of each deployable every 15 seconds: of a thousand 145 requests a second."""
_FORGETFUL = "--event-ttl=5m"
"""A landscape that stands has not been brought up within the hour that events are kept for; what is measured here has."""
_NODES = 50  # of 250 pods each: more are asked for than run at a time, as Jobs are done
_COUNT = re.compile(
    rf'^apiserver_flowcontrol_dispatched_requests_total\{{flow_schema="{CONTENDER.user}",[^}}]*\}} (\S+)$', re.MULTILINE
)


def requests_in(metrics: str) -> int:
    """Give the requests of contenders that an API server's metrics tell of."""
    return sum(int(float(found)) for found in _COUNT.findall(metrics))


class ApiServer:
    """The API server that runs, seen by who measures."""

    def __init__(self, api: Api, access: Path) -> None:
        self._api = api
        self.access = access
        """The kubeconfig of contenders."""

    @property
    def requests(self) -> int:
        """How many requests contenders have made."""
        return requests_in(self._api.text("GET", "/metrics"))

    @property
    def has_forgotten(self) -> bool:
        """Whether there are no events any more, by which one could tell that something has changed lately."""
        return not self._api.get(_EVENTS)["items"]

    @property
    def is_settled(self) -> bool:
        """Whether every pod that has been asked for runs, or is done."""
        return not self._api.get(_PENDING)["items"]


class Cluster:
    """Brings such API servers up, one after another, each as if there had been none before."""

    def __init__(self, site: Site, parts: Parts, folder: Path) -> None:
        self._parts = parts
        self._places = Places(site, folder / "state", folder / "run")
        self._processes = Processes(self._places.run, self._places.logs)

    @property
    def access(self) -> Path:
        """Where the kubeconfig of contenders is while one serves."""
        return self._kubeconfig(CONTENDER)

    @contextmanager
    def serving(self, volumes: int) -> Iterator[ApiServer]:
        """Give one with nodes and so many free volumes; raises `SetupError` and `ApiError`."""
        self._places.run.mkdir(parents=True)
        try:
            yield self._up(volumes)
        finally:
            # The API server does not end before its time without etcd.
            for name in (_KWOK, KUBE_SCHEDULER, CONTROLLER_MANAGER, APISERVER, ETCD):
                if pid := self._processes.pid(name):
                    self._processes.end(pid)
            for folder in (self._places.state, self._places.run):
                shutil.rmtree(folder)

    def _up(self, volumes: int) -> ApiServer:
        pki, runner = self._places.pki, Runner("bench", self._places.logs / "bench.log")
        make_certificates(pki, runner, [_PLAYER, CONTENDER], _SERVER)
        for identity in (_PLAYER, CONTENDER):
            write_whole(self._kubeconfig(identity), kubeconfig(pki, identity, _SERVER), mode=0o600)
        api = Api(self._kubeconfig(_PLAYER))
        wanted = {daemon.name: daemon for daemon in control_plane(self._places, self._parts.kubernetes.folder, _LISTENING)}
        self._start(wanted[ETCD], _with(wanted[APISERVER], _FORGETFUL))
        waiting = Waiting(self._places.logs, lambda: self._processes.check([ETCD, APISERVER]))
        waiting.until("the API server gets ready", lambda: api_is_ready(api))
        self._start(_with(wanted[CONTROLLER_MANAGER], _UNSCALED, _PATIENT), wanted[KUBE_SCHEDULER], self._kwok())
        for item in (*_rights(), storage_class(), *map(_volume, range(volumes))):
            api.apply(item)
        for number in range(_NODES):
            api.create("/api/v1/nodes", _node(number))
        waiting = Waiting(self._places.logs, lambda: self._processes.check([*wanted, _KWOK]))
        waiting.until("the controllers work", lambda: accounts_are_made(api))
        waiting.until("the nodes get ready", lambda: all(map(_is_ready, api.get("/api/v1/nodes")["items"])))
        server = ApiServer(api, self.access)
        waiting.until("requests are counted", lambda: api_is_ready(Api(self.access)) and server.requests > 0)
        return server

    def _kubeconfig(self, identity: Identity) -> Path:
        return self._places.pki / f"{identity.file}.kubeconfig"

    def _start(self, *daemons: Daemon) -> None:
        for daemon in daemons:
            self._processes.start(daemon, ())

    def _kwok(self) -> Daemon:
        program = f"{self._parts.kwok.folder / 'kwok'}"
        played = ("--manage-all-nodes=true", f"--node-lease-duration-seconds={_LEASE_SECONDS}")
        options = (*played, f"--server-address=127.0.0.1:{_KWOK_PORT}")
        return Daemon(
            _KWOK,
            (program, f"--kubeconfig={self._kubeconfig(_PLAYER)}", *options),
            variables={"HOME": f"{self._places.state}"},
        )


def _with(daemon: Daemon, *options: str) -> Daemon:
    return replace(daemon, command=(*daemon.command, *options))


def _node(number: int) -> dict[str, Any]:
    name = f"played-{number:02}"
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    has = {"cpu": "1k", "memory": "1Ti", "ephemeral-storage": "10Ti", "pods": "250"}
    status = {"capacity": has, "allocatable": has}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}, "status": status}


def _is_ready(node: dict[str, Any]) -> bool:
    conditions = node.get("status", {}).get("conditions", [])
    untainted = not node["spec"].get("taints")
    return untainted and any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _volume(number: int) -> dict[str, Any]:
    spec = {
        "capacity": {"storage": "1Ti"},
        "accessModes": ["ReadWriteOnce"],
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": storage_class()["metadata"]["name"],
        "hostPath": {"path": f"/nowhere/{number}"},
    }
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": f"played-{number:04}"}, "spec": spec}


def _rights() -> list[dict[str, Any]]:
    """Let contenders do everything, and count it; nobody is held up."""
    group, flows = "rbac.authorization.k8s.io", "flowcontrol.apiserver.k8s.io/v1"
    binding = {
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"apiGroup": group, "kind": "User", "name": CONTENDER.user}],
    }
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": True, "namespaces": ["*"]}
    rule = {
        "subjects": [{"kind": "User", "user": {"name": CONTENDER.user}}],
        "resourceRules": [everything],
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
    }
    spec = {"matchingPrecedence": 2, "priorityLevelConfiguration": {"name": "exempt"}, "rules": [rule]}
    name = {"name": CONTENDER.user}
    return [
        {"apiVersion": f"{group}/v1", "kind": "ClusterRoleBinding", "metadata": name, **binding},
        {"apiVersion": flows, "kind": "FlowSchema", "metadata": name, "spec": spec},
    ]
