"""What the number of a workload's replicas follows where KEDA is there: how much waits for it at the broker."""

from __future__ import annotations

from dataclasses import dataclass

from plat.plan.model import Plan, Queue, Subscription, Workload

OPERATOR = "keda"
"""What the environment calls it."""

PODS = ("app", "keda-operator")
"""The label of the pods that ask the broker, as KEDA's own manifests and its chart have it."""

_PROFILE = "queue-driven"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one context: in queues, or behind what its consumer groups have read of topics."""

    context: str
    queues: tuple[Queue, ...]
    subscriptions: tuple[Subscription, ...]


def waiting_for(plan: Plan, workload: Workload) -> tuple[Waiting, ...]:
    """What KEDA scales `workload` by, a part for each context that it carries; nothing where KEDA does not scale it."""
    scaling, broker = workload.scaling, plan.broker
    if not (scaling and broker and plan.cluster and OPERATOR in plan.cluster.operators):
        return ()
    if not (workload.namespace and plan.server(broker.server).namespace):
        return ()
    if scaling.profile != _PROFILE or scaling.high <= scaling.low:
        return ()
    found = (Waiting(context, broker.queues_of(context), broker.subscriptions_of(context)) for context in workload.contexts)
    return tuple(each for each in found if each.queues or each.subscriptions)
