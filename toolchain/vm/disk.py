"""The disk image that machines start from: a Debian with cloud-init, SSH and Docker.

It is made without mounting anything and without a loop device: the file system is filled when it is made.
"""

from __future__ import annotations

import shlex
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from toolchain.commands import Runner
from toolchain.debootstrap import System, install
from toolchain.errors import SetupError
from toolchain.parts import is_complete, key_of, making
from toolchain.progress import Step
from toolchain.sandbox.errors import NotRootError
from toolchain.vm.packages import BOOT_SECTOR
from toolchain.vm.places import KIND, Places

_PACKAGES = (
    "apparmor",  # the kernel has it, and Docker insists on a profile then
    "ca-certificates",
    "cloud-guest-utils",
    "cloud-init",
    "curl",
    "dbus",
    "docker.io",
    "e2fsprogs",
    "initramfs-tools",
    "iproute2",
    "iptables",
    "libpam-systemd",
    "linux-image-cloud-amd64",
    "netbase",
    "nftables",
    "openssh-server",
    "procps",
    "sudo",
    "systemd-resolved",
    "systemd-sysv",
    "udev",
    "unattended-upgrades",
    "zstd",
)
_LABEL = "plat-root"
_FILES = {
    "/etc/fstab": f"LABEL={_LABEL} / ext4 errors=remount-ro 0 1\n",
    # No search for the clouds of this world, and no locale that is not installed.
    "/etc/cloud/cloud.cfg.d/90_plat.cfg": "datasource_list: [NoCloud, None]\nlocale: C.UTF-8\n",
    "/boot/grub/grub.cfg": (
        f"linux /vmlinuz root=LABEL={_LABEL} ro console=ttyS0 net.ifnames=0 quiet\ninitrd /initrd.img\nboot\n"
    ),
}
_EMULATED = "virtio_pci virtio_blk virtio_scsi ext4"
"""The modules that find the root file system: an emulated processor would take long over all that there are."""

_SERVICES = "systemd-networkd systemd-resolved"
_SYSTEM = System(
    _PACKAGES,
    (
        "--essential-hook=mkdir -p $1/etc/initramfs-tools/conf.d",
        "--essential-hook=echo MODULES=list > $1/etc/initramfs-tools/conf.d/plat",
        f"--essential-hook=printf '%s\\n' {_EMULATED} > $1/etc/initramfs-tools/modules",
        "--customize-hook=mkdir -p $1/boot/grub",
        *(f"--customize-hook=printf %s {shlex.quote(text)} > $1{name}" for name, text in _FILES.items()),
        f"--customize-hook=chroot $1 systemctl enable {_SERVICES}",
        "--customize-hook=ln -sf ../run/systemd/resolve/stub-resolv.conf $1/etc/resolv.conf",
        # What each machine has to have of its own.
        "--customize-hook=rm -f $1/etc/ssh/ssh_host_*",
        "--customize-hook=truncate -s 0 $1/etc/machine-id",
    ),
    form="directory",
)

_SIZE = 4 << 30  # a volume made of it is larger, and its file system grows when the machine first starts
_SECTOR = 512
_FIRST = 2048  # the sector of the partition; the loader lies in front of it
_LOADER_MODULES = ("biosdisk", "part_msdos", "ext2", "linux", "normal", "configfile")
_ROOT = "(hd0,msdos1)"
_BOOT_CODE = 440
_TABLE = 446
_LINUX = 0x83
_ACTIVE = 0x80
_LARGE = b"\xfe\xff\xff"  # what a partition table says where an address needs more than cylinders, heads and sectors
_FORMAT = b"1"
"""Another one whenever the image is made differently."""


class SystemPart:
    """The machines' system, as a folder."""

    name = "system of the machines"

    def __init__(self, places: Places) -> None:
        self._places = places
        self.key = key_of(_SYSTEM.made_of)
        self._folder = places.cache / f"system-{self.key}"

    @property
    def ready(self) -> bool:
        """Whether it is there."""
        return is_complete(self._folder)

    @property
    def root(self) -> Path:
        """Its root."""
        return self._folder / "root"

    def lacks(self) -> list[SetupError]:
        """Name what only root can do."""
        return [] if self.ready or self._places.site.root else [NotRootError("making the machines' system", KIND)]

    def provide(self, step: Step) -> None:
        """Install it unless it is there."""
        how = "cached" if self.ready else "installed from Debian's packages"
        if not self.ready:
            runner = Runner(self.name, self._places.site.logs / "vm-system.log")
            with making(self._folder):
                install(_SYSTEM, self.root, step, runner)
        step.done(how)


