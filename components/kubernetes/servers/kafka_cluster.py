"""Kafka by Strimzi: a `Kafka` and the one `KafkaNodePool` of its nodes, each broker and controller (KRaft).

https://strimzi.io/docs/operators/latest/configuring. Strimzi makes a NetworkPolicy of its own beside ours, by which everybody
reaches a listener that names no peers: it is given those of the plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from components.kubernetes import network
from components.kubernetes.manifest import NO_AWAIT, Manifest, Unit, until
from components.kubernetes.operated import POOL, USERS
from components.kubernetes.servers.pod import STORAGE
from plat.kubernetes import labels, pods
from plat.kubernetes.flows import STRIMZI, End, strimzi
from plat.plan.model import Cluster, Server

API = "kafka.strimzi.io/v1"
CLUSTER = f"{STRIMZI}cluster"
"""The label by which everything of a `Kafka` names it."""

_MEMORY = 1024
_MEMORY_OF_AN_OPERATOR = 384
_HEAP = {"-Xms": "64m", "-Xmx": "384m"}
_GRACE = 60
_SECONDS = 600  # for images, volumes, certificates and the operators that come after the nodes
_COPIES = 3

# As whom they run is the image's to say, whose files are that user's and the group 0's; so are places that it writes to.
_OF_THE_IMAGE = {
    "runAsNonRoot": True,
    "fsGroup": 0,
    "fsGroupChangePolicy": "OnRootMismatch",
    "seccompProfile": {"type": "RuntimeDefault"},
}
_CONFINED = {name: value for name, value in pods.CONFINED.items() if name != "readOnlyRootFilesystem"}


def copies(cluster: Cluster) -> int:
    """How many nodes have each record."""
    return min(_COPIES, cluster.broker_replicas)


def of_server(unit: Unit, server: Server, cluster: Cluster) -> Sequence[Manifest]:
    """Everything of `server`: the last one is up when all its nodes are, and those who make topics and users."""
    policies = [
        network.of_server(unit, server, strimzi(cluster), asks_api=True),
        network.of_entity_operator(unit, server),
        network.of_inside(unit, server),
    ]
    ports = [{"name": server.kind, "port": server.port, "targetPort": server.port, "protocol": "TCP"}]
    selected = {"spec": {"selector": End.of_server(server).labels, "ports": ports}}
    service = unit.put("v1", "Service", server.name, selected, annotations=NO_AWAIT)
    before = [*policies, service]
    # Their volumes are known by the id that stands in the status of the `Kafka`: nodes of a new one would not take them.
    nodes = unit.put(
        API,
        "KafkaNodePool",
        POOL,
        {"spec": _nodes(server, cluster)},
        resource=f"{server.name}--{POOL}",
        after=before,
        holds_data=True,
    )
    nodes = of_kafka(server, nodes)
    running = unit.put(
        API,
        "Kafka",
        server.name,
        {"spec": _spec(unit, server, cluster)},
        annotations=until("Ready"),
        after=[*before, nodes],
        holds_data=True,
        seconds=_SECONDS,
    )
    return [*before, nodes, running]


def of_kafka(server: Server, manifest: Manifest) -> Manifest:
    """An object that belongs to the `Kafka` of `server`, as Strimzi knows it."""
    return replace(manifest, labels={**manifest.labels, CLUSTER: server.name})


def _nodes(server: Server, cluster: Cluster) -> dict[str, Any]:
    volume = {
        "id": 0,
        "type": "persistent-claim",
        "size": server.storage or STORAGE,
        "deleteClaim": False,
        "kraftMetadata": "shared",
    }
    volume |= {"class": cluster.storage_class} if cluster.storage_class else {}
    return {
        "replicas": cluster.broker_replicas,
        "roles": ["controller", "broker"],
        "storage": {"type": "jbod", "volumes": [volume]},
        "resources": pods.resources(_MEMORY, requested=_MEMORY),
        "jvmOptions": _HEAP,
    }


def _spec(unit: Unit, server: Server, cluster: Cluster) -> dict[str, Any]:
    listener = {
        "name": "clients",
        "port": server.port,
        "type": "internal",
        "tls": False,
        "authentication": {"type": "scram-sha-512"},
        "networkPolicyPeers": network.peers(unit, server),
    }
    pod = _pod(unit, server, End.of_server(server).labels)
    spread = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": End.of_server(server).labels},
    }
    pod |= {"terminationGracePeriodSeconds": _GRACE, "topologySpreadConstraints": [spread]}
    return {
        "kafka": {
            "listeners": [listener],
            "authorization": {"type": "simple", "superUsers": [server.admin_user]},
            "config": _config(cluster),
            "template": {"pod": pod, "kafkaContainer": {"securityContext": _CONFINED}},
        },
        "entityOperator": {
            "topicOperator": _operator(server),
            "userOperator": {**_operator(server), "secretPrefix": USERS},
            "template": {
                "pod": _pod(unit, server, {}),
                "topicOperatorContainer": {
                    "securityContext": _CONFINED,
                    # A topic whose operator is gone could not be removed any more, nor its namespace.
                    "env": [{"name": "STRIMZI_USE_FINALIZERS", "value": "false"}],
                },
                "userOperatorContainer": {"securityContext": _CONFINED},
            },
        },
    }


def _operator(server: Server) -> dict[str, Any]:
    memory = pods.resources(_MEMORY_OF_AN_OPERATOR, requested=_MEMORY_OF_AN_OPERATOR)
    return {"watchedNamespace": server.namespace, "resources": memory}


def _pod(unit: Unit, server: Server, more: Mapping[str, str]) -> dict[str, Any]:
    # Those of the field are Strimzi's own to set, whatever is asked of it.
    own = {key: value for key, value in labels.of_unit(unit.plan, unit.namespace, server.name).items() if _is_ours(key)}
    return {
        "metadata": {"labels": {**own, **more}},
        "securityContext": _OF_THE_IMAGE,
        "enableServiceLinks": False,
    }


def _is_ours(label: str) -> bool:
    return label.startswith(labels.PREFIX)


def _config(cluster: Cluster) -> dict[str, Any]:
    number = copies(cluster)
    # What is confirmed is on two nodes, and goes on while one of three is away.
    confirmed = max(1, number - 1)
    return {
        "auto.create.topics.enable": "false",
        "default.replication.factor": number,
        "min.insync.replicas": confirmed,
        "offsets.topic.replication.factor": number,
        "transaction.state.log.replication.factor": number,
        "transaction.state.log.min.isr": confirmed,
        # As on the local target: `plat verify` relies on it.
        "log.message.timestamp.after.max.ms": "3600000",
    }
