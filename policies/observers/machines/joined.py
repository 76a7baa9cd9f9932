"""What a container that the plan does not have is joined to: networks, ports of its machine, volumes and files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plat.address import listens_on_loopback
from plat.claims import AccessClaim, Claim
from plat.plan.model import Machine
from policies.ground import Ground
from policies.machines import VOLUME, owner_of
from policies.observed import Observed, Properties

CONFINED = "leave it out: a container has its own network, its own files and an account without rights"
NAMED_APART = "--"
"""In names, between the name of whose something is and what it is."""

_DECLARE = "declare it as a deployable in a descriptor: container, network and ways follow from it"
_ITS_OWN = f"give it what is called as the container is, or begins with its name and `{NAMED_APART}`"
_VARIABLES = "use the variables that Plat hands over: they are the deployable's own"

_SOCKETS = {"/var/run/docker.sock", "/run/docker.sock"}
_BY_ITSELF = {"", "bridge", "default"}
_HARMLESS_OPTIONS = {"labels", "noCopy"}


@dataclass(frozen=True, slots=True)
class Container:
    """A container by hand: its name, the contexts that it acts for, and the machine that it is on."""

    resource: Observed
    name: str
    contexts: tuple[str, ...]
    machine: Machine
    ground: Ground


def claims(container: Container) -> Iterator[Claim]:
    """All that follows from what it is joined to."""
    yield from _networks(container)
    yield from _ports(container)
    for mount in container.resource.properties.inners("mounts"):
        yield from _mount(container, mount)
    for volume in container.resource.properties.inners("volumes"):
        yield from _bound(container, volume)


def _networks(container: Container) -> Iterator[Claim]:
    """The firewall knows containers by their networks: each is in its own."""
    resource, field = container.resource, "networkMode"
    mode = resource.properties.text(field, "")
    networks = resource.properties.inners("networksAdvanced")
    if mode.startswith("container:"):
        yield resource.breach("it is in the network of another container, and has all the ways of that one", CONFINED, field)
    elif mode == "host":
        yield resource.breach("it is outside of every fence, in the machine's own network", CONFINED, field)
    elif mode not in {*_BY_ITSELF, "none"}:
        yield from _in_network(container, mode, field)
    elif mode in _BY_ITSELF and not networks:
        reason = "it is in the network that all share who have none of their own"
        yield resource.breach(reason, _ITS_OWN, "networksAdvanced")
    for network in networks:
        yield from _in_network(container, network.text("name"), network.field("name"))
        for chosen in ("driverOpts", "ipv4Address", "ipv6Address", "linkLocalIps", "macAddress"):
            if network.plain().get(chosen):
                yield resource.breach("it takes an address of its own choice", CONFINED, network.field(chosen))


def _in_network(container: Container, network: str, field: str) -> Iterator[Claim]:
    if network == container.name:
        return
    if container.ground.machines.container(container.machine.name, network):
        reason = f"it is in the network of `{network}`, by which the firewall lets that one through"
    else:
        reason = f"the network `{network}` is not its own, so that others are in it"
    yield container.resource.breach(reason, _ITS_OWN, field)


def _ports(container: Container) -> Iterator[Claim]:
    resource, machine = container.resource, container.machine
    for port in resource.properties.inners("ports"):
        address = port.text("ip", "0.0.0.0")  # noqa: S104 - what Docker takes where nothing is said
        if address != machine.address and not listens_on_loopback(address):
            reason = f"it listens beyond the address of its machine, {machine.address}"
            yield resource.breach(reason, "publish it there alone", port.field("ip"))
        number, field = port.number("external", 0), port.field("external")
        if not number:
            yield resource.opaque("nobody can tell whose port it takes", "write it as a literal", field)
        elif number == machine.port:
            yield resource.breach("it takes the port by which the machine is entered", _DECLARE, field)
        elif taken := _taken(str(number), container.ground):
            yield resource.breach(f"it takes the port of `{taken}`, and what others tell that one", _DECLARE, field)


def _taken(port: str, ground: Ground) -> str:
    where = ground.whereabouts
    found = [item.name for item in (*where.servers(port), *where.administered(port))]
    return next(iter([*found, *(workload.name for workload in where.workloads(port))]), "")


def _mount(container: Container, mount: Properties) -> Iterator[Claim]:
    resource, kind = container.resource, mount.text("type")
    if kind == "bind":
        yield _of_machine(resource, mount.text("source"), mount.field("source"))
    elif kind == "volume":
        if "source" in mount:
            yield from _volume(container, mount.text("source"), mount.field("source"))
        options = mount.inner("volumeOptions")
        if strange := [name for name in options if name not in _HARMLESS_OPTIONS and name in options]:
            yield resource.breach("it makes a volume of what lies elsewhere", CONFINED, options.field(strange[0]))
    elif kind != "tmpfs":
        yield resource.opaque("nobody can tell what it mounts", CONFINED, mount.field("type"))


def _bound(container: Container, volume: Properties) -> Iterator[Claim]:
    resource = container.resource
    if "hostPath" in volume:
        yield _of_machine(resource, volume.text("hostPath"), volume.field("hostPath"))
    if "fromContainer" in volume:
        yield resource.breach("it mounts whatever another container does", _ITS_OWN, volume.field("fromContainer"))
    if "volumeName" in volume:
        name, field = volume.text("volumeName"), volume.field("volumeName")
        if name.startswith(("/", ".", "~")):
            yield _of_machine(resource, name, field)
        else:
            yield from _volume(container, name, field)


def _of_machine(resource: Observed, path: str, field: str) -> Claim:
    if path.rstrip("/") in _SOCKETS:
        return resource.breach("whoever has Docker's socket is root on the machine", CONFINED, field)
    return resource.breach("it reaches files of the machine itself", CONFINED, field)


def _volume(container: Container, name: str, field: str) -> Iterator[Claim]:
    """Who mounts a server's volume has all that is in it."""
    resource, ground = container.resource, container.ground
    planned = ground.machines.planned(VOLUME, container.machine.name, (name,))
    if planned:
        server = ground.servers[owner_of(planned)]
        reason = f"it mounts the volume of server `{server.name}`, past all that the server asks"
        yield resource.breach(reason, _VARIABLES, field)
        for store in ground.stores_in(server):
            whoever = container.contexts or (container.name,)
            yield from (AccessClaim(who, store.name, "write", resource.origin(field)) for who in whoever)
    elif name != container.name and not name.startswith(f"{container.name}{NAMED_APART}"):
        yield resource.breach("the volume is not its own, so that others mount it", _ITS_OWN, field)
