"""The disk image that machines start from: a Debian with cloud-init, SSH and Docker, and the containers' image on it.

It is made without mounting anything and without a loop device: the file system is filled by those who make it.
"""

from __future__ import annotations

import shlex
import struct
from collections.abc import Sequence
from pathlib import Path

from toolchain.cluster.archive import write_docker_archive
from toolchain.cluster.images import BaseImage
from toolchain.commands import Runner
from toolchain.debootstrap import System, install
from toolchain.errors import SetupError
from toolchain.parts import is_complete, key_of, making
from toolchain.progress import Step
from toolchain.sandbox.errors import NotRootError
from toolchain.vm.errors import FullDiskError
from toolchain.vm.packages import BOOT_SECTOR
from toolchain.vm.places import KIND, Places

IMAGES = "/var/lib/plat/images"
"""Where a machine finds images that it cannot pull, each an archive that `docker load` reads."""

_PACKAGES = (
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
        f"--customize-hook=mkdir -p $1/boot/grub $1{IMAGES}",
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
    """The disk image, in the format of QEMU, compressed."""

    name = "disk image"

    def __init__(self, places: Places, system: SystemPart, image: BaseImage, names: Sequence[str]) -> None:
        """Take the image that a machine's Docker is to know without pulling it, and by which names."""
        self._places = places
        self._system = system
        self._image = image
        self._names = names

    @property
    def _folder(self) -> Path:
        names = [name.encode() for name in self._names]
        made_of = [_FORMAT, self._system.key.encode(), self._image.key.encode(), *names]
        return self._places.cache / f"disk-{key_of(made_of)}"

    @property
    def file(self) -> Path:
        """Where it is, or will be."""
        return self._folder / "base.qcow2"

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
            runner = Runner(self.name, self._places.site.logs / "vm-disk.log")
            with making(self._folder) as folder:
                self._make(folder, step, runner)
        step.done(f"{how}, {self.file.stat().st_size / 1e6:.0f} MB")

    def _make(self, folder: Path, step: Step, runner: Runner) -> None:
        disk = folder / "disk.img"
        with disk.open("wb") as file:
            file.truncate(_SIZE)
        step.note("filling the file system")
        self._fill(disk, runner)
        step.note("adding the image of the containers")
        self._add(disk, runner)
        step.note("writing the boot loader")
        _write_loader(disk, folder, runner)
        step.note("compressing")
        how = ("-O", "qcow2", "-c", "-o", "compression_type=zstd")
        runner.run(["qemu-img", "convert", *how, f"{disk}", f"{self.file}"])
        disk.unlink()

    def _fill(self, disk: Path, runner: Runner) -> None:
        where = f"offset={_FIRST * _SECTOR},root_owner=0:0"
        kilobytes = (_SIZE - _FIRST * _SECTOR) // 1024
        how = ("-q", "-t", "ext4", "-L", _LABEL, "-d", f"{self._system.root}", "-E", where)
        runner.run(["mke2fs", *how, f"{disk}", f"{kilobytes}k"])

    def _add(self, disk: Path, runner: Runner) -> None:
        """Add the archive to the file system as it lies in the disk."""
        archive = disk.with_name("plat.tar")
        with archive.open("wb") as out:
            write_docker_archive(out, self._image.image, self._names)
        place = f"{IMAGES}/{archive.name}"
        system = f"{disk}?offset={_FIRST * _SECTOR}"
        runner.run(["debugfs", "-w", "-R", f"write {archive} {place}", system])
        # debugfs ends well whatever it could not do.
        if f"Size: {archive.stat().st_size}" not in "\n".join(runner.run(["debugfs", "-R", f"stat {place}", system])):
            raise FullDiskError(place, _SIZE)
        archive.unlink()


def _write_loader(disk: Path, folder: Path, runner: Runner) -> None:
    """Write GRUB and a table of one partition: what grub-install would do on a running system.

    The boot sector loads the sectors behind it, and its first one the rest: both are made to lie there (GRUB's manual, 'BIOS
    installation').
    """
    early, core = folder / "early.cfg", folder / "core.img"
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
