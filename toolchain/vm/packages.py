"""What the hypervisor needs of Debian itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from toolchain.sandbox.packages import DebianPackages

BOOT_SECTOR = Path("/usr/lib/grub/i386-pc/boot.img")


class Packages(DebianPackages):
    """Its packages; libvirt's daemon without the package that would start it as a service of the machine's own."""

    _programs: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "e2fsprogs": ("mke2fs", "debugfs"),
        "genisoimage": ("mkisofs",),  # the provider calls it for cloud-init's disk
        "grub-common": ("grub-mkimage",),
        "iproute2": ("ip",),
        "libvirt-clients": ("virsh",),
        "libvirt-daemon": ("libvirtd", "virtlogd"),
        "mmdebstrap": ("mmdebstrap",),
        "nftables": ("nft",),
        "openssh-client": ("ssh",),
        "qemu-system-x86": ("qemu-system-x86_64",),
        "qemu-utils": ("qemu-img",),
        "util-linux": ("nsenter", "unshare"),
    }

    def _further(self) -> tuple[str, ...]:
        return () if BOOT_SECTOR.is_file() else ("grub-pc-bin",)
