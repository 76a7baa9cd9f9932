"""Where a resource is: on which machine, or by which hypervisor; and whose what is made by hand says that it is."""

from __future__ import annotations

import difflib
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from plat.claims import Claim
from plat.kubernetes import labels
from plat.plan.model import Machine
from policies.ground import Ground
from policies.machines import OWN, host_of
from policies.observed import Observed, Properties, Unreadable

_POINT_IT = "use the provider that Plat's component makes for the machine"
_LABELS = f"label it with `{labels.TEAM}` and, where it acts for some, with `{labels.CONTEXTS}`, as Plat's own are"
_OWN_MACHINE = "put it onto the machine of whose it is"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one resource is: `name` is the machine's or the hypervisor's address, empty for our own types, which say it."""

    name: str
    machine: Machine | None = None


def place_of(resource: Observed, ground: Ground) -> Place:
    """The place of `resource`. Raises Unreadable where it is none of the plan's."""
    package = resource.type.partition(":")[0]
    if package == OWN:
        return Place("")
    if not resource.provider:
        raise Unreadable("provider", "it has no provider that says on which machine it is", _POINT_IT)
    if package == "libvirt":
        return Place(_hypervisor(resource.provider.properties, ground))
    machine = machine_of(resource.provider.name, resource.provider.properties, ground)
    return Place(machine.name, machine)


def machine_of(name: str, provider: Properties, ground: Ground) -> Machine:
    """The machine that Docker's provider of that name leads to. Raises Unreadable where it is none of the plan's.

    A preview knows no machine that is not made yet. Then it is the one that the provider is named after: the update knows the
    address, and judges before anything is made.
    """
    machines = ground.machines
    if provider.unknown("host") and ("docker", name) in machines.providers:
        return machines.by_name[name]
    host = provider.text("host")
    machine = machines.of_host(host)
    if machine is None:
        near = difflib.get_close_matches(host, map(host_of, machines.by_name.values()), 1, 0.8)
        hint = f"; the nearest is {near[0]}" if near else ""
        raise Unreadable(provider.field("host"), f"it leads to no machine of this landscape{hint}", _POINT_IT)
    return machine


def _hypervisor(provider: Properties, ground: Ground) -> str:
    uri = provider.text("uri")
    known = [machine.hypervisor for machine in ground.machines.by_name.values() if machine.hypervisor]
    if not any(hypervisor.uri == uri for hypervisor in known):
        raise Unreadable(provider.field("uri"), "it leads to no hypervisor of the environment", _POINT_IT)
    return uri


def whose(resource: Observed, machine: Machine, ground: Ground) -> Generator[Claim, None, tuple[str, tuple[str, ...]]]:
    """Says whose something made by hand on `machine` is; returns the team, and the contexts that it acts for.

    Raises Unreadable where nobody says it.
    """
    told = labelled(resource.properties)
    team = told.get(labels.TEAM)
    if not team:
        raise Unreadable("labels", "nobody says whose it is", _LABELS)
    contexts = tuple(name for name in told.get(labels.CONTEXTS, "").split(",") if name)
    yield from _company(resource, team, contexts, machine, ground)
    name = told.get(labels.NAME, "")
    if name in ground.workloads or name in ground.servers:
        yield resource.breach(f"it is labelled as `{name}`, which is planned", "give it a name of its own", "labels")
    unit = told.get(labels.UNIT, "")
    if unit and unit not in contexts:
        yield resource.breach(f"it says that it is a part of `{unit}`, and does not act for it", _LABELS, "labels")
    return team, contexts


def _company(resource: Observed, team: str, contexts: tuple[str, ...], machine: Machine, ground: Ground) -> Iterator[Claim]:
    """A machine is one team's, and what is dedicated to one unit is for that one alone."""
    if team != machine.team:
        yield resource.breach(
            f"it is {team}'s, and the machine `{machine.name}` is {machine.team}'s, who share it with nobody", _OWN_MACHINE
        )
        return
    (unit, *others) = machine.units
    if not machine.dedicated or others:
        return
    hosted = ground.workloads.get(unit)
    own = {unit, *(hosted.contexts if hosted else ())}
    if not contexts or not own.issuperset(contexts):
        yield resource.breach(
            f"the machine `{machine.name}` is for `{unit}` alone, and it acts for {', '.join(contexts) or 'nobody'}",
            _OWN_MACHINE,
        )


def labelled(properties: Properties) -> dict[str, str]:
    """The labels of a resource of Docker's. Raises Unreadable where one is not known."""
    return {item.text("label"): item.text("value") for item in properties.inners("labels")}
