"""Who may do what: as a plan gives it, and as the relations of a shape say that it must be."""

from __future__ import annotations

from plat import names
from plat.plan.model import Plan
from tests.unit.properties.shapes import FRONT, HOST, Shape

Right = tuple[str, str, str]
"""Who, what, and on which thing."""


def given(plan: Plan) -> set[Right]:
    """Every right in a plan: on stores, at the broker, along routes, and every secret that a workload holds or knows."""
    found = {(store.role, "opens", store.name) for store in plan.datastores}
    found |= {(route.source, "calls", f"{route.destination}.{name}") for route in plan.routes for name in route.operations}
    for surface in plan.surfaces:
        for operation in surface.operations:
            found |= {(caller, "calls", f"{surface.context}.{operation.name}") for caller in operation.callers}
    for workload in plan.workloads:
        found |= {(workload.name, "holds", ref) for ref in workload.secrets.values()}
        found |= {(workload.name, "knows", ref) for ref in workload.callers.values()}
    assert plan.broker
    found |= {(queue.consumer, "receives", queue.event) for queue in plan.broker.queues}
    found |= {(subscription.consumer, "receives", subscription.event) for subscription in plan.broker.subscriptions}
    for user in plan.broker.users:
        found |= {(user.name, "publishes to", name) for name in user.publishes_to}
        found |= {(user.name, "publishes with", key) for key in user.routing_keys}
        found |= {(user.name, "consumes from", name) for name in user.consumes_from}
        found |= {(user.name, "reads as", group) for group in user.groups}
    return found


def implied(shape: Shape) -> set[Right]:
    """Every right that follows from what a shape declares, worked out from it alone."""
    found: set[Right] = set()
    homes = {context.name: HOST if context.hosted else context.name for context in shape.contexts} | {FRONT: FRONT}
    for context in shape.contexts:
        for kind in context.stores:
            store = names.resource_name(context.name, kind)
            found |= {(context.name, "opens", store), (homes[context.name], "holds", f"datastore/{store}")}
        at_broker = _rabbitmq(shape, context.name) if shape.broker == "rabbitmq" else _kafka(shape, context.name)
        if at_broker:
            found |= {*at_broker, (homes[context.name], "holds", f"broker/{context.name}")}
    for kind, downstream, upstream, name in shape.relations:
        if kind == "event":
            found.add((downstream, "receives", f"{upstream}.{name}"))
        else:
            ref = f"route/{downstream}/{homes[upstream]}"
            found |= {(downstream, "calls", f"{upstream}.{name}")}
            found |= {(homes[downstream], "holds", ref), (homes[upstream], "knows", ref)}
    return found


def _rabbitmq(shape: Shape, context: str) -> set[Right]:
    found: set[Right] = set()
    for event in _events(shape, context):
        found |= {(context, "publishes to", f"{context}.events"), (context, "publishes with", f"{event}.v1")}
    for _, event in _consumed(shape, context):
        queue = f"{context}.{event}.v1"
        found |= {(context, "consumes from", queue), (context, "consumes from", f"{queue}.dead")}
    return found


def _kafka(shape: Shape, context: str) -> set[Right]:
    found = {(context, "publishes to", f"shop.{context}.{event}.v1") for event in _events(shape, context)}
    for _, event in _consumed(shape, context):
        group = f"{context}.{event}.v1"
        found |= {(context, "reads as", group), (context, "publishes to", f"{group}.dead")}
        found |= {(context, "consumes from", f"shop.{event}.v1"), (context, "consumes from", f"{group}.dead")}
    return found


def _events(shape: Shape, context: str) -> tuple[str, ...]:
    return next(one.events for one in shape.contexts if one.name == context)


def _consumed(shape: Shape, context: str) -> list[tuple[str, str]]:
    mine = [one for one in shape.relations if (one.kind, one.downstream) == ("event", context)]
    return [(one.upstream, f"{one.upstream}.{one.name}") for one in mine]
