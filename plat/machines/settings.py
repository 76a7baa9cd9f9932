"""The machines that an environment has: hypervisors that make some, and hosts that are there already.

Who comes onto which is decided by `plat.plan.machines`, by what stands here and by names alone.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, model_validator

from plat.descriptors.parts import MachineSize
from plat.settings import Images, IPv4, Label, Network, Settings

Cpus = Annotated[int, Field(ge=1, le=256)]
Memory = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,4}(?:Mi|Gi)$")]
Disk = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,4}Gi$")]


class Size(Settings):
    """What a size that descriptors may ask for means."""

    cpus: Cpus = Field(description="Virtual processors.")
    memory: Memory = Field(description="Memory, as `2Gi`.")
    disk: Disk = Field(description="The disk for data, as `20Gi`: it outlives its machine.")


class Sizes(Settings):
    """What each size means."""

    small: Size = Size(cpus=1, memory="2Gi", disk="20Gi")
    medium: Size = Size(cpus=2, memory="4Gi", disk="40Gi")
    large: Size = Size(cpus=4, memory="8Gi", disk="80Gi")


class Capacity(Settings):
    """What a hypervisor may give to the machines of one landscape."""

    cpus: Cpus = Field(description="Virtual processors of all its machines together.")
    memory: Memory = Field(description="Memory of all its machines together.")
    disk: Disk = Field(description="Disks for data of all its machines together.")


class Addresses(Settings):
    """The addresses of the hypervisor's network that machines may have, both ends included."""

    first: IPv4 = Field(description="The lowest.")
    last: IPv4 = Field(description="The highest.")
    fixed: dict[str, IPv4] = Field(default_factory=dict, description="Addresses set by hand, by the name of the machine.")

    @model_validator(mode="after")
    def _ordered(self) -> Addresses:
        if ipaddress.IPv4Address(self.last) < ipaddress.IPv4Address(self.first):
            msg = f"addresses: last ({self.last}) is below first ({self.first})"
            raise ValueError(msg)
        return self


class _Reserved(Settings):
    """Something that has a name, and that may be kept for some."""

    name: Label = Field(description="What it is called here.")
    reserved_for: list[Label] = Field(
        default=[],
        alias="reserved-for",
        description="The contexts, deployables or teams that alone come onto it. Without it: whoever nothing is reserved for.",
    )


class Hypervisor(_Reserved):
    """A libvirt that makes machines (https://libvirt.org/uri.html)."""

    uri: str = Field(min_length=1, max_length=500, description="How it is reached, as `qemu+ssh://root@hv1/system`.")
    pool: Label = Field(default="default", description="The storage pool, there already, for all disks.")
    network: Label = Field(default="default", description="The network, there already, of all machines.")
    addresses: Addresses = Field(description="What machines are called there.")
    gateway: IPv4 = Field(description="The way out of that network.")
    prefix: int = Field(default=24, ge=8, le=30, description="The length of that network's prefix.")
    name_servers: list[IPv4] = Field(default=[], alias="name-servers", description="Default: the gateway.")
    image: str = Field(
        min_length=1,
        description="The disk that every machine begins with, as the hypervisor finds it: a file or an address of a Debian or "
        "Ubuntu image with cloud-init, in qcow2.",
    )
    data_image: str | None = Field(
        default=None,
        alias="data-image",
        min_length=1,
        description="What every disk for data begins with, in qcow2: a file system labelled `plat-data` with what is to "
        "be in /var/lib/docker, where images of containers cannot be fetched. Default: an empty one.",
    )
    domain: Literal["kvm", "qemu"] = Field(default="kvm", description="`qemu` emulates the processor, where there is no KVM.")
    capacity: Capacity | None = Field(default=None, description="Default: nobody counts.")


class Host(_Reserved):
    """A machine that is there already, with Docker on it; it is prepared as docs/machines.md says."""

    address: IPv4 = Field(description="Where it is, for Plat and for all that reach what is on it.")
    port: int = Field(default=22, ge=1, le=65535, description="Where its SSH server listens.")
    user: str = Field(
        default="plat",
        pattern=r"^[a-z_][a-z0-9_-]{0,31}$",
        description="Who may use Docker there, and sudo without a password.",
    )
    host_key: str = Field(
        alias="host-key",
        pattern=r"^ssh-ed25519 [A-Za-z0-9+/=]{40,100}$",
        description="Its public key, as `ssh-keyscan -t ed25519` prints it behind the name. Whoever answers with another one "
        "is not asked anything.",
    )
    key: str = Field(
        min_length=1,
        description="The file with the private key for it, relative to the project. What is in it is kept in the state, "
        "encrypted as all secrets are.",
    )
    name_servers: list[IPv4] = Field(
        default=[], alias="name-servers", description="Whom it asks for names. Default: not known, and anybody may be asked."
    )
    team: Label = Field(description="Whose it is: no other team's contexts come onto it.")
    labels: dict[str, str] = Field(default_factory=dict, description="What else is to be known of it, for people.")
    size: Size | None = Field(default=None, description="What it has for contexts. Default: nobody counts.")


class Machines(Settings):
    """The machines that an environment with the target `vm` has."""

    hypervisors: list[Hypervisor] = Field(default=[], description="Where machines are made.")
    inventory: list[Host] = Field(default=[], description="Machines that are there. A team that has one gets no other made.")
    sizes: Sizes = Sizes()
    shared: dict[Label, MachineSize] = Field(
        default_factory=dict,
        description="By team, the size of the machine that is made for those of its contexts that have none for themselves. "
        "Default: medium.",
    )
    administration: list[Network] = Field(
        min_length=1, description="Where Plat and administrators come from: nobody else reaches SSH."
    )
    public: list[Network] = Field(
        default=[], description="From where what is `public` is reached. Default: from nowhere outside of the landscape."
    )
    images: Images = Images()

    @model_validator(mode="after")
    def _told_apart(self) -> Machines:
        _once("hypervisors", (item.name for item in self.hypervisors))
        _once("inventory", (item.name for item in self.inventory))
        _once("inventory: address", (item.address for item in self.inventory))
        _once("reserved-for", (name for item in (*self.hypervisors, *self.inventory) for name in item.reserved_for))
        if not self.hypervisors and not self.inventory:
            msg = "name at least one of `hypervisors` and `inventory`"
            raise ValueError(msg)
        return self

    def size(self, name: MachineSize) -> Size:
        """What a size means."""
        return {"small": self.sizes.small, "medium": self.sizes.medium, "large": self.sizes.large}[name]


def _once(what: str, values: Iterable[str]) -> None:
    seen: dict[str, int] = {}
    for value in values:
        seen[value] = seen.get(value, 0) + 1
    if twice := sorted(value for value, count in seen.items() if count > 1):
        msg = f"{what}: `{twice[0]}` stands there twice"
        raise ValueError(msg)
