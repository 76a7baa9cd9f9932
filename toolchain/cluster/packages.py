"""What the cluster needs of Debian itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from toolchain.sandbox.packages import DebianPackages

CNI_FOLDERS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"))
"""Where Debian's package has the plugins, and where everybody else has them."""

_PLUGINS = ("bridge", "host-local", "loopback", "portmap")


class Packages(DebianPackages):
    """Its packages: whoever has their programs from elsewhere, such as Docker's own containerd, keeps those."""

    _programs: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "conntrack": ("conntrack",),
        "containerd": ("containerd", "ctr"),
        "ipset": ("ipset",),
        "iproute2": ("ip",),
        "iptables": ("iptables", "iptables-save", "ip6tables"),
        "mmdebstrap": ("mmdebstrap",),
        "nftables": ("nft",),
        "openssl": ("openssl",),
        "runc": ("runc",),
        "util-linux": ("nsenter", "unshare"),
    }

    def _further(self) -> Sequence[str]:
        return () if cni_folder() else ("containernetworking-plugins",)


def cni_folder() -> Path | None:
    """Give the folder of the CNI plugins; None where they are missing."""
    return next((folder for folder in CNI_FOLDERS if all((folder / name).is_file() for name in _PLUGINS)), None)
