"""What a plan has on its machines, by what resources call things: which machine or hypervisor, and which name there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from components.vm.declared import Declared, From, Provider
from components.vm.objects import objects_of
from components.vm.site import MACHINE
from plat.grouping import grouped
from plat.kubernetes import labels
from plat.plan.model import Machine, Plan

CONTAINER = "docker:index/container:Container"
IMAGE = "docker:index/remoteImage:RemoteImage"
NETWORK = "docker:index/network:Network"
VOLUME = "docker:index/volume:Volume"
DISK = "libvirt:index/volume:Volume"
DOMAIN = "libvirt:index/domain:Domain"
SEED = "libvirt:index/cloudInitDisk:CloudInitDisk"
FIREWALL = f"{MACHINE}:Firewall"
INSIDE = f"{MACHINE}:Inside"
KEY = f"{MACHINE}:SshKey"
REACHABLE = f"{MACHINE}:Reachable"
VOLUME_FILES = f"{MACHINE}:VolumeFiles"

OWN = MACHINE.partition(":")[0]
"""The package of our own plugin for machines."""

NAMED_BY: Mapping[str, tuple[str, ...]] = {
    CONTAINER: ("name",),
    IMAGE: ("name",),
    NETWORK: ("name",),
    VOLUME: ("name",),
    DISK: ("pool", "name"),
    DOMAIN: ("name",),
    SEED: ("pool", "name"),
    FIREWALL: ("address",),
    INSIDE: ("address", "container"),
    REACHABLE: ("address",),
    VOLUME_FILES: ("address", "volume"),
}
"""The properties by which a thing is found in its place. A key is found nowhere but in the state."""

Identity = tuple[str, ...]


class Machines:
    """The machines of one plan, and every resource that is to be on them."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    @cached_property
    def by_name(self) -> Mapping[str, Machine]:
        """The machines by name."""
        return {machine.name: machine for machine in (self._plan.fleet.machines if self._plan.fleet else ())}

    @cached_property
    def resources(self) -> tuple[Declared, ...]:
        """Everything, in the order in which it is made."""
        return objects_of(self._plan)

    @cached_property
    def providers(self) -> Mapping[tuple[str, str], Provider]:
        """The ways to machines and hypervisors, by package and name."""
        found = (item.provider for item in self.resources if item.provider)
        return {(provider.package, provider.name): provider for provider in found}

    def of_host(self, host: str) -> Machine | None:
        """The machine whose Docker a provider with this `host` leads to; None where it is none of the plan's."""
        return next((machine for machine in self.by_name.values() if host == host_of(machine)), None)

    def planned(self, type_token: str, place: str, names: tuple[str, ...]) -> Declared | None:
        """What is to have these names in that place; one of several that do not differ. None where nothing is."""
        return self._by_identity.get((type_token, place, *names))

    def registered(self, type_token: str, resource: str) -> Declared | None:
        """What the stack is to have by this name of a resource; None where it has nothing."""
        return self._by_resource.get((type_token, resource))

    def container(self, machine: str, name: str) -> Declared | None:
        """The planned container of that name on a machine."""
        return self.planned(CONTAINER, machine, (name,))

    @cached_property
    def bridges(self) -> Mapping[str, str]:
        """The network devices that firewalls know containers by, and which container each is for."""
        networks = (item for item in self.resources if item.type_token == NETWORK)
        return {device: item.inputs["name"] for item in networks for device in item.inputs["options"].values()}

    @cached_property
    def owners(self) -> Mapping[str, str]:
        """To whom each resource belongs, by its name in the stack: a context, or the team whose machine it is."""
        return {item.resource: item.unit or self.by_name[item.machine].team for item in self.resources}

    @cached_property
    def _by_identity(self) -> Mapping[Identity, Declared]:
        found = (item for item in self.resources if item.type_token in NAMED_BY)
        return {(item.type_token, self.place_of(item), *_names(item)): item for item in found}

    @cached_property
    def _by_resource(self) -> Mapping[tuple[str, str], Declared]:
        return {item.key: item for item in self.resources}

    @cached_property
    def of_disks(self) -> Mapping[str, tuple[Declared, ...]]:
        """The planned disks of machines by name, whatever pool and hypervisor they are on."""
        return grouped((item for item in self.resources if item.type_token == DISK), lambda item: str(item.inputs["name"]))

    def place_of(self, item: Declared) -> str:
        """Where a planned resource is: a machine by name, a hypervisor by its address. Our own types say it themselves."""
        package = item.type_token.partition(":")[0]
        if package == "libvirt" and item.provider:
            return str(item.provider.settings["uri"])
        return item.machine if package == "docker" else ""


def host_of(machine: Machine) -> str:
    """What leads Docker's client to a machine (https://docs.docker.com/engine/security/protect-access/)."""
    return f"ssh://{machine.user}@{machine.address}:{machine.port}"


def owner_of(item: Declared) -> str:
    """The name of the server or the workload that a planned resource of Docker's is part of; empty for an image."""
    return _labelled(item, labels.NAME)


def contexts_of(item: Declared) -> tuple[str, ...]:
    """The contexts that a planned container acts for; none for whatever is no container."""
    return tuple(name for name in _labelled(item, labels.CONTEXTS).split(",") if name)


def _labelled(item: Declared, name: str) -> str:
    return next((str(label["value"]) for label in item.inputs.get("labels", ()) if label["label"] == name), "")


def _names(item: Declared) -> tuple[str, ...]:
    return tuple(str(_literal(item.inputs[name])) for name in NAMED_BY[item.type_token])


def _literal(value: Any) -> Any:  # noqa: ANN401 - any input
    """A name that another resource gives is its own."""
    return value.resource.inputs[value.output] if isinstance(value, From) else value
