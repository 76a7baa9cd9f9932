"""Containers that the plan does not have: whose each is, how it is confined, and where its texts lead.

They are held to what Plat's own are: no rights, nothing of the machine's, a network and volumes of their own by their own
name. What Docker makes of each property: https://docs.docker.com/reference/cli/docker/container/run/.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping

from plat.claims import Claim, WorkloadClaim
from plat.reach import Carrier
from policies.ground import Ground
from policies.observed import Observed, Properties
from policies.observers.machines import joined
from policies.observers.machines.joined import CONFINED, NAMED_APART, Container
from policies.observers.machines.place import Place, labelled, whose

_STRICT = "confine it as Plat's own are"

# What says only how it runs, or is read below.
_READ = frozenset(
    re.findall(
        r"\w+",
        """
    attach capabilities cgroupnsMode command containerReadRefreshTimeoutMilliseconds cpuPeriod cpuQuota cpuSet cpuShares cpus
    destroyGraceSeconds dns dnsOpts dnsSearches domainname entrypoints envs healthcheck hostname image init ipcMode labels
    logDriver logOpts logs maxRetryCount memory memoryReservation memorySwap mounts mustRun name networkMode
    networksAdvanced platform ports readOnly removeVolumes restart rm securityOpts shmSize start stdinOpen stopSignal
    stopTimeout tmpfs tty ulimits uploads user volumes wait waitTimeout workingDir
    """,
    )
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
_NOTHING: tuple[object, ...] = (None, "", [], {}, False)
_NO_PRIVILEGES = {"no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"}
_SAFE_MODES = {"", "private"}
_STANDARD_DRIVERS = {"", "json-file", "local", "none"}
_NOT_ROOT = re.compile(r"[1-9][0-9]*(?::[1-9][0-9]*)?")


def container(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """A container that somebody adds: of its machine's team, confined as all are, and with no way that is not declared."""
    machine = place.machine
    assert machine, "Docker's resources are on machines"  # noqa: S101 - for the type checker
    name = resource.properties.text("name").removeprefix("/")
    team, contexts = yield from whose(resource, machine, ground)
    yield WorkloadClaim(name, team, contexts, resource.origin("labels"))
    yield from _named(resource, name, ground)
    yield from _refused(resource)
    yield from _confined(resource)
    yield from joined.claims(Container(resource, name, contexts, machine, ground))
    yield from _logs(resource)
    texts = _texts(resource.properties)
    yield from _uploads(resource, texts)
    yield from ground.reach.claims(Carrier(name, contexts), texts, resource.origin)


def _named(resource: Observed, name: str, ground: Ground) -> Iterator[Claim]:
    reason = ""
    if name in ground.workloads or name in ground.servers:
        reason = f"`{name}` is a server or a deployable of the plan, whose place it would take"
    elif NAMED_APART in name:
        reason = f"`{NAMED_APART}` stands in names of the plan's, and its volumes would be somebody's"
    if reason:
        yield resource.breach(reason, "give it a name of its own", "name")


def _refused(resource: Observed) -> Iterator[Claim]:
    found = resource.properties.plain()
    for name in sorted(name for name, value in found.items() if name not in _READ and value not in _NOTHING):
        if reason := _REFUSED.get(name):
            yield resource.breach(reason, CONFINED, name)
        else:
            yield resource.opaque("no observer of the policy pack knows what it does", CONFINED, name)


def _confined(resource: Observed) -> Iterator[Claim]:
    properties = resource.properties
    for name in ("cgroupnsMode", "ipcMode"):
        if properties.text(name, "") not in _SAFE_MODES:
            yield resource.breach("it shares memory or limits with what is not its own", CONFINED, name)
    capabilities = properties.inner("capabilities")
    if capabilities.texts("adds"):
        yield resource.breach("it is given powers of the machine", CONFINED, capabilities.field("adds"))
    if {word.upper() for word in capabilities.texts("drops")}.isdisjoint({"ALL", "CAP_ALL"}):
        yield resource.breach("it keeps powers that it does not need", f"{_STRICT}: drop ALL", "capabilities.drops")
    options = properties.texts("securityOpts")
    if not _NO_PRIVILEGES & set(options):
        yield resource.breach(
            "it may gain privileges by what it starts", f"{_STRICT}: `no-new-privileges:true`", "securityOpts"
        )
    if set(options) - _NO_PRIVILEGES:
        yield resource.breach("it changes what fences it", CONFINED, "securityOpts")
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
