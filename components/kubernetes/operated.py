"""What operators make of the plan's objects by themselves, and no manifest names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from components.kubernetes.manifest import Manifest
from plat.kubernetes import labels
from plat.kubernetes.flows import STRIMZI
from plat.plan.kinds import broker_server

POOL = "nodes"
"""What the one pool of a Kafka's nodes is called, which Strimzi names nodes by."""

USERS = f"{broker_server('kafka')}-user-"
"""What the names of Secrets begin with that Strimzi makes of users: the server's own, as of all that is made of it."""

_MOST_NODES = 9  # of a broker (`broker-replicas`)


@dataclass(frozen=True, slots=True)
class _Made:
    """What is made of an object, by its name: Secrets, volumes and accounts by a pattern of theirs, and its pods' labels."""

    secrets: Callable[[str], tuple[str, ...]]
    volumes: str = ""
    accounts: str = ""
    pods: Callable[[Manifest], Mapping[str, str]] = lambda _manifest: {}


def _instances(manifest: Manifest) -> Mapping[str, str]:
    own: Mapping[str, str] = manifest.content["spec"]["inheritedMetadata"]["labels"]
    return {**own, "cnpg.io/cluster": manifest.name, "cnpg.io/podRole": "instance"}


def _poolers(manifest: Manifest) -> Mapping[str, str]:
    spec = manifest.content["spec"]
    own: Mapping[str, str] = spec["template"]["metadata"]["labels"]
    names = {"cnpg.io/cluster": spec["cluster"]["name"], "cnpg.io/poolerName": manifest.name}
    return {**own, **names, "cnpg.io/podRole": "pooler"}


def _nodes(manifest: Manifest) -> Mapping[str, str]:
    template: Mapping[str, Any] = manifest.content["spec"]["override"]["statefulSet"]["spec"]["template"]
    own = {labels.NAME: manifest.name, "app.kubernetes.io/component": "rabbitmq", labels.PART_OF: "rabbitmq"}
    return {**own, **template["metadata"]["labels"]}


def _brokers(manifest: Manifest) -> Mapping[str, str]:
    template: Mapping[str, Any] = manifest.content["spec"]["kafka"]["template"]["pod"]
    own = {labels.NAME: "kafka", "app.kubernetes.io/instance": manifest.name, labels.PART_OF: f"strimzi-{manifest.name}"}
    found = {"kind": "Kafka", "cluster": manifest.name, "name": f"{manifest.name}-kafka", "component-type": "kafka"}
    return {**own, **{f"{STRIMZI}{key}": value for key, value in found.items()}, **template["metadata"]["labels"]}


# Keys of its two authorities, by which anybody becomes a node, an operator or a user; certificates of its nodes are by pool.
_OF_A_KAFKA = (
    "cluster-ca",
    "cluster-ca-cert",
    "clients-ca",
    "clients-ca-cert",
    "cluster-operator-certs",
    "entity-topic-operator-certs",
    "entity-user-operator-certs",
)


_MADE: Mapping[str, _Made] = {
    "kubernetes:postgresql.cnpg.io/v1:Cluster": _Made(
        # The last one is made for poolers: by it they ask for whoever wants to come in.
        lambda name: tuple(f"{name}-{end}" for end in ("ca", "replication", "server", "pooler")),
        volumes=r"{}-\d+(?:-wal)?",
        accounts="{}",
        pods=_instances,
    ),
    "kubernetes:postgresql.cnpg.io/v1:Pooler": _Made(lambda _name: (), accounts="{}", pods=_poolers),
    "kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster": _Made(
        lambda name: (f"{name}-erlang-cookie", f"{name}-default-user"),
        volumes=r"persistence-{}-server-\d+",
        accounts="{}-server",
        pods=_nodes,
    ),
    "kubernetes:rabbitmq.com/v1beta1:User": _Made(lambda name: (f"{name}-user-credentials",)),
    "kubernetes:kafka.strimzi.io/v1:Kafka": _Made(
        lambda name: (*(f"{name}-{end}" for end in _OF_A_KAFKA), *(f"{name}-{POOL}-{node}" for node in range(_MOST_NODES))),
        volumes=rf"data-\d+-{{}}-{POOL}-\d+",
        accounts="{}-(?:kafka|entity-operator)",
        pods=_brokers,
    ),
    "kubernetes:kafka.strimzi.io/v1:KafkaUser": _Made(lambda name: (f"{USERS}{name}",)),
}

OPERATED = ("Cluster", "Kafka", "Pooler", "RabbitmqCluster")
"""The kinds of which operators make servers, and what stands before these."""

INSIDE = ("Binding", "Exchange", "Permission", "Policy", "Queue", "TopicPermission", "User", "Vhost")
"""The kinds of what RabbitMQ's topology operator makes inside of a broker, which says in its `spec` all that there is."""

GROUPS = (
    "core.strimzi.io",
    "kafka.strimzi.io",
    "keda.sh",
    "monitoring.coreos.com",
    "postgresql.cnpg.io",
    "rabbitmq.com",
)
"""The groups of what Plat asks operators for."""


def secrets_of(manifest: Manifest) -> tuple[str, ...]:
    """The Secrets that an operator makes of `manifest`, in its namespace, by name."""
    made = _MADE.get(manifest.type_token)
    return made.secrets(manifest.name) if made else ()


def pods_of(manifest: Manifest) -> Mapping[str, str]:
    """The labels of the pods that an operator makes of `manifest`, as far as they are the same for all; empty for none."""
    made = _MADE.get(manifest.type_token)
    return made.pods(manifest) if made else {}


def has_volume(manifest: Manifest, name: str) -> bool:
    """Whether the claim called `name` is one of those that an operator makes of `manifest`, or takes for it."""
    made = _MADE.get(manifest.type_token)
    return bool(made and made.volumes and re.fullmatch(made.volumes.format(re.escape(manifest.name)), name))


def has_account(manifest: Manifest, name: str) -> bool:
    """Whether the pods of `manifest` run as the account called `name`, which may ask the cluster's API."""
    made = _MADE.get(manifest.type_token)
    return bool(made and made.accounts and re.fullmatch(made.accounts.format(re.escape(manifest.name)), name))
