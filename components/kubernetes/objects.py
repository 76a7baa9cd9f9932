"""All objects that a plan becomes on a cluster, in the order in which they can be made. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from components.kubernetes import admission, inside, namespaces, workloads
from components.kubernetes.admission.facts import facts
from components.kubernetes.manifest import Manifest, Unit, ordered
from components.kubernetes.servers import kafka_cluster, pod, postgresql_cluster, rabbitmq_cluster
from components.kubernetes.topologies import kafka, rabbitmq
from plat.kubernetes.flows import flows_of
from plat.plan.model import Plan, Server, Workload


@dataclass(frozen=True, slots=True)
class Steps:
    """The objects of a plan in two steps: servers with what is in them, and what runs.

    `inside` are by server those that are there when all that the plan has inside of it is.
    """

    provided: tuple[Manifest, ...]
    run: tuple[Manifest, ...]
    inside: Mapping[str, Sequence[Manifest]]


def objects_of(plan: Plan) -> tuple[Manifest, ...]:
    """Every object of `plan` on its cluster, each after those that it waits for."""
    steps = steps_of(plan)
    return (*steps.provided, *steps.run)


def steps_of(plan: Plan) -> Steps:
    """The same in two steps: what runs may wait for what it has on machines beside the cluster, too."""
    # Ways lead to machines, and from there; everything else is of what is here.
    flows, here = flows_of(plan), plan.at("kubernetes")
    policies = admission.policies_of(here)
    units = {described.name: _fenced(Unit(here, described, flows), policies) for described in here.namespaces}
    inside = {server.name: _server(units[server.namespace or ""], server) for server in here.servers}
    running = [item for workload in here.workloads for item in _workload(units[workload.namespace or ""], workload, inside)]
    first = [item for unit in units.values() for item in (*unit.fences, *namespaces.team(unit))]
    first += [item for made in inside.values() for item in made]
    # Before all that is in it, and yet it says to the policies what that will be.
    saying = [_saying(unit, [*first, *running]) for unit in units.values()] if policies else []
    provided = tuple(ordered([*policies, *saying, *first]))
    known = {_key(item) for item in provided}
    return Steps(provided, tuple(item for item in ordered(running) if _key(item) not in known), inside)


def _key(manifest: Manifest) -> tuple[str, str]:
    return manifest.type_token, manifest.resource


def _workload(unit: Unit, workload: Workload, inside: Mapping[str, Sequence[Manifest]]) -> Sequence[Manifest]:
    """A workload, after all that it has in servers: a Job is the last of all, of what operators make each waits for itself."""
    after = [item for server in unit.plan.servers_of(workload) for item in inside[server.name]]
    return workloads.of_workload(unit, workload, after)


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
