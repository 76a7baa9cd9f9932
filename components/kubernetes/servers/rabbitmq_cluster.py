"""RabbitMQ by its cluster operator: a `RabbitmqCluster` whose pods are as restricted as all others.

https://www.rabbitmq.com/kubernetes/operator/using-operator. The administrator is ours and not one that the operator makes up,
and so are the volumes: the operator's would be deleted with what it makes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from components.kubernetes import network, outside
from components.kubernetes.manifest import NO_AWAIT, Hidden, Manifest, Unit, opaque, secret, until
from components.kubernetes.servers.kind import FILES, TMP
from components.kubernetes.servers.pod import KNOWN, PASSWD, STORAGE
from components.kubernetes.servers.rabbitmq import MEMORY, PATH, SETTINGS, as_settings, definitions
from plat.kubernetes import labels, pods
from plat.kubernetes.flows import RABBITMQ_OPERATOR, End, command_ports
from plat.plan.model import Cluster, SecretRef, Server

API = "rabbitmq.com/v1beta1"

_HOME = "/var/lib/rabbitmq"
_GRACE = 60
_UNTIL_NAMED = 5  # seconds until the cluster's DNS knows a new pod, as which its node calls itself


def of_server(unit: Unit, server: Server, cluster: Cluster) -> Sequence[Manifest]:
    """Everything of `server`: the last one is up when all its nodes are."""
    nodes = range(cluster.broker_replicas)
    hidden = unit.put("v1", "Secret", f"{server.name}--files", opaque(_files(server)))
    policies = [network.of_server(unit, server, RABBITMQ_OPERATOR), network.of_inside(unit, server)]
    volumes = [_volume(unit, server, cluster, node) for node in nodes]
    before = [hidden, *policies, *volumes, *outside.of(unit, server, End.of_server(server).labels)]
    spec = _spec(unit, server, cluster, hidden.name)
    running = unit.put(
        API, "RabbitmqCluster", server.name, {"spec": spec}, annotations=until("AllReplicasReady"), after=before
    )
    return [*before, running]


def volume_of(server: str, node: int) -> str:
    """What the volume of a node is called: a StatefulSet takes the one that is there by this name."""
    return f"persistence-{server}-server-{node}"


def _files(server: Server) -> Mapping[str, str | Hidden]:
    def account(values: Mapping[SecretRef, str]) -> str:
        return f"default_user = {server.admin_user}\ndefault_pass = {values[server.admin_secret]}\n"

    return {
        # By these the operators come in; the node itself reads its definitions.
        "username": server.admin_user,
        "password": secret(server.admin_secret),
        "default_user.conf": Hidden((server.admin_secret,), account),
        "definitions.json": definitions(server),
        KNOWN: PASSWD,
    }


def _volume(unit: Unit, server: Server, cluster: Cluster, node: int) -> Manifest:
    spec: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": server.storage or STORAGE}},
    }
    spec |= {"storageClassName": cluster.storage_class} if cluster.storage_class else {}
    name = volume_of(server.name, node)
    return unit.put("v1", "PersistentVolumeClaim", name, {"spec": spec}, annotations=NO_AWAIT, holds_data=True)


def _spec(unit: Unit, server: Server, cluster: Cluster, files: str) -> dict[str, Any]:
    persistence = {"storage": server.storage or STORAGE}
    persistence |= {"storageClassName": cluster.storage_class} if cluster.storage_class else {}
    return {
        "replicas": cluster.broker_replicas,
        "image": cluster.images[server.kind],
        "delayStartSeconds": _UNTIL_NAMED,
        "terminationGracePeriodSeconds": _GRACE,
        "persistence": persistence,
        "resources": pods.resources(MEMORY, requested=MEMORY),
        "rabbitmq": {"additionalConfig": as_settings({**SETTINGS, **_peers(server, cluster)})},
        "secretBackend": {"externalSecret": {"name": files}},
        "override": {
            # By its own label alone a pod is found by its Service, which nobody else may bear.
            "service": {"spec": {"selector": End.of_server(server).labels}},
            "statefulSet": {"spec": {"template": _template(unit, server, files)}},
        },
    }


def _peers(server: Server, cluster: Cluster) -> dict[str, str]:
    """The nodes by name: by Kubernetes they would find each other through its API, to which no pod has a way."""
    place = f"{server.name}-nodes.{server.namespace}"
    nodes = {
        f"cluster_formation.classic_config.nodes.{node + 1}": f"rabbit@{server.name}-server-{node}.{place}"
        for node in range(cluster.broker_replicas)
    }
    return {"cluster_formation.peer_discovery_backend": "classic_config", **nodes}


def _template(unit: Unit, server: Server, files: str) -> dict[str, Any]:
    commands = command_ports(server)
    environment = {
        "PATH": PATH,
        "HOME": _HOME,
        "RABBITMQ_CTL_DIST_PORT_MAX": f"{max(commands)}",
        "RABBITMQ_CTL_DIST_PORT_MIN": f"{min(commands)}",
        "RABBITMQ_DIST_PORT": f"{server.extra_ports['distribution']}",
        "RABBITMQ_GENERATED_CONFIG_DIR": TMP,
        "RABBITMQ_LOG_BASE": TMP,
        "RABBITMQ_LOGS": "-",
    }
    known = pods.mount("files", "/etc/passwd", part=KNOWN)
    running = {
        "name": "rabbitmq",
        "command": ["rabbitmq-server"],
        "env": [{"name": name, "value": value} for name, value in sorted(environment.items())],
        "securityContext": pods.CONFINED,
        "volumeMounts": [pods.mount("files", FILES), known, pods.mount("tmp", TMP, writable=True)],
    }
    prepare = {"name": "setup-container", "securityContext": pods.CONFINED, "volumeMounts": [known]}
    return {
        "metadata": {"labels": {**labels.of_unit(unit.plan, unit.namespace, server.name), **End.of_server(server).labels}},
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "securityContext": pods.NOBODY,
            "initContainers": [prepare],
            "containers": [running],
            "volumes": [pods.scratch("tmp", "256Mi"), pods.from_secret("files", files)],
        },
    }
