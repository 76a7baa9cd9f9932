"""What anybody may be let read in a unit's namespace without getting anybody's rights: for both locks that judge roles."""

from __future__ import annotations

VERBS = ("get", "list", "watch")

RESOURCES = (
    "configmaps",
    "cronjobs",
    "daemonsets",
    "deployments",
    "endpointslices",
    "events",
    "horizontalpodautoscalers",
    "jobs",
    "networkpolicies",
    "persistentvolumeclaims",
    "poddisruptionbudgets",
    "pods",
    "pods/log",
    "replicasets",
    "resourcequotas",
    "services",
    "statefulsets",
)
