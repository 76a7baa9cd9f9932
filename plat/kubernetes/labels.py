"""The labels that say whose each object of a cluster is, and what it is for.

The first three are the field's own (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/); ours
bear a prefix, as labels that no user made have to.
"""

from __future__ import annotations

from collections.abc import Mapping

from plat.plan.model import Namespace, Plan

PREFIX = "plat.dev/"

NAME = "app.kubernetes.io/name"
PART_OF = "app.kubernetes.io/part-of"
MANAGED_BY = "app.kubernetes.io/managed-by"

UNIT = f"{PREFIX}unit"
"""The unit that owns it: a context, a deployable beside contexts, or `platform`."""

TEAM = f"{PREFIX}team"
"""The team that owns it."""

WORKLOAD = f"{PREFIX}workload"
"""On pods: the workload that they are replicas of."""

SERVER = f"{PREFIX}server"
"""On pods: the server that they are."""

POOLER = f"{PREFIX}pooler"
"""On pods: the pooler that they are replicas of, by which others reach a server."""

INSIDE = f"{PREFIX}inside"
"""On pods: the server inside of which they make databases, accounts and rights."""

AT: Mapping[str, str] = {
    kind: f"{PREFIX}at-{kind}" for kind in ("kafka", "mongodb", "mysql", "postgresql", "rabbitmq", "redis")
}
"""On pods: the server of the platform's that they have something in, by its kind. It lets in all who say so, by no name."""

TRIES = f"{PREFIX}tries-fences"
"""On pods: that `plat verify` tries the fences from them."""

ROLES = (WORKLOAD, SERVER, POOLER, INSIDE, *AT.values())
"""Those that say what a pod is and what it may reach, by which ways are opened to it and for it."""

CONTEXTS = f"{PREFIX}contexts"
"""As an annotation: the contexts that it carries, separated by commas; a label could not hold them all."""

SECRETS = f"{PREFIX}secrets"
"""As an annotation of pods: a digest of the secrets that they read as they start. Others' values, other pods."""

OURS = "plat"
"""Who manages what Plat makes."""


def of_unit(plan: Plan, namespace: Namespace, name: str) -> dict[str, str]:
    """The labels of anything called `name` in `namespace`."""
    return {
        NAME: name,
        PART_OF: plan.landscape,
        MANAGED_BY: OURS,
        UNIT: namespace.unit,
        TEAM: namespace.team,
    }
