"""From where each cell is tried on a cluster, and what its network adds to the matrix. Pure; nothing is tried here.

What is let in is tried by the workload that is meant, through the network. What a server has to refuse is tried from where the
network lets everything through to it, so that it is the server itself that refuses. What the network has to refuse is tried
by every workload at every port.

What is on machines beside the cluster is tried from pods that have a way there, and its ports by every pod. What machines try
is none of this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from plat.kubernetes.flows import Elsewhere, End, Flow, administration, end_of, flows_of
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
    servers = {(server.host, port): server for server in plan.servers for port in _listening(server)}
    surfaces = {(surface.host, surface.port): surface for surface in plan.surfaces}
    for cell in expectations(plan):
        where = (cell.door.host, cell.door.port)
        if where in servers:
            yield from _at_server(cell, servers[where], plan, flows)
        elif where in surfaces:
            yield from _at_surface(cell, surfaces[where], plan, flows)


def _listening(server: Server) -> tuple[int, ...]:
    return (server.port, *server.extra_ports.values())


def _at_server(cell: Cell, server: Server, plan: Plan, flows: frozenset[Flow]) -> Iterator[Placed]:
    using = (workload for workload in _workloads(cell.principal, plan) if server in plan.servers_of(workload))
    workload = next(using, None) if cell.allowed and cell.door.port == server.port else None
    if server.namespace is None:
        yield from _at_machine(cell, end_of(plan, server), workload, plan, flows)
        return
    # A port that only the server itself listens to, as Kafka's controller, is beyond every network.
    offered = cell.door.port in administration(server)
    yield Placed(cell, End.of_workload(workload) if workload else End.inside(server), through=offered)


def _at_machine(
    cell: Cell, target: End | Elsewhere, workload: Workload | None, plan: Plan, flows: frozenset[Flow]
) -> Iterator[Placed]:
    """By whom it is meant for, else from any pod that has a way there: without one the machines alone can try it."""
    ends = map(End.of_workload, [workload] if workload else _running(plan))
    end = next((end for end in ends if Flow(end, target, cell.door.port) in flows), None)
    if end:
        yield Placed(cell, end)


def _at_surface(cell: Cell, surface: Surface, plan: Plan, flows: frozenset[Flow]) -> Iterator[Placed]:
    serving = plan.workload(surface.workload)
    own = _workloads(cell.principal, plan)
    if serving in own:
        return  # It calls itself, for which no network is needed.
    if not own and any(cell.principal in {item.name, *item.contexts} for item in plan.workloads):
        return  # It is on machines, which try it.
    ends = [End.of_workload(workload) for workload in own or _running(plan) if workload != serving]
    target = end_of(plan, serving)
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
        for workload in _running(plan):
            end = End.of_workload(workload)
            if end != target:
                through = Flow(end, target, port) in flows
                why = "has something there" if through else "has nothing there"
                yield Placed(Cell(workload.name, door, (), through, why), end)


def _ports(plan: Plan) -> Iterator[tuple[str, str, End | Elsewhere, str, int]]:
    for server in plan.servers:
        for port in administration(server):
            yield server.name, "network", end_of(plan, server), server.host, port
    seen: set[str] = set()
    for surface in plan.surfaces:
        if surface.workload not in seen:
            seen.add(surface.workload)
            target = end_of(plan, plan.workload(surface.workload))
            yield surface.workload, "network", target, surface.host, surface.port


def _running(plan: Plan) -> tuple[Workload, ...]:
    """The workloads on the cluster: from elsewhere nothing is tried here."""
    return tuple(workload for workload in plan.workloads if workload.namespace)


def _workloads(principal: str, plan: Plan) -> tuple[Workload, ...]:
    running = _running(plan)
    named = tuple(workload for workload in running if workload.name == principal and not workload.contexts)
    carrying = tuple(workload for workload in running if principal in workload.contexts)
    return named or carrying or tuple(workload for workload in running if workload.name == principal)


def silent(item: Placed) -> bool:
    """Whether no answer at all is the network's refusal, as it should be."""
    return not item.through