class DiskPart:
    """A disk image in QEMU's own format, compressed; a subclass makes the disk."""

    name: ClassVar[str]
    file_name: ClassVar[str]

    def __init__(self, places: Places, made_of: Sequence[bytes]) -> None:
        self._places = places
        self._folder = places.cache / f"{self.file_name}-{key_of([_FORMAT, *made_of])}"

    @property
    def file(self) -> Path:
        """Where it is, or will be."""
        return self._folder / f"{self.file_name}.qcow2"

    @property
    def ready(self) -> bool:
        """Whether it is there."""
        return is_complete(self._folder)

    def lacks(self) -> list[SetupError]:
        """Nothing: what it is made of is a part of its own."""
        return []

    def provide(self, step: Step) -> None:
        """Make it unless it is there."""
        how = "cached" if self.ready else "made"
        if not self.ready:
            runner = Runner(self.name, self._places.site.logs / f"vm-{self.file_name}.log")
            with making(self._folder) as folder:
                disk = folder / "disk"
                with disk.open("wb") as file:
                    file.truncate(_SIZE)
                self._fill(disk, step, runner)
                step.note("compressing")
                compressed = ("-c", "-o", "compression_type=zstd")
                runner.run(["qemu-img", "convert", "-O", "qcow2", *compressed, f"{disk}", f"{self.file}"])
                disk.unlink()
        step.done(f"{how}, {self.file.stat().st_size / 1e6:.0f} MB")

    def _fill(self, disk: Path, step: Step, runner: Runner) -> None:
        raise NotImplementedError


class BootDisk(DiskPart):
    """What a machine starts from: its system and a boot loader."""

    name = "boot disk"
    file_name = "base"

    def __init__(self, places: Places, system: SystemPart) -> None:
        super().__init__(places, [system.key.encode()])
        self._system = system

    def _fill(self, disk: Path, step: Step, runner: Runner) -> None:
        step.note("filling the file system")
        fill(disk, self._system.root, _LABEL, runner, start=_FIRST * _SECTOR)
        step.note("writing the boot loader")
        _write_loader(disk, runner)


def fill(disk: Path, tree: Path, label: str, runner: Runner, *, start: int = 0) -> None:
    """Make a file system of a folder's files, from a place in the disk to its end, nothing mounted."""
    where = f"offset={start},root_owner=0:0"
    kilobytes = (disk.stat().st_size - start) // 1024
    runner.run(["mke2fs", "-q", "-t", "ext4", "-L", label, "-d", f"{tree}", "-E", where, f"{disk}", f"{kilobytes}k"])


def _write_loader(disk: Path, runner: Runner) -> None:
    """Write GRUB and a table of one partition: what grub-install would do on a running system.

    The boot sector loads the sectors behind it, and its first one the rest: both are made to lie there (GRUB's manual, 'BIOS
    installation').
    """
    early, core = disk.with_name("early.cfg"), disk.with_name("core.img")
    early.write_text(f"set root={_ROOT}\nset prefix={_ROOT}/boot/grub\nconfigfile /boot/grub/grub.cfg\n", encoding="utf-8")
    what = ("-O", "i386-pc", "-c", f"{early}", "-p", f"{_ROOT}/boot/grub", "-o", f"{core}")
    runner.run(["grub-mkimage", *what, *_LOADER_MODULES])
    sectors = _SIZE // _SECTOR - _FIRST
    partition = struct.pack("<B3sB3sII", _ACTIVE, _LARGE, _LINUX, _LARGE, _FIRST, sectors)
    boot = BOOT_SECTOR.read_bytes()[:_BOOT_CODE].ljust(_TABLE, b"\0") + partition
    with disk.open("r+b") as file:
        file.write(boot.ljust(_SECTOR - 2, b"\0") + b"\x55\xaa")
        file.write(core.read_bytes())
    for made in (early, core):
        made.unlink()
