"""From where each cell is tried where a network fences, and what that network adds to the matrix. Pure; nothing is tried here.

What is let in is tried by the workload that is meant, through the network. What a server has to refuse is tried from where the
network lets everything through to it, so that it is the server itself that refuses. What the network has to refuse is tried
by every workload at every port. Where a plan is in several networks, each tries from its own workloads alone.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from plat.kubernetes.flows import administration
from plat.plan.model import Plan, Pooler, Server, Surface, Workload
from plat.verify.expectations import expectations
from plat.verify.model import Cell, Door, Reach

End = TypeVar("End", bound=Hashable)
"""From where something is tried, as a kind of network knows it."""


@dataclass(frozen=True, slots=True)
class Placed(Generic[End]):
    """A cell, and from where it is tried. `through` says whether the network lets it come to its door at all."""

    cell: Cell
    end: End
    through: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """A port that something listens at, as it is told to others; `pooler` is what listens in its place."""

    target: Server | Workload
    host: str
    port: int
    pooler: Pooler | None = None

    @property
    def name(self) -> str:
        """What listens there."""
        return self.pooler.name if self.pooler else self.target.name


class Network(Protocol[End]):
    """What a network lets through."""

    def has(self, workload: Workload) -> bool:
        """Whether `workload` is in it."""

    def of_workload(self, workload: Workload) -> End:
        """From where a workload of it tries."""

    def others(self, target: Workload) -> Collection[End]:
        """From where those try to come to `target` who run nothing of their own."""

    def beside(self, server: Server) -> End | None:
        """From where everything is let through to `server`; None where nothing of this network is."""

    def offered(self, server: Server) -> Collection[int]:
        """The ports of `server` that can be come to from beside it."""

    def places(self) -> Collection[Place]:
        """What everybody tries to reach."""

    def sources(self) -> Collection[tuple[str, End]]:
        """Who tries to reach it, by the names that the matrix calls them."""

    def fences(self, end: End, place: Place) -> bool:
        """Whether anything but what listens there itself could keep `end` from it."""

    def lets(self, end: End, place: Place) -> bool:
        """Whether `end` is let through."""


def placed(plan: Plan, network: Network[End]) -> Iterator[Placed[End]]:
    """Every cell of the matrix of `plan`, and those of its `network`."""
    yield from _by_credentials(plan, network)
    yield from _by_network(network)


def _by_credentials(plan: Plan, network: Network[End]) -> Iterator[Placed[End]]:
    servers = {(server.host, port): server for server in plan.servers for port in (server.port, *server.extra_ports.values())}
    surfaces = {(surface.host, surface.port): surface for surface in plan.surfaces}
    for cell in expectations(plan):
        at = cell.door.host, cell.door.port
        if at in servers:
            yield from _at_server(cell, servers[at], plan, network)
        elif at in surfaces:
            yield from _at_surface(cell, surfaces[at], plan, network)


def _at_server(cell: Cell, server: Server, plan: Plan, network: Network[End]) -> Iterator[Placed[End]]:
    using = (workload for workload in _workloads(cell.principal, plan, network) if server in plan.servers_of(workload))
    workload = next(using, None) if cell.allowed and cell.door.port == server.port else None
    # A port that only the server itself listens to, as Kafka's controller, is beyond every network.
    offered = cell.door.port in network.offered(server)
    end = network.of_workload(workload) if workload else network.beside(server)
    if end is not None:
        yield Placed(cell, end, through=offered)


def _at_surface(cell: Cell, surface: Surface, plan: Plan, network: Network[End]) -> Iterator[Placed[End]]:
    serving = plan.workload(surface.workload)
    own = _workloads(cell.principal, plan, network)
    if serving in own:
        return  # It calls itself, for which no network is needed.
    if not own and any(cell.principal in {item.name, *item.contexts} for item in plan.workloads):
        return  # It calls from another network.
    place = Place(serving, surface.host, surface.port)
    ends = [network.of_workload(workload) for workload in own] or list(network.others(serving))
    open_to = [end for end in ends if network.lets(end, place)]
    if open_to:
        yield Placed(cell, open_to[0])
    elif ends:
        why = f"{cell.why}; no route leads there" if cell.allowed else cell.why
        yield Placed(replace(cell, allowed=False, why=why), ends[0], through=False)


def _by_network(network: Network[End]) -> Iterator[Placed[End]]:
    for place in network.places():
        door = Door(place.name, "network", f"reach port {place.port}", place.host, place.port, Reach())
        for who, end in network.sources():
            if network.fences(end, place):
                through = network.lets(end, place)
                why = "has something there" if through else "has nothing there"
                yield Placed(Cell(who, door, (), through, why), end)


def places_of(plan: Plan) -> Iterator[Place]:
    """The ports of servers, those for their administration included, and of what is exposed."""
    for server in plan.servers:
        yield from (Place(server, server.host, port) for port in administration(server))
        yield from (Place(server, pooler.host, server.port, pooler) for pooler in server.poolers)
    # Several contexts may be exposed by one workload.
    served = {surface.workload: surface for surface in reversed(plan.surfaces)}
    yield from (Place(plan.workload(name), served[name].host, served[name].port) for name in sorted(served))


def _workloads(principal: str, plan: Plan, network: Network[End]) -> tuple[Workload, ...]:
    there = tuple(filter(network.has, plan.workloads))
    named = tuple(workload for workload in there if workload.name == principal and not workload.contexts)
    carrying = tuple(workload for workload in there if principal in workload.contexts)
    return named or carrying or tuple(workload for workload in there if workload.name == principal)
