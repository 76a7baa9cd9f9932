"""Containers that the plan does not have: whose each is, how it is confined, and where its texts lead.

They are held to what Plat's own are: no rights, nothing of the machine's, a network and volumes of their own by their own
name. What Docker makes of each property: https://docs.docker.com/reference/cli/docker/container/run/.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping

from plat.address import is_loopback
from plat.claims import AccessClaim, Claim, WorkloadClaim
from plat.plan.model import Machine
from plat.reach import Carrier
from policies.ground import Ground
from policies.machines import VOLUME, owner_of
from policies.observed import Observed, Properties
from policies.observers.machines.place import Place, labelled, whose

_CONFINED = "leave it out: a container has its own network, its own files and an account without rights"
_DECLARE = "declare it as a deployable in a descriptor: container, network and ways follow from it"
_ITS_OWN = "give it what is called as the container is, or begins with its name and `--`"
_STRICT = "confine it as Plat's own are"
_VARIABLES = "use the variables that Plat hands over: they are the deployable's own"

_MACHINES_OWN = {"/var/run/docker.sock", "/run/docker.sock"}
_NAMED_APART = "--"  # between the name of whose something is, and what it is

# What says only how it runs, or is read below.
_READ = frozenset(
    (
        "attach capabilities cgroupnsMode command containerReadRefreshTimeoutMilliseconds cpuPeriod cpuQuota cpuSet cpuShares cpus "
        "destroyGraceSeconds dns dnsOpts dnsSearches domainname entrypoints envs healthcheck hostname image init ipcMode labels "
        "logDriver logOpts logs maxRetryCount memory memoryReservation memorySwap mounts mustRun name networkMode networksAdvanced "
        "platform ports readOnly removeVolumes restart rm securityOpts shmSize start stdinOpen stopSignal stopTimeout tmpfs tty "
        "ulimits uploads user volumes wait waitTimeout workingDir"
    ).split()
)
_LISTS_OF_TEXTS = ("command", "dns", "dnsOpts", "dnsSearches", "entrypoints", "envs")

_REFUSED: Mapping[str, str] = {
    "cgroupParent": "it is counted among others, past the limits of its own",
    "deviceCgroupRules": "it is given devices of the machine",
    "deviceRequests": "it is given devices of the machine",
    "devices": "it is given devices of the machine",
    "gpus": "it is given devices of the machine",
    "groupAdds": "it is in groups that may be the machine's",
    "hosts": "it gives another address a name of its own choice",
    "links": "it is in the network of another container",
    "pidMode": "it sees processes that are not its own, with their variables and files",
    "privileged": "it could become whatever it likes on the machine",
    "publishAllPorts": "it listens at every address of the machine, at ports that nobody chose",
    "runtime": "it goes round what fences containers",
    "storageOpts": "it changes how the machine keeps files",
    "sysctls": "it changes what the kernel does",
    "usernsMode": "it is root on the machine if it is root in itself",
}
_NOTHING = (None, "", [], {}, False)
_SAFE_MODES = {"", "private"}
_OWN_NETWORK = {"", "bridge", "default"}
_STANDARD_DRIVERS = {"", "json-file", "local", "none"}
_NOT_ROOT = re.compile(r"[1-9][0-9]*(?::[1-9][0-9]*)?")


def container(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """A container that somebody adds: of the team whose machine it is, fenced as all are, and with no way that is not declared."""
    machine = place.machine
    assert machine, "Docker's resources are on machines"  # noqa: S101 - for the type checker
    name = resource.properties.text("name").removeprefix("/")
    team, contexts = yield from whose(resource, machine, ground)
    yield WorkloadClaim(name, team, contexts, resource.origin("labels"))
    yield from _named(resource, name, ground)
    yield from _refused(resource)
    yield from _confined(resource)
    carrier = Carrier(name, contexts)
    yield from _networks(resource, name, machine, ground)
    yield from _ports(resource, machine, ground)
    yield from _mounts(resource, carrier, machine, ground)
    yield from _logs(resource)
    texts = _texts(resource.properties)
    yield from _uploads(resource, texts)
    yield from ground.reach.claims(carrier, texts, resource.origin)


def _named(resource: Observed, name: str, ground: Ground) -> Iterator[Claim]:
    known = name in ground.workloads or name in ground.servers
    if known or _NAMED_APART in name:
        whose_name = (
            f"`{name}` is a server or a deployable of the plan" if known else f"`{_NAMED_APART}` parts names of the plan's"
        )
        yield resource.breach(f"{whose_name}, whose place or volumes it would take", "give it a name of its own", "name")


def _refused(resource: Observed) -> Iterator[Claim]:
    found = resource.properties.plain()
    for name in sorted(name for name, value in found.items() if name not in _READ and value not in _NOTHING):
        if reason := _REFUSED.get(name):
            yield resource.breach(reason, _CONFINED, name)
        else:
            yield resource.opaque("no observer of the policy pack knows what it does", _CONFINED, name)


def _confined(resource: Observed) -> Iterator[Claim]:
    properties = resource.properties
    for name in ("cgroupnsMode", "ipcMode"):
        if properties.text(name, "") not in _SAFE_MODES:
            yield resource.breach("it shares memory or limits with what is not its own", _CONFINED, name)
    capabilities = properties.inner("capabilities")
    if capabilities.texts("adds"):
        yield resource.breach("it is given powers of the machine", _CONFINED, capabilities.field("adds"))
    if {word.upper() for word in capabilities.texts("drops")}.isdisjoint({"ALL", "CAP_ALL"}):
        yield resource.breach("it keeps powers that it does not need", f"{_STRICT}: drop ALL", "capabilities.drops")
    options = properties.texts("securityOpts")
    if not {"no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"} & set(options):
        yield resource.breach(
            "it may gain privileges by what it starts", f"{_STRICT}: `no-new-privileges:true`", "securityOpts"
        )
    if others := [option for option in options if not option.startswith("no-new-privileges")]:
        yield resource.breach(
            f"`{others[0].partition('=')[0].partition(':')[0]}` changes what fences it", _CONFINED, "securityOpts"
        )
    if not _NOT_ROOT.fullmatch(properties.text("user", "")):
        yield resource.breach(
            "nobody can tell that it is not root", f"{_STRICT}: name its user by a number other than 0", "user"
        )
    if not properties.flag("readOnly"):
        yield resource.breach(
            "it can change what it runs", f"{_STRICT}: read-only, with tmpfs and volumes to write to", "readOnly"
        )
    if properties.number("memory", 0) <= 0 or properties.number("memorySwap", 0) < 0:
        yield resource.breach("it can take all memory of the machine, also of others", f"{_STRICT}: give it a limit", "memory")


def _networks(resource: Observed, name: str, machine: Machine, ground: Ground) -> Iterator[Claim]:
    """The firewall knows containers by their networks: each is in its own."""
    mode = resource.properties.text("networkMode", "")
    joined = resource.properties.inners("networksAdvanced")
    field = "networkMode"
    if mode.startswith("container:"):
        yield resource.breach("it is in the network of another container, and has all the ways of that one", _CONFINED, field)
    elif mode == "host":
        yield resource.breach("it is outside of every fence, in the machine's own network", _CONFINED, field)
    elif mode not in {*_OWN_NETWORK, "none"}:
        yield from _joined(resource, mode, field, name, machine, ground)
    elif mode in _OWN_NETWORK and not joined:
        yield resource.breach("it is in the network that all share who have none of their own", _ITS_OWN, "networksAdvanced")
    for network in joined:
        yield from _joined(resource, network.text("name"), network.field("name"), name, machine, ground)
        if network.inners("driverOpts") or "ipv4Address" in network or "macAddress" in network:
            yield resource.breach("it takes an address of its own choice", _CONFINED, network.field("ipv4Address"))


def _joined(resource: Observed, network: str, field: str, name: str, machine: Machine, ground: Ground) -> Iterator[Claim]:
    if network == name:
        return
    planned = network in ground.machines.bridges.values() and ground.machines.container(machine.name, network)
    reason = f"it is in the network of `{network}`, by which the firewall lets that one through" if planned else ""
    yield resource.breach(reason or f"the network `{network}` is not its own, so that others are in it", _ITS_OWN, field)


def _ports(resource: Observed, machine: Machine, ground: Ground) -> Iterator[Claim]:
    for port in resource.properties.inners("ports"):
        address = port.text("ip", "0.0.0.0")  # noqa: S104 - what Docker takes where nothing is said
        if address != machine.address and not is_loopback(address):
            yield resource.breach(
                f"it listens beyond the address of its machine, {machine.address}", "publish it there alone", port.field("ip")
            )
        number = port.number("external", 0)
        if not number:
            yield resource.opaque("nobody can tell whose port it takes", "write it as a literal", port.field("external"))
        elif taken := _taken(str(number), ground):
            yield resource.breach(
                f"it takes the port of `{taken}`, and what others tell that one", _DECLARE, port.field("external")
            )
        elif number == machine.port:
            yield resource.breach("it takes the port by which the machine is entered", _DECLARE, port.field("external"))


def _taken(port: str, ground: Ground) -> str:
    where = ground.whereabouts
    found = [*where.servers(port), *where.administered(port), *where.workloads(port)]
    return found[0].name if found else ""


def _mounts(resource: Observed, carrier: Carrier, machine: Machine, ground: Ground) -> Iterator[Claim]:
    for mount in resource.properties.inners("mounts"):
        kind = mount.text("type")
        if kind == "volume":
            if "source" in mount:
                yield from _volume(resource, mount.text("source"), mount.field("source"), carrier, machine, ground)
            if strange := [name for name in mount.inner("volumeOptions") if name not in {"labels", "noCopy"}]:
                field = mount.inner("volumeOptions").field(strange[0])
                yield resource.breach("it makes a volume of what lies elsewhere", _CONFINED, field)
        elif kind == "bind":
            yield _of_machine(resource, mount.text("source"), mount.field("source"))
        elif kind != "tmpfs":
            yield resource.opaque("nobody can tell what it mounts", _CONFINED, mount.field("type"))
    for volume in resource.properties.inners("volumes"):
        if "hostPath" in volume:
            yield _of_machine(resource, volume.text("hostPath"), volume.field("hostPath"))
        if "fromContainer" in volume:
            yield resource.breach("it mounts whatever another container does", _ITS_OWN, volume.field("fromContainer"))
        if "volumeName" in volume:
            name = volume.text("volumeName")
            if name.startswith(("/", ".", "~")):
                yield _of_machine(resource, name, volume.field("volumeName"))
            else:
                yield from _volume(resource, name, volume.field("volumeName"), carrier, machine, ground)


def _of_machine(resource: Observed, path: str, field: str) -> Claim:
    if path.rstrip("/") in _MACHINES_OWN:
        return resource.breach("whoever has Docker's socket is root on the machine", _CONFINED, field)
    return resource.breach("it reaches files of the machine itself", _CONFINED, field)


def _volume(resource: Observed, name: str, field: str, carrier: Carrier, machine: Machine, ground: Ground) -> Iterator[Claim]:
    """Who mounts a server's volume has all that is in it."""
    planned = ground.machines.planned(VOLUME, machine.name, (name,))
    if planned:
        server = ground.servers[owner_of(planned)]
        yield resource.breach(
            f"it mounts the volume of server `{server.name}`, past all that the server asks", _VARIABLES, field
        )
        for store in ground.stores_in(server):
            yield from (AccessClaim(who, store.name, "write", resource.origin(field)) for who in carrier.names)
    elif name != carrier.name and not name.startswith(f"{carrier.name}{_NAMED_APART}"):
        yield resource.breach("the volume is not its own, so that others mount it", _ITS_OWN, field)


