"""All objects that a plan becomes on a cluster, in the order in which they can be made. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from components.inside import Extent
from components.kubernetes import admission, inside, namespaces, workloads
from components.kubernetes.admission.facts import facts
from components.kubernetes.manifest import Manifest, Unit, ordered
from components.kubernetes.servers import kafka_cluster, pod, postgresql_cluster, rabbitmq_cluster
from components.kubernetes.topologies import kafka, rabbitmq
from plat.kubernetes.flows import Flow, flows_of
from plat.plan.model import PLATFORM, Plan, Server, Workload
from plat.plan.shares import Share, whole


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
    return of_share(whole(plan))


def of_share(share: Share) -> tuple[Manifest, ...]:
    """Every object of `share` on its cluster, each after those that it waits for; those too that it leaves out this time."""
    steps = steps_of(dataclasses.replace(share, later=frozenset()))
    return (*steps.provided, *steps.run)


def steps_of(share: Share) -> Steps:
    """The same in two steps: what runs may wait for what it has on machines beside the cluster, too."""
    # Ways lead to machines, and from there; everything else is of what is here.
    flows, here, known = _flows(share), share.plan.at("kubernetes"), share.known.at("kubernetes")
    policies = _policies(share, known)
    places = {place.name: Unit(known, place, flows, divided=bool(share.name)) for place in known.namespaces}
    units = {place.name: _fenced(places[place.name], policies) for place in here.namespaces}
    inside = {server.name: _server(share, units, places[server.namespace or ""], server) for server in here.servers}
    running = {item.name: [*_workload(units[item.namespace or ""], item, inside)] for item in here.workloads}
    first = [item for unit in units.values() for item in (*unit.fences, *namespaces.team(unit))]
    first += [item for made in inside.values() for item in made]
    content = [*first, *(item for made in running.values() for item in made)]
    # Before all that is in it, and yet it says to the policies what that will be.
    saying = [_saying(unit, content) for unit in units.values()] if share.plan.cluster and share.plan.cluster.admission else []
    provided = tuple(ordered([*policies, *saying, *first]))
    made = {_key(item) for item in provided}
    run = [item for name, items in running.items() if name not in share.later for item in items]
    return Steps(provided, tuple(item for item in ordered(run) if _key(item) not in made), inside)


def _flows(share: Share) -> tuple[Flow, ...]:
    return share.flows if share.name else flows_of(share.plan)


def _policies(share: Share, known: Plan) -> tuple[Manifest, ...]:
    """The policies of admission, which are the platform's."""
    if share.closes or share.unit not in {"", PLATFORM}:
        return ()
    return admission.policies_of(known)


def _key(manifest: Manifest) -> tuple[str, str]:
    return manifest.type_token, manifest.resource


def _workload(unit: Unit, workload: Workload, inside: Mapping[str, Sequence[Manifest]]) -> Sequence[Manifest]:
    """A workload, after all that it has in servers: a Job is the last of all, of what operators make each waits for itself."""
    after = [item for server in unit.plan.servers_of(workload) for item in inside.get(server.name, ())]
    return workloads.of_workload(unit, workload, after)


def _server(share: Share, units: Mapping[str, Unit], place: Unit, server: Server) -> Sequence[Manifest]:
    """A server, and what is inside of it; of one that another share makes only that."""
    if server.name in share.elsewhere:
        name, extent = ("only", Extent.NAMES) if share.closes else (f"{share.unit}--inside", Extent.PART)
        return inside.of_share(place, server, f"{server.name}--{name}", extent)
    unit = units[place.namespace.name]
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
    here = [server for server in unit.plan.servers if server.namespace == unit.namespace.name]
    shared = [server for server in here if unit.divided and server.owner == PLATFORM]
    forms = {server.name: inside.form_of(unit, server) for server in shared}
    return replace(itself, annotations={**itself.annotations, **facts(unit, content, forms)})
