"""Which add-ons there are: those of every cluster, and the operators by the names that they are asked for by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from toolchain.cluster.addons.addon import AddOn
from toolchain.cluster.addons.cloudnative_pg import CLOUDNATIVE_PG
from toolchain.cluster.addons.gateway_api import GATEWAY_API
from toolchain.cluster.addons.keda import KEDA
from toolchain.cluster.addons.metrics_server import METRICS_SERVER
from toolchain.cluster.addons.object_store import OBJECT_STORE
from toolchain.cluster.addons.prometheus import PROMETHEUS
from toolchain.cluster.addons.rabbitmq import RABBITMQ_CLUSTER, RABBITMQ_TOPOLOGY
from toolchain.cluster.addons.strimzi import STRIMZI

ALWAYS: tuple[AddOn, ...] = (METRICS_SERVER,)
OPERATORS: Mapping[str, tuple[AddOn, ...]] = {
    "cloudnative-pg": (CLOUDNATIVE_PG,),
    "gateway-api": (GATEWAY_API,),
    "keda": (KEDA,),
    "rabbitmq": (RABBITMQ_CLUSTER, RABBITMQ_TOPOLOGY),
    "object-store": (OBJECT_STORE,),
    "prometheus": (PROMETHEUS,),
    "strimzi": (STRIMZI,),
}


def chosen(file: Path, asked: Iterable[str]) -> list[str]:
    """Give the operators that are asked for and those that a file names, which a cluster has already."""
    try:
        there = file.read_text(encoding="utf-8").split()
    except OSError:
        there = []
    return sorted({*asked, *there} & OPERATORS.keys())


def addons_of(operators: Iterable[str]) -> list[AddOn]:
    """Give all add-ons of a cluster with these operators."""
    return [*ALWAYS, *(addon for name in operators for addon in OPERATORS[name])]
