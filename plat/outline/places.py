"""Where things are on a cluster, told."""

from __future__ import annotations

from collections.abc import Iterator

from plat.outline.model import Line
from plat.outline.tell import Owned, tell
from plat.plan.model import PLATFORM, Cluster, Namespace, Plan, plain


@tell.register
def _cluster(cluster: Cluster, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    where = cluster.kubeconfig or "as kubectl finds it"
    text = f"Kubernetes: {where}, context {cluster.context or 'as that says'}, names end in {cluster.domain}; {_who(cluster)}"
    yield Owned(None, Line("cluster", cluster.domain, text, None, plain(cluster)))


def _who(cluster: Cluster) -> str:
    """Whom the cluster itself lets change what is planned."""
    admission = cluster.admission
    if not admission:
        return "whoever has the right to it changes what is planned"
    named = f"user {admission.user}" if admission.user else f"group {admission.group}" if admission.group else ""
    return f"{named or 'who may change admission policies'} alone changes what is planned"


@tell.register
def _namespace(namespace: Namespace, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    owner = None if namespace.unit == PLATFORM else namespace.unit
    text = f"{namespace.name}: closed both ways but for what relations open, {namespace.team}'s"
    yield Owned(owner, Line("namespace", namespace.name, text, namespace.location, plain(namespace)))
