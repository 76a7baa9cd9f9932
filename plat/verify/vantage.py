"""From where each cell is tried on a cluster, and what its network adds to the matrix. Pure; nothing is tried here.

What is let in is tried by the workload that is meant, through the network. What a server has to refuse is tried from where the
network lets everything through to it, so that it is the server itself that refuses. What the network has to refuse is tried
by every workload at every port.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from plat.kubernetes.flows import End, Flow, administration, flows_of
from plat.plan.model import Plan, Server, Surface, Workload
from plat.verify.expectations import expectations
from plat.verify.model import Cell, Door, Reach


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell, and the pods that it is tried from: by one that bears their labels in their namespace.

    `through` says whether the network lets it come to its door at all.
    """

    cell: Cell
    end: End
    through: bool = True


def placed(plan: Plan) -> tuple[Placed, ...]:
    """Every cell of the matrix of `plan`, and those of its network."""
    return (*_by_credentials(plan), *_by_network(plan))


def _by_credentials(plan: Plan) -> Iterator[Placed]:
    flows = frozenset(flows_of(plan))
    servers = {server.host: server for server in plan.servers}
    surfaces = {surface.host: surface for surface in plan.surfaces}
    for cell in expectations(plan):
        server = servers.get(cell.door.host)
        if server:
            yield _at_server(cell, server, plan)
        elif cell.door.host in surfaces:
            yield from _at_surface(cell, surfaces[cell.door.host], plan, flows)


def _at_server(cell: Cell, server: Server, plan: Plan) -> Placed:
    using = (workload for workload in _workloads(cell.principal, plan) if server in plan.servers_of(workload))
    workload = next(using, None) if cell.allowed and cell.door.port == server.port else None
    # A port that only the server itself listens to, as Kafka's controller, is beyond every network.
    offered = cell.door.port in administration(server)
    return Placed(cell, End.of_workload(workload) if workload else End.inside(server), through=offered)


def _at_surface(cell: Cell, surface: Surface, plan: Plan, flows: frozenset[Flow]) -> Iterator[Placed]:
    serving = plan.workload(surface.workload)
    own = _workloads(cell.principal, plan)
    if serving in own:
        return  # It calls itself, for which no network is needed.
    ends = [End.of_workload(workload) for workload in own or plan.workloads if workload != serving]
    target = End.of_workload(serving)
    open_to = [end for end in ends if Flow(end, target, surface.port) in flows]
    if open_to:
        yield Placed(cell, open_to[0])
    elif ends:
        why = f"{cell.why}; no route leads there" if cell.allowed else cell.why
        yield Placed(replace(cell, allowed=False, why=why), ends[0], through=False)


def _by_network(plan: Plan) -> Iterator[Placed]:
    flows = frozenset(flows_of(plan))
    for name, kind, target, host, port in _ports(plan):
        door = Door(name, kind, f"reach port {port}", host, port, Reach())
        for workload in plan.workloads:
            end = End.of_workload(workload)
            if end != target:
                through = Flow(end, target, port) in flows
                why = "has something there" if through else "has nothing there"
                yield Placed(Cell(workload.name, door, (), through, why), end)


def _ports(plan: Plan) -> Iterator[tuple[str, str, End, str, int]]:
    for server in plan.servers:
        for port in administration(server):
            yield server.name, "network", End.of_server(server), server.host, port
    seen: set[str] = set()
    for surface in plan.surfaces:
        if surface.workload not in seen:
            seen.add(surface.workload)
            target = End.of_workload(plan.workload(surface.workload))
            yield surface.workload, "network", target, surface.host, surface.port


def _workloads(principal: str, plan: Plan) -> tuple[Workload, ...]:
    named = tuple(workload for workload in plan.workloads if workload.name == principal and not workload.contexts)
    return named or plan.workloads_of(principal) or tuple(item for item in plan.workloads if item.name == principal)


def silent(item: Placed) -> bool:
    """Whether no answer at all is the network's refusal, as it should be."""
    return not item.through
