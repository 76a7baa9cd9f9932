"""All objects that a plan becomes on a cluster, in the order in which they can be made. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from components.kubernetes import inside, namespaces, workloads
from components.kubernetes.manifest import Manifest, Unit, ordered
from components.kubernetes.servers import pod, postgresql_cluster, rabbitmq_cluster
from components.kubernetes.topologies import rabbitmq as topologies
from plat.kubernetes.flows import flows_of
from plat.plan.model import Plan, Server


def objects_of(plan: Plan) -> tuple[Manifest, ...]:
    """Every object of `plan`, each after those that it waits for."""
    return tuple(ordered(_objects(plan)))


def _objects(plan: Plan) -> Iterator[Manifest]:
    flows = flows_of(plan)
    units = {described.name: _fenced(Unit(plan, described, flows)) for described in plan.namespaces}
    for unit in units.values():
        yield from unit.fences
        yield from namespaces.team(unit)
    ready: dict[str, Sequence[Manifest]] = {}
    for server in plan.servers:
        made = _server(units[server.namespace or ""], server)
        yield from made
        # A Job is the last of all; of what operators make each waits for itself.
        ready[server.name] = made
    for workload in plan.workloads:
        after = [item for server in plan.servers_of(workload) for item in ready[server.name]]
        yield from workloads.of_workload(units[workload.namespace or ""], workload, after)


def _server(unit: Unit, server: Server) -> Sequence[Manifest]:
    """A server, and what is inside of it."""
    broker = unit.plan.broker
    operated = unit.cluster.operates(server)
    if operated and broker and broker.server == server.name:
        running = rabbitmq_cluster.of_server(unit, server, unit.cluster)
        return [*running, *topologies.of_broker(unit, broker, server, running[-1])]
    running = postgresql_cluster.of_server(unit, server) if operated else pod.of_server(unit, server)
    return [*running, *inside.of_server(unit, server, running[-1])]


def _fenced(unit: Unit) -> Unit:
    return replace(unit, fences=namespaces.fences(unit))
