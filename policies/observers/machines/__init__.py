"""Claims of what is on machines: what the plan has is just as planned, and anything else opens no way that it has not.

A machine is entered by Docker's provider, by libvirt's and by our own plugin. Every type of theirs is read; a type that nobody
reads does not pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from components.vm.declared import Declared, From
from plat.claims import Claim
from plat.pairing import derived
from plat.plan.model import PAIRING, SecretRef
from policies import machines
from policies.ground import Ground
from policies.machines import CONTAINER, DISK, DOMAIN, IMAGE, KEY, NAMED_BY, NETWORK, OWN, SEED, VOLUME, Identity
from policies.observed import Observed, Unreadable
from policies.observers.machines import containers, docker, libvirt, planned
from policies.observers.machines.place import Place, place_of

Observer = Callable[[Observed, Place, Ground], Iterator[Claim]]

PREFIXES = ("docker:", "docker-build:", "libvirt:", f"{OWN}:")
PROVIDERS = ("pulumi:providers:docker", "pulumi:providers:libvirt", f"pulumi:providers:{OWN}")

_GENERATED = "random:index/randomPassword:RandomPassword"
_NO_MACHINES = "use an environment whose target is vm"
_BY_PLAT = "make it by Plat's component, which makes all that fences it"


def _own(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """Whatever enters a machine with the machine's key may do anything there."""
    reason = "it enters a machine with the machine's own key, to do there what the plan does not have"
    if resource.type == KEY:
        reason = "it has a key made that opens no machine of the plan"
    yield resource.breach(reason, planned.AS_PLANNED)


OBSERVERS: Mapping[str, Observer] = {
    CONTAINER: containers.container,
    IMAGE: docker.image,
    NETWORK: docker.network,
    VOLUME: docker.volume,
    DISK: libvirt.volume,
    DOMAIN: libvirt.domain,
    SEED: libvirt.seed,
    "libvirt:index/combustion:Combustion": libvirt.seed,
    "libvirt:index/ignition:Ignition": libvirt.seed,
    "libvirt:index/network:Network": libvirt.network,
    "libvirt:index/pool:Pool": libvirt.pool,
    machines.FIREWALL: _own,
    machines.INSIDE: _own,
    machines.KEY: _own,
    machines.REACHABLE: _own,
    machines.VOLUME_FILES: _own,
}
"""How a resource that the plan does not have is read, by its type."""


def observe(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """The claims of any resource of a provider for machines."""
    refused = docker.REFUSED.get(resource.type)
    if refused:
        yield from refused(resource, ground)
        return
    if not ground.plan.fleet:
        yield resource.opaque("this landscape has no machines here", _NO_MACHINES)
        return
    reader = OBSERVERS.get(resource.type)
    if reader is None:
        yield resource.opaque(
            "no observer of the policy pack knows this type, and what nobody can read may do anything",
            "express it in a descriptor, or add an observer for the type to policies/observers/machines",
        )
        return
    place = place_of(resource, ground)
    if found := declared(resource, place, ground):
        yield from planned.just_so(resource, found, ground)
    else:
        yield from reader(resource, place, ground)


def declared(resource: Observed, place: Place, ground: Ground) -> Declared | None:
    """What the plan has that is this very thing; None where it has none. Raises Unreadable where nobody can tell.

    A name that is not known before the update is the one of what the plan calls this resource.
    """
    keys = NAMED_BY.get(resource.type, ())
    if not keys or any(resource.properties.unknown(key) for key in keys):
        return ground.machines.registered(resource.type, resource.name)
    return ground.machines.planned(resource.type, place.name, tuple(resource.properties.text(key) for key in keys))


def identity(resource: Observed, ground: Ground) -> Identity | None:
    """Which thing on which machine a resource manages; None where it manages none, or where that cannot be told.

    Several may fetch one image; a key is nowhere but in the state, by its resource's name.
    """
    keys = NAMED_BY.get(resource.type, ())
    if not ground.plan.fleet or not keys or resource.type == IMAGE:
        return (KEY, resource.name) if resource.type == KEY else None
    try:
        return (resource.type, place_of(resource, ground).name, *(resource.properties.text(key) for key in keys))
    except Unreadable:
        return None


def provider(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A provider leads to a machine or a hypervisor of the plan, by the way that the plan has.

    Our own is nowhere by itself: where nothing is set, its resources say where they are.
    """
    if not ground.plan.fleet:
        yield resource.opaque("this landscape has no machines here", _NO_MACHINES)
    elif resource.type != f"pulumi:providers:{OWN}" or list(planned.settings_of(resource.properties)):
        yield from planned.provided(resource, ground, planned.in_shape(ground))


def unfenced(resource: Observed, managed: Callable[[Identity], bool], ground: Ground) -> Iterator[Claim]:
    """That a container is in the stack without what fences it: its machine's firewall, and a network of its own."""
    if resource.type != CONTAINER:
        return
    try:
        machine, name = place_of(resource, ground).machine, resource.properties.text("name").removeprefix("/")
    except Unreadable:
        return  # Refused by its observer.
    if not machine:
        return
    if not managed((machines.FIREWALL, "", machine.address)):
        yield resource.breach(f"no Firewall fences the machine `{machine.name}`, which is open without one", _BY_PLAT)
    if resource.properties.text("networkMode", "") != "none" and not managed((NETWORK, machine.name, name)):
        yield resource.breach(f"nothing in the stack makes the network `{name}` that it is in alone", _BY_PLAT)


class Given:
    """What the resources of a stack give to others of the plan, once they are made, as far as it is known."""

    def __init__(self, resources: Iterable[Observed], ground: Ground) -> None:
        self._ground = ground
        self._outputs: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._secrets: dict[SecretRef, str] = {}
        for resource in resources if ground.plan.fleet else ():
            found = resource.properties.plain()
            if resource.type == _GENERATED and isinstance(found.get("result"), str):
                self._secrets[SecretRef(resource.name)] = found["result"]
            elif (known := ground.machines.registered(resource.type, resource.name)) and _is_named(found, known):
                self._outputs[known.key] = found
        if pairing := self._secrets.get(PAIRING):
            self._secrets |= {ref: derived(pairing, ref) for ref in ground.plan.pairs}

    def claims(self, resource: Observed) -> Iterator[Claim]:
        """That a planned resource, or a provider, was given something else than what those of the plan give."""
        if not self._ground.plan.fleet or not resource.type.startswith((*PREFIXES, *PROVIDERS)):
            return
        fits = planned.given(self._output, self._secrets)
        if resource.type in PROVIDERS:
            if list(planned.settings_of(resource.properties)):
                yield from planned.provided(resource, self._ground, fits)
            return
        try:
            found = declared(resource, place_of(resource, self._ground), self._ground)
        except Unreadable:
            return  # Refused by its observer.
        if found:
            yield from planned.as_planned(resource, found, fits)

    def _output(self, wanted: From) -> Any:  # noqa: ANN401 - any output
        return self._outputs.get(wanted.resource.key, {}).get(wanted.output)


def _is_named(found: Mapping[str, Any], planned: Declared) -> bool:
    """Whether what bears the planned name of a resource is that very thing."""
    keys = (key for key in NAMED_BY.get(planned.type_token, ()) if isinstance(planned.inputs[key], str))
    return all(found.get(key) == planned.inputs[key] for key in keys)
