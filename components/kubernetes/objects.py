"""All objects that a plan becomes on a cluster, in the order in which they can be made. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from components.kubernetes import inside, namespaces, workloads
from components.kubernetes.manifest import Manifest, Unit, ordered
from components.kubernetes.servers import pod
from plat.kubernetes.flows import flows_of
from plat.plan.model import Plan


def objects_of(plan: Plan) -> tuple[Manifest, ...]:
    """Every object of `plan`, each after those that it waits for."""
    return tuple(ordered(_objects(plan)))


def _objects(plan: Plan) -> Iterator[Manifest]:
    flows = flows_of(plan)
    units = {described.name: _fenced(Unit(plan, described, flows)) for described in plan.namespaces}
    for unit in units.values():
        yield from unit.fences
        yield from namespaces.team(unit)
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


def _fenced(unit: Unit) -> Unit:
    return replace(unit, fences=namespaces.fences(unit))
