"""What a hypervisor has that the plan does not: machines that nothing fences, and other ways to planned machines' disks."""

from __future__ import annotations

from collections.abc import Iterator

from plat.claims import AccessClaim, Claim
from plat.reach import Carrier
from policies.ground import Ground
from policies.observed import Observed, Properties, Unreadable
from policies.observers.machines.place import Place

_DECLARE = "declare `runtime: {target: vm}` in a descriptor: machine, disks and firewall follow from it"
_NEW = "leave it out: a disk is a new one, or a copy of the environment's image, which Plat makes"


def domain(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """A machine that the plan does not have has no firewall, and whatever disks it says."""
    yield resource.opaque("no descriptor asks for this machine, so that nothing fences what is on it", _DECLARE, "name")
    properties = resource.properties
    for disk in properties.inners("disks"):
        for name in ("volumeId", "file", "blockDevice", "url"):
            if name in disk:
                yield from _attached(resource, disk, name, ground)
    for field, reason in (
        ("filesystems", "it reaches files of the hypervisor"),
        ("xml", "it rewrites what was judged"),
        ("emulator", "it runs a program of the hypervisor's by its own choice"),
        ("nvram", "it writes a file of the hypervisor's"),
        ("firmware", "it runs a file of the hypervisor's"),
        ("kernel", "it runs a file of the hypervisor's"),
        ("coreosIgnition", "nobody can tell what it starts with"),
    ):
        if field in properties and properties.plain()[field]:
            yield resource.breach(reason, _DECLARE, field)
    for network in properties.inners("networkInterfaces"):
        for name in ("bridge", "macvtap", "passthrough", "vepa", "private"):
            if name in network and network.text(name):
                yield resource.breach("it is in a network of the hypervisor itself", _DECLARE, network.field(name))


def _attached(resource: Observed, disk: Properties, name: str, ground: Ground) -> Iterator[Claim]:
    try:
        found = disk.text(name)
    except Unreadable as problem:
        yield resource.opaque(problem.reason, _DECLARE, problem.field)
        return
    if found:
        yield from _of_disk(resource, found, disk.field(name), ground)


def _of_disk(resource: Observed, path: str, field: str, ground: Ground) -> Iterator[Claim]:
    """Who has the disk of a machine has all that its servers keep."""
    for disk in ground.machines.of_disks.get(path.partition(";")[0].rpartition("/")[2], ()):
        yield resource.breach(f"it takes the disk `{disk.inputs['name']}` of the machine `{disk.machine}`", _NEW, field)
        if disk.holds_data:
            servers = [server for server in ground.plan.servers if server.machine == disk.machine]
            stores = [store for server in servers for store in ground.stores_in(server)]
            yield from (AccessClaim(resource.name, store.name, "write", resource.origin(field)) for store in stores)


def volume(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """A disk that somebody adds is a new and empty one."""
    properties = resource.properties
    name = properties.text("name")
    if name in ground.machines.of_disks:
        yield resource.breach(f"`{name}` is a disk of the plan's, in another place", "give it a name of its own", "name")
    for field in ("baseVolumeId", "baseVolumeName", "source", "content", "xml"):
        if field in properties and properties.unknown(field):
            yield resource.opaque("nobody can tell whose content it begins with", _NEW, field)
        elif field in properties and properties.plain()[field]:
            yield resource.breach("it begins with content that nobody declared", _NEW, field)
            if field.startswith("base"):
                yield from _of_disk(resource, properties.text(field), field, ground)


def seed(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """What a machine is told as it starts is for machines of the plan alone, and theirs is planned."""
    yield resource.opaque("no machine of the plan starts with it", _DECLARE, "name")
    fields = [name for name in ("userData", "networkConfig", "metaData", "content") if name in resource.properties]
    texts = {field: resource.properties.text(field) for field in fields if not resource.properties.unknown(field)}
    yield from ground.reach.claims(Carrier(resource.name, ()), texts, resource.origin)


def pool(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """A pool makes disks of whatever files are in a folder, other machines' too."""
    yield resource.breach("it makes disks of files of the hypervisor, which may be other machines' disks", _DECLARE)


def network(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """A network of the hypervisor is there already, and any other leads round it."""
    yield resource.breach("it changes who reaches whom on the hypervisor, past the machines' firewalls", _DECLARE)