def _logs(resource: Observed) -> Iterator[Claim]:
    driver = resource.properties.text("logDriver", "")
    if driver not in _STANDARD_DRIVERS:
        yield resource.breach(
            f"`{driver}` sends what it prints to where no relation leads", "use json-file or local", "logDriver"
        )


def _uploads(resource: Observed, texts: dict[str, str]) -> Iterator[Claim]:
    """Files that it is given: what stands in the resource is read as its texts are."""
    for upload in resource.properties.inners("uploads"):
        if "source" in upload:
            yield resource.opaque(
                "it takes a file of the machine that Pulumi runs on, which nobody has read",
                "write its content into the resource, or into the image",
                upload.field("source"),
            )
        texts[upload.field("content")] = upload.text("content", "")
        texts[upload.field("contentBase64")] = _decoded(upload.text("contentBase64", ""))


def _texts(properties: Properties) -> dict[str, str]:
    """Every text of a container, by field."""
    texts = {name: properties.text(name, "") for name in ("domainname", "hostname", "workingDir")}
    for group in _LISTS_OF_TEXTS:
        for index, word in enumerate(properties.texts(group)):
            name, equals, value = word.partition("=")
            variable = group == "envs" and equals
            texts[f"{group}.{name}" if variable else f"{group}[{index}]"] = value if variable else word
    check = properties.inner("healthcheck")
    texts |= {f"{check.field('tests')}[{index}]": word for index, word in enumerate(check.texts("tests"))}
    texts |= {f"labels.{name}": value for name, value in labelled(properties).items()}
    options = properties.inner("logOpts")
    return texts | {options.field(name): options.text(name) for name in options}


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return text
