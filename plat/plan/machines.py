"""Who comes onto which machine: by names and by what the environment says alone, so that nobody moves when others come.

A team has one machine for all that asks for none of its own: the first host of its own in the inventory that is not reserved,
else one that the first hypervisor makes which is not reserved. What is dedicated has a machine for itself. Nothing is
spread by what is free at the moment: data would move with every descriptor. Where something does not fit it is refused, and
`reserved-for` is the way out.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from plat import names
from plat.descriptors.parts import MachineSize, Runtime
from plat.environment import Targets
from plat.findings import Location
from plat.grouping import grouped
from plat.landscape import Landscape
from plat.machines import settings
from plat.plan import stores
from plat.plan.model import PLATFORM, Fleet, Hypervisor, Machine
from plat.plan.numbers import Range, assign
from plat.plan.problem import refuse
from plat.plan.units import unit_of_context, unit_of_deployable
from plat.quantities import mebibytes

_USER = "plat"
_SSH = 22
_STORAGE = "5Gi"  # of a store whose descriptor says nothing
_MORE = "reserved-for"
_SIZES: tuple[MachineSize, ...] = ("small", "medium", "large")


@dataclass(frozen=True, slots=True)
class Occupant:
    """A unit on machines: what it needs, in MiB, and where it says so."""

    unit: str
    team: str
    dedicated: bool
    size: MachineSize
    storage: int
    location: Location


def fleet_of(landscape: Landscape, targets: Targets, machines: settings.Machines, neighbour: str) -> Fleet:
    """The machines of all that is on the target `vm`, beside this one at `neighbour`. Raises PlanProblem, NumberProblem."""
    occupants = sorted(_occupants(landscape, targets), key=lambda occupant: occupant.unit)
    on_hosts = {occupant.unit: host for occupant in occupants if (host := _host(occupant, machines))}
    made = [occupant for occupant in occupants if occupant.unit not in on_hosts]
    found = [*_inventory(occupants, on_hosts, machines), *_made(landscape, made, machines)]
    return Fleet(
        machines=tuple(sorted(found, key=lambda machine: machine.name)),
        administration=tuple(machines.administration),
        public=tuple(machines.public),
        images=machines.images.model_dump(),
        neighbour=neighbour,
    )


def _occupants(landscape: Landscape, targets: Targets) -> Iterator[Occupant]:
    needed = _storage(landscape)
    for unit, wishes in grouped(_wishes(landscape, targets), lambda wish: wish.unit).items():
        yield Occupant(
            unit,
            wishes[0].team,
            dedicated=any(wish.runtime.dedicated for wish in wishes),
            size=max((wish.runtime.size or _SIZES[0] for wish in wishes), key=_SIZES.index),
            storage=needed.get(unit, 0),
            location=wishes[0].location,
        )
    if targets.of_platform == "vm" and (PLATFORM in needed or landscape.broker):
        team = landscape.platform_team or PLATFORM
        storage = needed.get(PLATFORM, 0)
        yield Occupant(PLATFORM, team, dedicated=False, size=_SIZES[0], storage=storage, location=landscape.location)


@dataclass(frozen=True, slots=True)
class _Wish:
    unit: str
    team: str
    runtime: Runtime
    location: Location


def _wishes(landscape: Landscape, targets: Targets) -> Iterator[_Wish]:
    """What is said of machines, by contexts and by deployables, for those that come onto one."""
    for context in landscape.contexts:
        unit = unit_of_context(landscape, context.name)
        if targets.of(context.runtime.target) == "vm":
            yield _Wish(unit, context.team, context.runtime, context.at("runtime"))
    for deployable in landscape.deployables:
        unit = unit_of_deployable(landscape, deployable)
        if targets.of(deployable.runtime.target) == "vm":
            yield _Wish(unit, deployable.team, deployable.runtime, deployable.at("runtime"))


def _storage(landscape: Landscape) -> Mapping[str, int]:
    """How much the servers of each unit are to hold, in MiB."""
    contexts = {context.name for context in landscape.contexts}
    needed: dict[str, int] = {}
    for holder in {holder.name: holder for holder in stores.holders(landscape)}.values():
        unit = unit_of_context(landscape, holder.owner) if holder.owner in contexts else holder.owner
        needed[unit] = needed.get(unit, 0) + mebibytes(holder.storage or _STORAGE)
    return needed


def _host(occupant: Occupant, machines: settings.Machines) -> settings.Host | None:
    """The host that an occupant comes onto; None where one is made for it."""
    for host in machines.inventory:
        if occupant.unit in host.reserved_for:
            if host.team != occupant.team:
                refuse(
                    occupant.location,
                    f"`{occupant.unit}` is {occupant.team}'s, and the host `{host.name}` that is reserved for it is "
                    f"{host.team}'s: reserve one of {occupant.team}'s, or change whose it is",
                )
            return host
    own = [host for host in machines.inventory if host.team == occupant.team]
    if any(occupant.unit in hypervisor.reserved_for for hypervisor in machines.hypervisors):
        return None
    return next((host for host in own if not host.reserved_for or occupant.team in host.reserved_for), None)


def _inventory(
    occupants: Sequence[Occupant], hosts: Mapping[str, settings.Host], machines: settings.Machines
) -> Iterator[Machine]:
    for host in machines.inventory:
        units = [occupant for occupant in occupants if (found := hosts.get(occupant.unit)) and found.name == host.name]
        if not units:
            continue
        _refuse_company(host.name, units)
        if host.size:
            _refuse_overload(f"the host `{host.name}`", units, host.size, machines, f"{_MORE} of another host")
        yield Machine(
            name=host.name,
            team=host.team,
            units=tuple(unit.unit for unit in units),
            dedicated=units[0].dedicated,
            address=host.address,
            port=host.port,
            user=host.user,
            cpus=host.size.cpus if host.size else 0,
            memory=mebibytes(host.size.memory) if host.size else 0,
            disk=mebibytes(host.size.disk) if host.size else 0,
            name_servers=tuple(host.name_servers),
            host_key=host.host_key,
            key=host.key,
        )


def _refuse_company(host: str, units: Sequence[Occupant]) -> None:
    alone = [unit for unit in units if unit.dedicated]
    if alone and len(units) > 1:
        others = ", ".join(f"`{unit.unit}`" for unit in units if unit is not alone[0])
        refuse(
            alone[0].location,
            f"`{alone[0].unit}` asks for a machine of its own, but {others} would be on `{host}` too: name another host "
            f"`{_MORE}: [{alone[0].unit}]` in the inventory",
        )


def _refuse_overload(
    where: str, units: Sequence[Occupant], size: settings.Size, machines: settings.Machines, way: str
) -> None:
    needed = (
        ("memory", sum(mebibytes(machines.size(unit.size).memory) for unit in units), mebibytes(size.memory)),
        ("disk", sum(unit.storage for unit in units), mebibytes(size.disk)),
    )
    for what, wanted, given in needed:
        if wanted > given:
            named = ", ".join(f"`{unit.unit}`" for unit in units)
            refuse(
                units[-1].location,
                f"{named} need {wanted} MiB of {what}, and {where} has {given}: let `{units[-1].unit}` be dedicated, or use "
                f"{way}",
            )


def _made(landscape: Landscape, occupants: Sequence[Occupant], machines: settings.Machines) -> Iterator[Machine]:
    """The machines that hypervisors make: one for each that is dedicated, and one for all others of a team."""
    by_name: dict[str, list[Occupant]] = {}
    for occupant in occupants:
        parts = [occupant.unit] if occupant.dedicated else ["team", occupant.team]
        by_name.setdefault(names.resource_name(landscape.name, *parts), []).append(occupant)
    chosen = {name: _hypervisor(units[0], machines) for name, units in by_name.items()}
    for hypervisor, own in grouped(by_name, lambda name: chosen[name].name).items():
        settled = next(item for item in machines.hypervisors if item.name == hypervisor)
        addresses = assign(landscape.name, own, Range.of_addresses(settled.addresses))
        made = [_on(settled, name, by_name[name], str(ipaddress.IPv4Address(addresses[name])), machines) for name in own]
        _refuse_beyond(settled, made, by_name)
        yield from made


def _hypervisor(occupant: Occupant, machines: settings.Machines) -> settings.Hypervisor:
    wanted = (occupant.unit, occupant.team) if occupant.dedicated else (occupant.team,)
    reserved = [item for item in machines.hypervisors if {*wanted} & {*item.reserved_for}]
    found = [*reserved, *(item for item in machines.hypervisors if not item.reserved_for)]
    if not found:
        known = ", ".join(f"{host.name} ({host.team})" for host in machines.inventory) or "none"
        refuse(
            occupant.location,
            f"`{occupant.unit}` of {occupant.team} has no machine: no host of the inventory is {occupant.team}'s and free for "
            f"it (there are: {known}), and no hypervisor makes any for it",
        )
    return found[0]


def _on(
    hypervisor: settings.Hypervisor, name: str, units: Sequence[Occupant], address: str, machines: settings.Machines
) -> Machine:
    dedicated, team = units[0].dedicated, units[0].team
    size = machines.size(units[0].size if dedicated else machines.shared.get(team, "medium"))
    larger = f"`machines: {{shared: {{{team}: large}}}}`"
    _refuse_overload(f"the machine `{name}`", units, size, machines, "a larger `size`" if dedicated else larger)
    return Machine(
        name=name,
        team=team,
        units=tuple(unit.unit for unit in units),
        dedicated=dedicated,
        address=address,
        port=_SSH,
        user=_USER,
        cpus=size.cpus,
        memory=mebibytes(size.memory),
        disk=mebibytes(size.disk),
        name_servers=tuple(hypervisor.name_servers or [hypervisor.gateway]),
        hypervisor=Hypervisor(
            name=hypervisor.name,
            uri=hypervisor.uri,
            pool=hypervisor.pool,
            network=hypervisor.network,
            gateway=hypervisor.gateway,
            prefix=hypervisor.prefix,
            image=hypervisor.image,
            domain=hypervisor.domain,
            data_image=hypervisor.data_image,
        ),
    )


def _refuse_beyond(hypervisor: settings.Hypervisor, made: Iterable[Machine], units: Mapping[str, Sequence[Occupant]]) -> None:
    machines = sorted(made, key=lambda machine: machine.name)
    capacity = hypervisor.capacity
    if capacity is None:
        return
    needed = (
        ("processors", sum(machine.cpus for machine in machines), capacity.cpus),
        ("MiB of memory", sum(machine.memory for machine in machines), mebibytes(capacity.memory)),
        ("MiB of disk", sum(machine.disk for machine in machines), mebibytes(capacity.disk)),
    )
    for what, wanted, given in needed:
        if wanted > given:
            named = ", ".join(machine.name for machine in machines)
            refuse(
                units[machines[-1].name][0].location,
                f"the machines of the hypervisor `{hypervisor.name}` ({named}) need {wanted} {what}, and it may give {given}: "
                f"give it more, choose smaller sizes, or name another one `{_MORE}` some of them",
            )
