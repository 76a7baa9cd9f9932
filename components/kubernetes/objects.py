"""All objects that a plan becomes on a cluster, in the order in which they can be made. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from components.kubernetes import admission, inside, namespaces, workloads
from components.kubernetes.admission.facts import facts
from components.kubernetes.manifest import Manifest, Unit, ordered
from components.kubernetes.servers import pod
from plat.kubernetes.flows import flows_of
from plat.plan.model import Plan


def objects_of(plan: Plan) -> tuple[Manifest, ...]:
    """Every object of `plan`, each after those that it waits for."""
    return tuple(ordered(_objects(plan)))


def _objects(plan: Plan) -> Iterator[Manifest]:
    flows = flows_of(plan)
    units = [Unit(plan, described, flows) for described in plan.namespaces]
    policies = admission.policies_of(plan)
    yield from policies
    content = list(ordered(_content(plan, {unit.namespace.name: unit for unit in units})))
    for unit in units:
        fences = namespaces.fences(unit)
        yield namespaces.namespace(plan, unit.namespace, policies, facts(unit, [*fences, *content]) if policies else {})
        yield from fences
    yield from content


def _content(plan: Plan, units: Mapping[str, Unit]) -> Iterator[Manifest]:
    ready: dict[str, Manifest] = {}
    for server in plan.servers:
        unit = units[server.namespace or ""]
        running = pod.of_server(unit, server)
        yield from running
        made = inside.of_server(unit, server, running[-1])
        yield from made
        ready[server.name] = made[-1]
    for workload in plan.workloads:
        after = [ready[server.name] for server in plan.servers_of(workload)]
        yield from workloads.of_workload(units[workload.namespace or ""], workload, after)
