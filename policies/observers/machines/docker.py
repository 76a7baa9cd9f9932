"""Networks, volumes and images of a machine's Docker that the plan does not have, and what is refused as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from plat.claims import Claim
from policies.ground import Ground
from policies.observed import Observed
from policies.observers.machines.place import Place, whose

_DECLARE = "declare it in a descriptor: containers, networks and volumes follow from it"
_PLAIN = "leave it out: a network is a bridge of its container's own, with a device and addresses that Docker chooses"
_FETCH = "name an image that a registry has, which its machine fetches"

_FORGED = "com.docker.network.bridge.name"
_HARMLESS_OF_NETWORK = {"internal", "labels", "name", "checkDuplicate"}
_DRIVERS = {"", "bridge"}

_REASONS: Mapping[str, str] = {
    "docker:index/buildxBuilder:BuildxBuilder": "it runs a builder that nothing fences",
    "docker:index/image:Image": "nobody can tell what is built, and of which files of the machine that Pulumi runs on",
    "docker:index/plugin:Plugin": "it is a part of Docker itself, and root on the machine",
    "docker:index/registryImage:RegistryImage": "it sends an image to where no relation leads",
    "docker:index/secret:Secret": "it is for a swarm, whose services run on machines that nobody chose",
    "docker:index/service:Service": "it is for a swarm, whose services run on machines that nobody chose",
    "docker:index/serviceConfig:ServiceConfig": "it is for a swarm, whose services run on machines that nobody chose",
    "docker:index/tag:Tag": "it gives an image another one's name, by which that one's containers start it",
    "docker-build:index:Image": "nobody can tell what is built, and of which files of the machine that Pulumi runs on",
    "docker-build:index:Index": "it sends an image to where no relation leads",
}


def network(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """A network that somebody adds for a container of the same name: a bridge that the firewall knows for nobody."""
    properties = resource.properties
    if place.machine:
        yield from whose(resource, place.machine, ground)
    name, driver = properties.text("name"), properties.text("driver", "")
    if name in {"bridge", "host", "none"}:
        yield resource.breach("it is a network of Docker's own", "give it its container's name", "name")
    if driver not in _DRIVERS:
        yield resource.breach(f"`{driver}` leads past the machine's firewall", _PLAIN, "driver")
    options = properties.inner("options")
    for option in options:
        device = options.text(option)
        planned = ground.machines.bridges.get(device, "")
        if option == _FORGED and planned:
            reason = f"it has the device by which firewalls know `{planned}`, and would get its ways"
        elif option == _FORGED:
            reason = "it takes a device of its own choice, which may be somebody's"
        else:
            reason = "it changes what Docker does with traffic"
        yield resource.breach(reason, _PLAIN, options.field(option))
    if properties.text("ipamDriver", "default") != "default" or properties.inners("ipamConfigs"):
        yield resource.breach("it takes addresses of its own choice, which may be others'", _PLAIN, "ipamConfigs")
    known = {*_HARMLESS_OF_NETWORK, "driver", "options", "ipamDriver", "ipamConfigs"}
    for field in (field for field in properties if field not in known and properties.plain()[field]):
        yield resource.opaque("no observer of the policy pack knows what it does", _PLAIN, field)


def volume(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """A volume that somebody adds is a new one: no folder, device or share that is there already."""
    properties = resource.properties
    if place.machine:
        yield from whose(resource, place.machine, ground)
    name = properties.text("name")
    if any(name == server or name.startswith(f"{server}--") for server in ground.servers):
        yield resource.breach("it bears the name of a server of the plan", "give it its container's name", "name")
    if properties.text("driver", "local") != "local":
        yield resource.breach("nobody can tell whose storage it is", "leave it out", "driver")
    options = properties.inner("driverOpts")
    for option in options:
        yield resource.breach(
            "it is a folder, a device or a share that is there already", "leave it out", options.field(option)
        )
        break
    known = {"driver", "driverOpts", "labels", "name"}
    for field in (field for field in properties if field not in known and properties.plain()[field]):
        yield resource.opaque("no observer of the policy pack knows what it does", "leave it out", field)


def image(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """An image is fetched from where its name says, and not built."""
    resource.properties.text("name")
    for field in ("build", "buildAttribute"):
        if field in resource.properties:
            yield resource.opaque("nobody can tell what is built", _FETCH, field)


def _refused(reason: str) -> Callable[[Observed, Ground], Iterator[Claim]]:
    def read(resource: Observed, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
        yield resource.breach(reason, _DECLARE)

    return read


REFUSED = {type_token: _refused(reason) for type_token, reason in _REASONS.items()}
"""What is not made on any machine, whatever it says."""
