"""What is public as routes of the Gateway API, where the environment names a gateway: its public operations, and nothing else.

An operation is served at `/<Operation>` (samples/README.md), so that a route for exactly this path publishes exactly it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from components.kubernetes.manifest import Manifest, Unit
from plat.kubernetes.publishing import host_of, paths_of
from plat.plan.model import Workload

_API = "gateway.networking.k8s.io/v1"
_GROUP = "gateway.networking.k8s.io"
_MATCHES = 64
"""As many as one rule of a route may have."""


def of_workload(unit: Unit, workload: Workload, service: Manifest) -> Iterator[Manifest]:
    """The route to `service`, which leads to the workload; none where nothing of it is public, or no gateway is named."""
    gateway = unit.plan.cluster.gateway if unit.plan.cluster else None
    paths = paths_of(unit.plan, workload)
    if not gateway or not paths:
        return
    backend = {"kind": "Service", "name": service.name, "port": workload.port}
    spec: dict[str, Any] = {
        "parentRefs": [{"group": _GROUP, "kind": "Gateway", "name": gateway.name, "namespace": gateway.namespace}],
        "hostnames": [host_of(gateway, workload)],
        "rules": [
            {"matches": _matches(paths[first : first + _MATCHES]), "backendRefs": [backend]}
            for first in range(0, len(paths), _MATCHES)
        ],
    }
    yield unit.put(_API, "HTTPRoute", workload.name, {"spec": spec}, after=[service])


def _matches(paths: Sequence[str]) -> list[Any]:
    return [{"path": {"type": "Exact", "value": path}} for path in paths]
