"""A server as a StatefulSet of one, with its volume, its Service and its files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components.kubernetes import network, outside
from components.kubernetes.manifest import NO_AWAIT, Manifest, Unit, opaque, secret
from components.kubernetes.servers import KINDS
from components.kubernetes.servers.kind import DATA, FILES, PASSWORD, TMP
from plat import names
from plat.kubernetes import labels, pods
from plat.kubernetes.flows import End
from plat.plan.model import Server

STORAGE = "5Gi"
"""Of a server whose descriptor says nothing."""

# A StatefulSet's name goes into a label together with a hash, for which there are 63 characters.
_LONGEST = 52
PASSWD = f"root:x:0:0::/root:/usr/sbin/nologin\nplat:x:{pods.USER}:{pods.USER}::{DATA}:/usr/sbin/nologin\n"
KNOWN = "passwd"
"""Who is known in a pod, and the file that says so."""

_SECONDS = 300  # for an image, a volume, and the start that its probe allows


def of_server(unit: Unit, server: Server) -> Sequence[Manifest]:
    """Everything of `server`: the last one is up when it answers."""
    kind = KINDS[server.kind]
    files = {PASSWORD: secret(server.admin_secret), "prepare.sh": kind.prepare(server), KNOWN: PASSWD, **kind.files(server)}
    hidden = unit.put("v1", "Secret", f"{server.name}--files", opaque(files))
    account = unit.put("v1", "ServiceAccount", server.name, {"automountServiceAccountToken": False})
    policy = network.of_server(unit, server)
    ports = {server.kind: server.port, **{name: port for name, port in server.extra_ports.items() if name == "management"}}
    service = unit.put("v1", "Service", server.name, {"spec": _service(server, ports)}, annotations=NO_AWAIT)
    before = [hidden, account, policy, service, *outside.of(unit, server, End.of_server(server).labels)]
    volume: list[Manifest] = [] if server.durability == "ephemeral" else [_volume(unit, server)]
    spec = {
        "serviceName": server.name,
        "replicas": 1,
        "selector": {"matchLabels": End.of_server(server).labels},
        "template": _pod(unit, server, ports),
    }
    name = names.resource_name(*server.name.split("--"), limit=_LONGEST)
    after = [*before, *volume]
    running = unit.put("apps/v1", "StatefulSet", name, {"spec": spec}, resource=server.name, after=after, seconds=_SECONDS)
    return [*before, *volume, running]


def _service(server: Server, ports: dict[str, int]) -> dict[str, Any]:
    found = [{"name": name, "port": port, "targetPort": name, "protocol": "TCP"} for name, port in ports.items()]
    # Whoever makes what is inside of it and whoever uses it wait for it themselves.
    return {"selector": End.of_server(server).labels, "ports": found}


def _volume(unit: Unit, server: Server) -> Manifest:
    storage_class = unit.cluster.storage_class
    spec: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": server.storage or STORAGE}},
    }
    spec |= {"storageClassName": storage_class} if storage_class else {}
    # Not by the StatefulSet: what Pulumi does not know it cannot protect. It is bound when a pod first asks for it.
    return unit.put("v1", "PersistentVolumeClaim", server.name, {"spec": spec}, annotations=NO_AWAIT, holds_data=True)


def _pod(unit: Unit, server: Server, ports: dict[str, int]) -> dict[str, Any]:
    kind = KINDS[server.kind]
    image, pull = unit.cluster.images[server.kind], unit.cluster.pull
    mounts = [
        pods.mount("data", DATA, writable=True),
        pods.mount("tmp", TMP, writable=True),
        pods.mount("files", FILES),
        # Some servers do not start for somebody whom nobody knows.
        pods.mount("files", "/etc/passwd", part=KNOWN),
    ]
    environment = [{"name": name, "value": value} for name, value in sorted(kind.environment(server).items())]
    script = ["/bin/sh", f"{FILES}/prepare.sh"]
    prepare = pods.container("prepare", image, kind.memory, pull, command=script, volumeMounts=mounts)
    opens = {"tcpSocket": {"port": server.kind}, "timeoutSeconds": 5}
    asks = {**kind.asks(server), "timeoutSeconds": 5} if kind.asks else opens
    running = pods.container(
        server.kind,
        image,
        kind.memory,
        pull,
        command=list(kind.command(server)),
        env=environment,
        ports=[{"name": name, "containerPort": port, "protocol": "TCP"} for name, port in ports.items()],
        volumeMounts=mounts,
        startupProbe={**opens, "periodSeconds": 2, "failureThreshold": 90},
        livenessProbe={**opens, "periodSeconds": 20, "failureThreshold": 3},
        readinessProbe={**asks, "periodSeconds": 3, "failureThreshold": 3},
    )
    data: dict[str, Any] = {"name": "data", "persistentVolumeClaim": {"claimName": server.name}}
    if server.durability == "ephemeral":
        data = pods.scratch("data", "1Gi")
    return pods.pod(
        {**labels.of_unit(unit.plan, unit.namespace, server.name), **End.of_server(server).labels},
        [running],
        serviceAccountName=server.name,
        terminationGracePeriodSeconds=kind.grace,
        initContainers=[prepare],
        volumes=[data, pods.scratch("tmp", "256Mi"), pods.from_secret("files", f"{server.name}--files")],
    )
