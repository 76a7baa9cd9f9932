"""The definition of Prometheus' PodMonitors: they can be made and are judged. No Prometheus that would read them."""

from __future__ import annotations

from toolchain.cluster.addons.addon import AddOn, Given, Object
from toolchain.cluster.programs import Source


def _objects(given: Given) -> list[Object]:
    return given.copies()


PROMETHEUS = AddOn(
    Source("prometheus", (), "github.com/prometheus-operator/prometheus-operator"),
    ("example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml",),
    _objects,
)
