"""What the cluster needs of Debian itself: installed where root may, and named where not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from toolchain.commands import Runner
from toolchain.errors import MissingToolError, SetupError
from toolchain.progress import Step
from toolchain.site import Site

CNI_FOLDERS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"))
"""Where Debian's package has the plugins, and where everybody else has them."""

_PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "conntrack": ("conntrack",),
    "containerd": ("containerd", "ctr"),
    "containernetworking-plugins": (),
    "ipset": ("ipset",),
    "iproute2": ("ip",),
    "iptables": ("iptables", "iptables-save", "ip6tables"),
    "mmdebstrap": ("mmdebstrap",),
    "nftables": ("nft",),
    "openssl": ("openssl",),
    "runc": ("runc",),
    "util-linux": ("nsenter", "unshare"),
}
"""Each package's programs: whoever has them from elsewhere, such as Docker's own containerd, keeps those."""

_ADMINISTRATION = ("/usr/local/sbin", "/usr/sbin", "/sbin")
_PLUGINS = ("bridge", "host-local", "loopback", "portmap")


class Packages:
    """Debian's packages."""

    name = "packages"

    def __init__(self, site: Site, search_path: str) -> None:
        """Look for what is installed in the folders of the search path, in the form of the variable PATH."""
        self._site = site
        self._search_path = with_administration(search_path)

    @property
    def missing(self) -> list[str]:
        """The packages whose programs are not there."""
        without = [name for name, programs in _PROGRAMS.items() if not all(map(self._find, programs))]
        return sorted([*without, *(() if cni_folder() else ("containernetworking-plugins",))])

    def lacks(self) -> list[SetupError]:
        """Name what is missing, where it cannot be installed here."""
        missing = self.missing
        if not missing or (self._site.root and shutil.which("apt-get")):
            return []
        names = " ".join(missing)
        return [MissingToolError(names, "the cluster runs on it", f"`apt-get install {names}` (as root)")]

    def provide(self, step: Step) -> None:
        """Install what is missing."""
        missing = self.missing
        if missing:
            runner = Runner(self.name, self._site.logs / "packages.log")
            quiet = {"DEBIAN_FRONTEND": "noninteractive"}
            step.note("fetching the lists of Debian's packages")
            runner.run(["apt-get", "update"], variables=quiet)
            step.note(f"installing {', '.join(missing)}")
            runner.run(["apt-get", "install", "--yes", "--no-install-recommends", *missing], variables=quiet)
        step.done(f"installed {', '.join(missing)}" if missing else "all are there")

    def _find(self, program: str) -> str | None:
        return shutil.which(program, path=self._search_path)


def with_administration(search_path: str) -> str:
    """Add the folders of an administrator's programs to a search path: not everybody's has them."""
    return os.pathsep.join((search_path, *_ADMINISTRATION))


def cni_folder() -> Path | None:
    """Give the folder of the CNI plugins; None where they are missing."""
    return next((folder for folder in CNI_FOLDERS if all((folder / name).is_file() for name in _PLUGINS)), None)
