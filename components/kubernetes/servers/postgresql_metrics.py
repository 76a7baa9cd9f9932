"""What tells Prometheus that pods of CloudNativePG's measure themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from components.kubernetes.manifest import Manifest, Unit
from plat.plan.model import Monitoring


def watched(unit: Unit, name: str, measured: Mapping[str, str], monitoring: Monitoring) -> Manifest:
    """A PodMonitor for the pods with the labels `measured`. Not called like what makes them: that one the operator removes."""
    spec = {"selector": {"matchLabels": dict(measured)}, "podMetricsEndpoints": [{"port": "metrics"}]}
    made = unit.put("monitoring.coreos.com/v1", "PodMonitor", name, {"spec": spec})
    return replace(made, labels={**monitoring.labels, **made.labels})
