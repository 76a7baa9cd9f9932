"""How many replicas of a workload run: by its processors' load, or with KEDA by what waits for it at the broker.

KEDA comes to the broker as the consumer itself, whose password it reads of a Secret that holds nothing else (docs/adr/0019).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from components.kubernetes.manifest import Manifest, Unit, opaque, secret
from plat import names
from plat.kubernetes.depth import Waiting, waiting_for
from plat.plan.model import BrokerUser, Queue, Scaling, Server, Subscription, Workload

_BY_LOAD = ("bursty", "queue-driven", "steady")
_PER_REPLICA = "20"  # messages that one replica may leave waiting
_KEDA = "keda.sh/v1alpha1"
_CALM = {"bursty": 60, "queue-driven": 60, "steady": 300}
"""Seconds that have to be calm before replicas end."""


def is_scaled(workload: Workload) -> bool:
    """Tell whether the number of replicas follows from anything but the descriptor."""
    scaling = workload.scaling
    return scaling is not None and scaling.high > scaling.low and scaling.profile in _BY_LOAD


def of_workload(unit: Unit, workload: Workload, deployment: Manifest) -> Sequence[Manifest]:
    """What changes the number of a Deployment's replicas; nothing where it is fixed."""
    if workload.scaling is None or not is_scaled(workload):
        return []
    waiting = waiting_for(unit.plan, workload)
    if waiting:
        return _by_depth(unit, workload, workload.scaling, waiting, deployment)
    return [_by_load(unit, workload, workload.scaling, deployment)]


def _by_load(unit: Unit, workload: Workload, scaling: Scaling, deployment: Manifest) -> Manifest:
    usage = {"type": "Utilization", "averageUtilization": 75 if scaling.profile == "steady" else 60}
    content = {
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": workload.name},
            "minReplicas": scaling.low,
            "maxReplicas": scaling.high,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": usage}}],
            "behavior": _behavior(scaling),
        }
    }
    return unit.put("autoscaling/v2", "HorizontalPodAutoscaler", workload.name, content, after=[deployment])


def _by_depth(
    unit: Unit, workload: Workload, scaling: Scaling, waiting: Sequence[Waiting], deployment: Manifest
) -> Sequence[Manifest]:
    made: list[Manifest] = []
    triggers: list[dict[str, Any]] = []
    for part in waiting:
        user = unit.plan.broker_user(part.context)
        if user is None or unit.plan.broker is None:
            raise AssertionError(part.context)
        hidden, access = _access(unit, workload, user)
        made += [hidden, access]
        triggers += [
            {**trigger, "authenticationRef": {"name": access.name}}
            for trigger in _triggers(part, unit.plan.server(unit.plan.broker.server), unit.plan.broker.vhost)
        ]
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": workload.name},
        "minReplicaCount": scaling.low,
        "maxReplicaCount": scaling.high,
        "advanced": {"horizontalPodAutoscalerConfig": {"behavior": _behavior(scaling)}},
        "triggers": triggers,
    }
    return [*made, unit.put(_KEDA, "ScaledObject", workload.name, {"spec": spec}, after=[deployment, *made])]


def _access(unit: Unit, workload: Workload, user: BrokerUser) -> tuple[Manifest, Manifest]:
    """The consumer's name and password for KEDA alone: in what the workload reads stands more than these."""
    name = names.resource_name(workload.name, user.context, "depth")
    hidden = unit.put("v1", "Secret", name, opaque({"username": user.name, "password": secret(user.secret)}))
    reads = [{"parameter": key, "name": name, "key": key} for key in ("username", "password")]
    access = unit.put(_KEDA, "TriggerAuthentication", name, {"spec": {"secretTargetRef": reads}}, after=[hidden])
    return hidden, access


def _triggers(waiting: Waiting, server: Server, vhost: str) -> Iterator[dict[str, Any]]:
    for queue in waiting.queues:
        yield {"type": "rabbitmq", "metadata": _of_queue(queue, server, vhost)}
    for subscription in waiting.subscriptions:
        yield {"type": "kafka", "metadata": _of_group(subscription, server)}


def _of_queue(queue: Queue, server: Server, vhost: str) -> dict[str, str]:
    """https://keda.sh/docs/2.16/scalers/rabbitmq-queue/: by AMQP, since the other way wants an administrator's tag."""
    return {
        "host": f"amqp://{server.host}:{server.port}/{vhost}",
        "protocol": "amqp",
        "queueName": queue.name,
        "mode": "QueueLength",
        "value": _PER_REPLICA,
    }


def _of_group(subscription: Subscription, server: Server) -> dict[str, str]:
    """https://keda.sh/docs/2.16/scalers/apache-kafka/. A group that has read nothing yet lags behind by all there is."""
    return {
        "bootstrapServers": f"{server.host}:{server.port}",
        "sasl": "scram_sha512",
        "tls": "disable",
        "consumerGroup": subscription.group,
        "topic": subscription.topic,
        "lagThreshold": _PER_REPLICA,
        "offsetResetPolicy": "earliest",
    }


def _behavior(scaling: Scaling) -> dict[str, Any]:
    return {"scaleDown": {"stabilizationWindowSeconds": _CALM[scaling.profile]}}
