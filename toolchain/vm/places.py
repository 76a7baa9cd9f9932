"""Where the hypervisor is on this machine: folders, addresses and names. There is one hypervisor of ours on a machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from toolchain.sandbox.kind import Kind
from toolchain.site import Site

NAME = "plat-hypervisor"
"""The network namespace."""

KIND = Kind("hypervisor", "network namespaces, mounts and virtual machines", "make vm-setup", "make vm-down")

HOST_LINK = "plat-vm0"  # 15 characters are the most that a device's name has
INNER_LINK = "up0"
HOST_ADDRESS = "10.248.255.1"
GATEWAY = "10.248.255.2"
LINK_PREFIX = 30

MACHINES = "10.248.0.0/24"
"""The addresses of the machines, of which each is told its own: nothing gives them out."""

BRIDGE = "plat-br0"
BRIDGE_ADDRESS = "10.248.0.1"
BRIDGE_PREFIX = 24

NETWORK = "plat"
POOL = "plat"
"""libvirt's names of what `up` makes in it."""


@dataclass(frozen=True)
class Places:
    """The hypervisor's folders: state that ends with it, what a reboot forgets, and what is worth keeping for the next."""

    site: Site
    state: Path = Path("/var/lib") / NAME
    run: Path = Path("/run") / NAME

    @property
    def cache(self) -> Path:
        """The system of the machines and their disk image."""
        return self.site.cache / "vm"

    @property
    def lock(self) -> Path:
        """The folder whose lock is held by who brings the hypervisor up or down: a build does not stand in the way."""
        return self.cache / "hypervisor"

    @property
    def owner(self) -> Path:
        """The file that names the checkout."""
        return self.run / "owner"

    @property
    def logs(self) -> Path:
        """The daemons' output."""
        return self.state / "logs"

    @property
    def settings(self) -> Path:
        """What the daemons read."""
        return self.state / "settings"

    @property
    def pool(self) -> Path:
        """The folder of the volumes."""
        return self.state / "pool"

    @property
    def socket(self) -> Path:
        """Where libvirt listens."""
        return self.run / "libvirt-sock"

    @property
    def uri(self) -> str:
        """How `virsh` and the provider of Pulumi reach it from anywhere on this machine; both understand this form."""
        return f"qemu+unix:///system?socket={self.socket}"

    @property
    def disks(self) -> Path:
        """Links to the disk images that go with the checkout, by names that stay whatever they are made of."""
        return self.site.local / "vm"
