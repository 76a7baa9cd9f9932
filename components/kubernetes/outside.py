"""What of the cluster machines reach: a second Service of it, at a port of every node.

Who comes keeps its address there (https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy), so
that the policy of the pods behind it can tell machines apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.kubernetes.manifest import NO_AWAIT, Manifest, Unit
from plat import names
from plat.plan.model import Server, Workload


def of(unit: Unit, thing: Server | Workload, pods: Mapping[str, str]) -> Sequence[Manifest]:
    """The way from nodes to the `pods` of a server or a workload, by their labels; nothing where no machine has one there."""
    if thing.outside is None:
        return []
    port = {
        "name": "outside",
        "port": thing.outside.behind,
        "targetPort": thing.outside.behind,
        "nodePort": thing.outside.port,
        "protocol": "TCP",
    }
    spec = {"type": "NodePort", "externalTrafficPolicy": "Local", "selector": dict(pods), "ports": [port]}
    name = names.resource_name(*thing.name.split("--"), "outside")
    return [unit.put("v1", "Service", name, {"spec": spec}, annotations=NO_AWAIT)]
