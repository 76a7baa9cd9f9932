"""PgBouncer by CloudNativePG: a `Pooler` before a `Cluster`, for each mode in which contexts want its connections.

https://cloudnative-pg.io/documentation/1.27/connection_pooling/. It asks the server itself who may come in, so that accounts
and passwords are the server's, and what is closed there is closed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components.kubernetes import network
from components.kubernetes.manifest import Manifest, Unit
from components.kubernetes.servers.postgresql_metrics import watched
from plat.kubernetes import labels, pods
from plat.kubernetes.flows import End, prometheus
from plat.plan.model import Pooler, Server

_API = "postgresql.cnpg.io/v1"
_MEMORY = 128
_GRACE = 120  # seconds in which it ends: sessions that are open then are cut off

# A primary that is lost answers no more: without these, clients would wait for it as long as the kernel does, which is hours.
_UNTIL_GIVEN_UP = {"tcp_keepidle": "5", "tcp_keepintvl": "3", "tcp_keepcnt": "3", "tcp_user_timeout": "10000"}


def of_pooler(unit: Unit, server: Server, pooler: Pooler, running: Manifest) -> Sequence[Manifest]:
    """Everything of `pooler`, whose server is `running`."""
    own = End.of_pooler(server, pooler).labels
    monitoring = unit.cluster.monitoring
    reading = [prometheus(monitoring, poolers=True)] if monitoring else []
    policy = network.of_pooler(unit, server, pooler, *reading)
    budget = {"spec": {"selector": {"matchLabels": own}, "maxUnavailable": 1}}
    disruptions = unit.put("policy/v1", "PodDisruptionBudget", pooler.name, budget)
    spec = _spec(unit, running.name, pooler, own)
    made = unit.put(_API, "Pooler", pooler.name, {"spec": spec}, after=[policy, running])
    watching = [watched(unit, f"{pooler.name}--metrics", own, monitoring)] if monitoring else []
    return [policy, disruptions, *watching, made]


def _spec(unit: Unit, cluster: str, pooler: Pooler, own: dict[str, str]) -> dict[str, Any]:
    settings = unit.cluster.postgresql
    container = {
        "name": "pgbouncer",
        "image": unit.cluster.images["pgbouncer"],
        "imagePullPolicy": unit.cluster.pull,
        "resources": pods.resources(_MEMORY, requested=_MEMORY),
    }
    spread = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": own},
    }
    return {
        "cluster": {"name": cluster},
        "type": "rw",
        "instances": settings.poolers,
        "pgbouncer": {
            "poolMode": pooler.mode,
            "parameters": {
                "default_pool_size": str(settings.pool),
                "max_client_conn": str(settings.clients),
                **_UNTIL_GIVEN_UP,
            },
        },
        "template": {
            "metadata": {"labels": {**labels.of_unit(unit.plan, unit.namespace, pooler.name), **own}},
            "spec": {
                "containers": [container],
                "enableServiceLinks": False,
                "terminationGracePeriodSeconds": _GRACE,
                "topologySpreadConstraints": [spread],
            },
        },
    }
