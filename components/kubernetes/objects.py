"""All objects that a plan becomes on a cluster, in the order in which they can be made. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from components.kubernetes import admission, inside, namespaces, workloads
from components.kubernetes.admission.facts import facts
from components.kubernetes.manifest import Manifest, Unit, ordered
from components.kubernetes.servers import kafka_cluster, pod, postgresql_cluster, rabbitmq_cluster
from components.kubernetes.topologies import kafka, rabbitmq
from plat.kubernetes.flows import flows_of
from plat.plan.model import Plan, Server


def objects_of(plan: Plan) -> tuple[Manifest, ...]:
    """Every object of `plan`, each after those that it waits for."""
    return tuple(ordered(_objects(plan)))


def _objects(plan: Plan) -> Iterator[Manifest]:
    flows = flows_of(plan)
    policies = admission.policies_of(plan)
    units = {described.name: _fenced(Unit(plan, described, flows), policies) for described in plan.namespaces}
    content = [item for unit in units.values() for item in (*unit.fences, *namespaces.team(unit))]
    content += _content(plan, units)
    yield from policies
    # Before all that is in it, and yet it says to the policies what that will be.
    yield from (_saying(unit, content) for unit in units.values()) if policies else ()
    yield from content


def _content(plan: Plan, units: Mapping[str, Unit]) -> Iterator[Manifest]:
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
        made, topology = (kafka_cluster, kafka) if server.kind == "kafka" else (rabbitmq_cluster, rabbitmq)
        running = made.of_server(unit, server, unit.cluster)
        return [*running, *topology.of_broker(unit, broker, server, running[-1])]
    running = postgresql_cluster.of_server(unit, server) if operated else pod.of_server(unit, server)
    return [*running, *inside.of_server(unit, server, running[-1])]


def _fenced(unit: Unit, policies: Sequence[Manifest]) -> Unit:
    return replace(unit, fences=namespaces.fences(unit, policies))


def _saying(unit: Unit, content: Sequence[Manifest]) -> Manifest:
    itself = unit.fences[0]
    return replace(itself, annotations={**itself.annotations, **facts(unit, content)})
