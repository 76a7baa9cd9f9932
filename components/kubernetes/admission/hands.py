"""Whose hands: what Plat has made, what fences it, what holds rights and what runs is for who provisions alone."""

from __future__ import annotations

from components.kubernetes.admission.policy import BREACH, Check, On, Policy
from components.kubernetes.operated import GROUPS
from plat.kubernetes import labels

_ALL = ("CREATE", "UPDATE", "DELETE")
_RUNS = ("replicationcontrollers", "podtemplates")
_BY_DESCRIPTOR = "describe it in a descriptor and let `plat up` make it"


def policy() -> Policy:
    """A pod may be deleted by whoever has the right to it: another takes its place."""
    return Policy(
        "hands",
        [
            On(
                "",
                [
                    "configmaps",
                    "limitranges",
                    "persistentvolumeclaims",
                    "resourcequotas",
                    "secrets",
                    "serviceaccounts",
                    "services",
                    *_RUNS,
                ],
                _ALL,
            ),
            On("", ["pods"]),
            On("apps", ["daemonsets", "deployments", "replicasets", "statefulsets"], _ALL),
            On("autoscaling", ["horizontalpodautoscalers"], _ALL),
            On("batch", ["cronjobs", "jobs"], _ALL),
            On("networking.k8s.io", ["networkpolicies"], _ALL),
            On("policy", ["poddisruptionbudgets"], _ALL),
            On("rbac.authorization.k8s.io", ["rolebindings", "roles"], _ALL),
            *(On(group, ["*"], _ALL) for group in (*GROUPS, "gateway.networking.k8s.io")),
        ],
        [
            Check(
                BREACH,
                "variables.provisions || !variables.ours",
                "it is what the landscape plans, which who provisions alone may change or remove",
                "change the descriptor and run `plat up`",
            ),
            Check(
                BREACH,
                "variables.provisions || !(request.kind.kind in ['LimitRange', 'NetworkPolicy', 'ResourceQuota'])",
                "the fences of a unit are for who provisions alone to change",
                "declare the relation in a descriptor, fences follow from it",
            ),
            Check(
                BREACH,
                "variables.provisions || !(request.kind.kind in ['Role', 'RoleBinding', 'Secret', 'ServiceAccount'])",
                "what holds rights in a unit's namespace is for who provisions alone to give",
                "declare the relation in a descriptor, rights follow from it",
            ),
            Check(
                BREACH,
                "variables.provisions || !variables.runs",
                "what runs in a unit's namespace is for who provisions alone to start",
                _BY_DESCRIPTOR,
            ),
        ],
        {
            "ours": f"[object, oldObject].exists(it, it != null && {_label('it')} == '{labels.OURS}')",
            "runs": "request.kind.kind in ['Pod', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet', 'CronJob', 'Job', "
            "'ReplicationController', 'PodTemplate']",
        },
    )


def _label(thing: str) -> str:
    return f"{thing}.metadata.?labels[?'{labels.MANAGED_BY}'].orValue('')"
