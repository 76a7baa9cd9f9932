"""RabbitMQ by its own two operators: one runs its nodes, the other makes what is inside of them.

Both modules publish their objects as kustomize trees: what `config/installation` there says is done here.
"""

from __future__ import annotations

from toolchain.cluster.addons.addon import AddOn, Given, Object, run_by
from toolchain.cluster.programs import Source

NAMESPACE = "rabbitmq-system"
_CLUSTER = "github.com/rabbitmq/cluster-operator/v2"
_TOPOLOGY = "github.com/rabbitmq/messaging-topology-operator"
_UNCHANGED = ("Namespace", "CustomResourceDefinition")
_OF_NO_NAMESPACE = ("ClusterRole", "ClusterRoleBinding")
_RBAC = ("service_account", "role", "role_binding", "leader_election_role", "leader_election_role_binding")
_ACCESS = tuple(f"config/rbac/{name}.yaml" for name in _RBAC)


def _installed(given: Given, prefix: str) -> list[Object]:
    """Give upstream's objects under the names and in the namespace that they are installed with."""
    found = given.copies()
    for item in found:
        if item["kind"] in _UNCHANGED:
            continue
        item["metadata"]["name"] = f"{prefix}{item['metadata']['name']}"
        if item["kind"] not in _OF_NO_NAMESPACE:
            item["metadata"]["namespace"] = NAMESPACE
        if "roleRef" in item:  # subjects are named in full already
            item["roleRef"]["name"] = f"{prefix}{item['roleRef']['name']}"
        if item["kind"] == "Deployment":
            run_by(item, given.image)
    return found


def _cluster(given: Given) -> list[Object]:
    return _installed(given, "rabbitmq-cluster-")


def _topology(given: Given) -> list[Object]:
    found = _installed(given, "messaging-topology-")
    for item in found:
        if item["kind"] == "Deployment":
            (container,) = item["spec"]["template"]["spec"]["containers"]
            # Their certificates would be cert-manager's. They only tell earlier what the operator refuses as well.
            container["env"] = [*container["env"], {"name": "ENABLE_WEBHOOKS", "value": "false"}]
    return found


RABBITMQ_CLUSTER = AddOn(
    Source("rabbitmq-cluster-operator", (_CLUSTER,), _CLUSTER),
    ("config/namespace/base/namespace.yaml", "config/crd/bases", *_ACCESS, "config/manager/manager.yaml"),
    _cluster,
    files={"manager": "cluster-operator"},
)
RABBITMQ_TOPOLOGY = AddOn(
    Source("rabbitmq-topology-operator", (_TOPOLOGY,), _TOPOLOGY),
    ("config/namespace/namespace.yaml", "config/crd/bases", *_ACCESS, "config/manager/manager.yaml"),
    _topology,
    files={"manager": "messaging-topology-operator"},
)
