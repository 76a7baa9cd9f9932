"""A unit's namespace with all that fences it: Pod Security, network, quota, limits, and what its team may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from components.kubernetes import network
from components.kubernetes.manifest import Manifest, Unit
from plat.kubernetes import depth, labels
from plat.kubernetes.pods import size
from plat.plan.model import Namespace, Plan, Server, Workload

SECURITY = {
    # https://kubernetes.io/docs/concepts/security/pod-security-standards/
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/audit": "restricted",
    "pod-security.kubernetes.io/warn": "restricted",
}

# A pod of a server or a workload is limited to this much (plat/kubernetes/pods.py); beside those that are meant to run
# there are those that a roll-out starts before it ends others, and those that work inside of servers.
_SPARE_PODS = 4
_MEMORY_OF_A_POD = 1024  # MiB

_READ = ["get", "list", "watch"]


def namespace(plan: Plan, described: Namespace, policies: Sequence[Manifest]) -> Manifest:
    """The namespace itself, after the `policies` that judge what is in it.

    One with volumes in it is protected: whoever deletes it deletes them.
    """
    holds_data = any(server.namespace == described.name for server in plan.servers)
    return Manifest(
        api_version="v1",
        kind="Namespace",
        name=described.name,
        namespace=None,
        unit=described.unit,
        labels={**labels.of_unit(plan, described, described.name), **SECURITY},
        content={},
        resource=f"{described.unit}--namespace",
        annotations={labels.CONTEXTS: ",".join(described.contexts)},
        after=tuple(policies),
        holds_data=holds_data,
    )


def fences(unit: Unit, policies: Sequence[Manifest]) -> tuple[Manifest, ...]:
    """All that has to stand before anything else is in a namespace, which comes first."""
    name = unit.namespace.unit
    itself = namespace(unit.plan, unit.namespace, policies)
    inside = replace(unit, fences=(itself,))
    walls = [
        network.closed(inside),
        network.names(inside),
        _quota(inside, f"{name}--quota"),
        _limits(inside, f"{name}--limits"),
    ]
    return (itself, *walls)


def team(unit: Unit) -> Sequence[Manifest]:
    """What the owner's group may look at in its namespace."""
    return _team(unit, f"{unit.namespace.unit}--team")


def _quota(unit: Unit, resource: str) -> Manifest:
    plan, here = unit.plan, unit.namespace.name
    servers = [server for server in plan.servers if server.namespace == here]
    replicas = [workload.scaling.high if workload.scaling else 1 for workload in plan.workloads if workload.namespace == here]
    # A roll-out starts as many again as run.
    nodes = sum(plan.cluster.nodes_of(server) if plan.cluster else 1 for server in servers)
    poolers = sum(plan.cluster.postgresql.poolers * len(server.poolers) for server in servers) if plan.cluster else 0
    pods = 2 * (sum(replicas) + nodes + poolers) + _SPARE_PODS
    everything: list[Server | Workload] = [*plan.servers, *plan.workloads]
    reached = [item for item in everything if item.namespace == here and item.outside]
    hard = {
        "pods": str(pods),
        "limits.memory": size(pods * _MEMORY_OF_A_POD),
        "persistentvolumeclaims": str(nodes),
        # Nothing is reached from outside of the cluster but by the platform's own gateway, and what machines have a way to.
        "services.loadbalancers": "0",
        "services.nodeports": str(len(reached)),
    }
    return unit.put("v1", "ResourceQuota", "quota", {"spec": {"hard": hard}}, resource=resource)


def _limits(unit: Unit, resource: str) -> Manifest:
    default = {
        "type": "Container",
        "default": {"cpu": "1", "memory": "512Mi", "ephemeral-storage": "256Mi"},
        "defaultRequest": {"cpu": "50m", "memory": "128Mi", "ephemeral-storage": "16Mi"},
        "max": {"memory": size(_MEMORY_OF_A_POD)},
    }
    return unit.put("v1", "LimitRange", "limits", {"spec": {"limits": [default]}}, resource=resource)


def _team(unit: Unit, resource: str) -> Sequence[Manifest]:
    """What the team's group may look at: all that runs, nothing that runs as somebody else, its own variables' secrets.

    Nobody is let into a pod or changes one: who can, holds whatever the pod holds.
    """
    own = [f"{workload.name}--env" for workload in unit.plan.workloads if workload.namespace == unit.namespace.name]
    rules = [
        {
            "apiGroups": [""],
            "resources": ["pods", "pods/log", "services", "events", "configmaps", "persistentvolumeclaims", "resourcequotas"],
            "verbs": _READ,
        },
        {"apiGroups": ["apps"], "resources": ["deployments", "replicasets", "statefulsets"], "verbs": _READ},
        {"apiGroups": ["autoscaling"], "resources": ["horizontalpodautoscalers"], "verbs": _READ},
        {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": _READ},
        {"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": _READ},
        {"apiGroups": ["policy"], "resources": ["poddisruptionbudgets"], "verbs": _READ},
    ]
    here = (workload for workload in unit.plan.workloads if workload.namespace == unit.namespace.name)
    if any(depth.waiting_for(unit.plan, workload) for workload in here):
        rules.append({"apiGroups": ["keda.sh"], "resources": ["scaledobjects"], "verbs": _READ})
    if own:
        rules.append({"apiGroups": [""], "resources": ["secrets"], "resourceNames": own, "verbs": ["get"]})
    api = "rbac.authorization.k8s.io/v1"
    role = unit.put(api, "Role", "team", {"rules": rules}, resource=resource)
    content = {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role.name},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": unit.namespace.team}],
    }
    return [role, unit.put(api, "RoleBinding", "team", content, resource=resource, after=[role])]
