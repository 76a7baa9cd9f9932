"""The ways that a plan opens on one machine: between its containers, in from elsewhere, and out. All else stays closed.

Whatever has a port is published at the machine's address and nowhere else; who may go there, the firewall decides. So the
containers of one machine reach each other in the same way as those of different machines do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from plat.plan.model import Machine, Plan, Server, Workload
from plat.plan.reaching import ways


@dataclass(frozen=True, slots=True)
class Within:
    """A container's way to a published port of its own machine."""

    source: str
    port: int


@dataclass(frozen=True, slots=True)
class Inward:
    """The way of a network elsewhere to the published port of a container."""

    network: str
    target: str
    port: int


@dataclass(frozen=True, slots=True)
class Outward:
    """A container's way to one port of one address elsewhere."""

    source: str
    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Abroad:
    """A container's way to a port of anybody outside of private networks: a firewall knows no names of hosts."""

    source: str
    port: int


AWay = Within | Inward | Outward | Abroad


def bridge(container: str) -> str:
    """The network device of a container's own network: a name of at most 15 characters, which is what Linux allows."""
    return f"pl-{hashlib.sha256(container.encode()).hexdigest()[:12]}"


def containers(plan: Plan, machine: Machine) -> tuple[Server | Workload, ...]:
    """What runs in containers on `machine`, servers first."""
    found: list[Server | Workload] = [*plan.servers, *plan.workloads]
    return tuple(item for item in found if item.machine == machine.name)


def asking_for_names(ways: Iterable[AWay]) -> tuple[str, ...]:
    """The containers that reach somebody by a name, of those that `ways` are for."""
    return tuple(dict.fromkeys(way.source for way in ways if isinstance(way, Abroad)))


def ways_on(plan: Plan, machine: Machine) -> tuple[AWay, ...]:
    """Every way that `plan` opens on `machine`, each once."""
    return tuple(dict.fromkeys(_ways(plan, machine)))


def _ways(plan: Plan, machine: Machine) -> Iterator[AWay]:
    # To itself, by the address that it tells to others: some clients are sent back there.
    yield from (Within(server.name, server.port) for server in plan.servers if server.machine == machine.name)
    for way in ways(plan):
        here, there = way.source.machine == machine.name, way.target.machine == machine.name
        if here and there:
            yield Within(way.source.name, way.port)
        elif here:
            yield Outward(way.source.name, way.host, way.port)
        elif there:
            yield from (Inward(network, way.target.name, way.port) for network in _networks(plan, way.source))
    for workload in plan.workloads:
        if workload.machine == machine.name:
            yield from _public(plan, workload)
            for external in plan.externals:
                if workload.name in external.reached_by:
                    yield Abroad(workload.name, external.port)


def _public(plan: Plan, workload: Workload) -> Iterator[Inward]:
    served = [surface for surface in plan.surfaces if surface.workload == workload.name]
    if plan.fleet and workload.port and any(operation.public for surface in served for operation in surface.operations):
        yield from (Inward(network, workload.name, workload.port) for network in plan.fleet.public)


def _networks(plan: Plan, workload: Workload) -> tuple[str, ...]:
    """What a workload elsewhere comes from."""
    if plan.fleet is None:
        msg = f"{plan.stack} has no machines"
        raise ValueError(msg)
    if workload.namespace:
        return plan.cluster.outgoing if plan.cluster else ()
    return (f"{plan.fleet.machine(workload.machine).address if workload.machine else plan.fleet.neighbour}/32",)
