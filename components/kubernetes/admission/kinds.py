"""Kinds that nobody here can read: what they make of themselves may do anything."""

from __future__ import annotations

from components.kubernetes.admission.policy import UNREADABLE, Check, On, Policy, texts

# What the other policies read, and what opens no way whatever it says.
_KNOWN = (
    "ConfigMap",
    "ControllerRevision",
    "CronJob",
    "DaemonSet",
    "Deployment",
    "EndpointSlice",
    "Endpoints",
    "Event",
    "HorizontalPodAutoscaler",
    "Ingress",
    "Job",
    "Lease",
    "LimitRange",
    "LocalSubjectAccessReview",
    "NetworkPolicy",
    "PersistentVolumeClaim",
    "Pod",
    "PodDisruptionBudget",
    "PodTemplate",
    "ReplicaSet",
    "ReplicationController",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "Secret",
    "Service",
    "ServiceAccount",
    "StatefulSet",
)


def policy() -> Policy:
    """Objects of operators and of whatever else a cluster has been taught."""
    return Policy(
        "kinds",
        [On("*", ["*"])],
        [
            Check(
                UNREADABLE,
                f"request.kind.kind in {texts(_KNOWN)} || (variables.planned && variables.provisions)",
                "nothing here knows this kind, and what nobody can read may do anything",
                "express it in a descriptor, or in what an environment says",
            )
        ],
        planned=True,
    )
