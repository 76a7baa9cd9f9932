"""What the firewalls of machines let through, out of a container, out of a machine, or from this one. Pure; nothing is tried.

To what is on this machine no network bars the way from here: its servers, and whoever checks its own callers, do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network

from plat.address import is_loopback
from plat.machines.ways import Inward, Outward, Within, containers, ways_on
from plat.plan.model import Fleet, Machine, Plan, Server, Workload
from plat.plan.seen import seen_from
from plat.verify.model import Cell, Door, Reach
from plat.verify.vantage import Place, Placed, places_of
from plat.verify.vantage import placed as placed_in


@dataclass(frozen=True, slots=True)
class Spot:
    """Whose network something is tried from: a container's on a machine, a machine's own, or (neither) this machine's."""

    machine: str | None = None
    container: str | None = None

    @classmethod
    def of(cls, item: Server | Workload) -> Spot:
        """Where a server or a workload is."""
        return cls(item.machine, item.name) if item.machine else HERE


HERE = Spot()

_HERE = "(this machine)"


def placed(plan: Plan, bridges: Mapping[str, str]) -> tuple[Placed[Spot], ...]:
    """Every cell of the matrix of `plan`, and those of the machines' firewalls.

    `bridges` are the addresses that running containers have in their own networks, by name. Raises ValueError where the plan
    has no machines.
    """
    if plan.fleet is None:
        msg = f"{plan.stack} has no machines"
        raise ValueError(msg)
    fleet, plan = plan.fleet, as_machines_see(plan)
    network = MachineNetwork(plan, fleet)
    items = (*placed_in(plan, network), *_past_the_ports(plan, fleet, bridges), *_entrances(fleet, network))
    return tuple(_seen(item, fleet) for item in items)


def as_machines_see(plan: Plan) -> Plan:
    """The plan without what a cluster keeps to itself, and the rest of it by the addresses that machines use."""
    servers = tuple(seen_from("vm", server) for server in plan.servers if server.outside or not server.namespace)
    on_cluster = {workload.name for workload in plan.workloads if workload.namespace}
    surfaces = tuple(seen_from("vm", item) for item in plan.surfaces if item.outside or item.workload not in on_cluster)
    broker = plan.broker if plan.broker and plan.broker.server in {server.name for server in servers} else None
    return replace(plan, servers=servers, surfaces=surfaces, broker=broker)


class MachineNetwork:
    """The network that the machines of a plan and this one are in; the plan is `as_machines_see` it."""

    def __init__(self, plan: Plan, fleet: Fleet) -> None:
        self._plan = plan
        self._fleet = fleet
        self._ways = {machine.name: frozenset(ways_on(plan, machine)) for machine in fleet.machines}

    def has(self, workload: Workload) -> bool:
        """Whether it is on a machine or on this one."""
        return workload.namespace is None

    def of_workload(self, workload: Workload) -> Spot:
        """The network of its container, or this machine's."""
        return Spot.of(workload)

    def others(self, target: Workload) -> Collection[Spot]:
        """This machine, and the network of any other workload."""
        return [HERE, *(Spot.of(workload) for workload in self._plan.workloads if workload.machine and workload != target)]

    def beside(self, server: Server) -> Spot | None:
        """The server's own network, out of which its machine lets it come to itself; or this machine's.

        Of a server on a cluster it is any container that has a way to it.
        """
        if server.namespace is None:
            return Spot.of(server)
        own = (item for item in self._plan.workloads if item.machine and server in self._plan.servers_of(item))
        return next(map(Spot.of, own), None)

    def offered(self, server: Server) -> Collection[int]:
        """What a machine or a cluster publishes of it. On this machine it is all that it listens to."""
        return (server.port, *server.extra_ports.values()) if server.target == "local" else (server.port,)

    def places(self) -> Collection[Place]:
        """All servers, what is exposed, and whatever else is published at a machine."""
        found = tuple(places_of(self._plan))
        known = {place.target.name for place in found}
        more = (item for item in self._plan.workloads if item.machine and item.port and item.name not in known)
        return (*found, *(Place(item, self._plan.host_of(item), item.port or 0) for item in more))

    def sources(self) -> Collection[tuple[str, Spot]]:
        """All containers of workloads, all machines, and this one."""
        workloads = [(item.name, Spot.of(item)) for item in self._plan.workloads if item.machine]
        return [*workloads, *((called(machine), Spot(machine.name)) for machine in self._fleet.machines), (_HERE, HERE)]

    def fences(self, end: Spot, place: Place) -> bool:
        """Whether a firewall is between: a container's own machine always is, but for itself, and so is a cluster."""
        target = place.target
        if target.namespace and end == HERE:
            return False  # Nobody knows whether this is not a node of the cluster.
        if target.namespace:
            return True
        return end != Spot.of(target) if end.container else target.machine not in {None, end.machine}

    def lets(self, end: Spot, place: Place) -> bool:
        """Whether every firewall between lets it through."""
        if not self.fences(end, place):
            return True
        if end.container and end.machine:
            inside = Within(end.container, place.port)
            outside = Outward(end.container, place.host, place.port)
            return (inside if place.target.machine == end.machine else outside) in self._ways[end.machine]
        if place.target.namespace:
            # The cluster knows machines, not containers.
            ways = self._ways[end.machine or ""]
            return any(isinstance(way, Outward) and (way.address, way.port) == (place.host, place.port) for way in ways)
        source = ip_address(self._fleet.machine(end.machine).address if end.machine else self._fleet.neighbour)
        return any(
            source in ip_network(way.network)
            for way in self._ways[place.target.machine or ""]
            if isinstance(way, Inward) and (way.target, way.port) == (place.target.name, place.port)
        )


def called(machine: Machine) -> str:
    """What the matrix calls a machine that tries something itself."""
    return f"({machine.name})"


def _past_the_ports(plan: Plan, fleet: Fleet, bridges: Mapping[str, str]) -> Iterator[Placed[Spot]]:
    """Containers that go to others of their machine directly, by no port that is published: nobody has to."""
    for machine in fleet.machines:
        there = containers(plan, machine)
        for target in there:
            if target.port and target.name in bridges:
                right = f"go to its container, port {target.port}"
                door = Door(target.name, "network", right, bridges[target.name], target.port, Reach())
                for source in there:
                    if isinstance(source, Workload) and source != target:
                        cell = Cell(source.name, door, (), allowed=False, why="published ports alone lead to containers")
                        yield Placed(cell, Spot.of(source), through=False)


def _entrances(fleet: Fleet, network: MachineNetwork) -> Iterator[Placed[Spot]]:
    """Everybody at the SSH of every machine: administrators alone come to it."""
    for machine in fleet.machines:
        door = Door(machine.name, "machine", f"enter by SSH, port {machine.port}", machine.address, machine.port, Reach())
        for who, end in network.sources():
            if end == HERE or end == Spot(machine.name):
                continue  # Whoever tries the fences has come in by this very port; and a machine may come to itself.
            address = ip_address(fleet.machine(end.machine or "").address)
            allowed = end.container is None and any(address in ip_network(item) for item in fleet.administration)
            why = "is where administrators come from" if allowed else "only administrators enter machines"
            yield Placed(Cell(who, door, (), allowed, why), end, through=allowed)


def _seen(item: Placed[Spot], fleet: Fleet) -> Placed[Spot]:
    """What listens on loopback here is looked for, from elsewhere, at the address that this machine has for others."""
    door = item.cell.door
    if item.end == HERE or not is_loopback(door.host):
        return item
    return replace(item, cell=replace(item.cell, door=replace(door, host=fleet.neighbour)))
