"""Fetches Debian packages without installing them, as any user: apt's own lists and cache lie in a private folder.

The machine's sources, keys and proxies hold, so that every package is verified as if it were installed
(apt.conf(5), apt-secure(8)). Only hooks are left out, which would touch the machine's own cache.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolchain.commands import Runner

_SETTINGS = Path("/etc/apt/apt.conf.d")
_OURS = """\
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons::DefaultEnabled "false";
"""
_ARCHIVE = re.compile(r"^'[^']+' (?P<name>[a-z0-9][a-z0-9+.-]+)_\S+\.deb ")


class PrivateApt:
    """An apt of our own in a folder; nothing outside of the folder changes."""

    def __init__(self, folder: Path, runner: Runner) -> None:
        self._folder = folder
        self._runner = runner
        for inner in ("settings", "lists/partial", "cache/archives/partial", "packages"):
            (folder / inner).mkdir(parents=True)
        for file in sorted(_SETTINGS.glob("*")):
            (folder / "settings" / file.name).symlink_to(file)
        (folder / "settings" / "zz-plat").write_text(_OURS, encoding="utf-8")
        # Read before all other settings: it can say where those are, but could not clear what they set.
        places = {"Dir::Etc::Parts": "settings", "Dir::State::lists": "lists", "Dir::Cache": "cache"}
        lines = [f'{name} "{folder / inner}";\n' for name, inner in places.items()]
        (folder / "apt.conf").write_text("".join(lines), encoding="utf-8")

    def update(self) -> None:
        """Fetch the lists of the machine's sources; raises `CommandFailedError`."""
        self._apt("update")

    def closure(self, *packages: str) -> list[str]:
        """Name the packages and all that they need on a machine where nothing at all is installed."""
        nothing = ["-o", "Dir::State::status=/dev/null"]
        lines = self._apt(*nothing, "--no-install-recommends", "--yes", "--print-uris", "install", *packages)
        return [match["name"] for line in lines if (match := _ARCHIVE.match(line))]

    def download(self, packages: Iterable[str]) -> list[Path]:
        """Fetch these packages, verified; raises `CommandFailedError`."""
        self._apt("download", *packages)
        return sorted((self._folder / "packages").glob("*.deb"))

    def extract(self, archives: Iterable[Path], root: Path) -> None:
        """Unpack the packages' files below a root, without running any of their scripts."""
        for archive in archives:
            self._runner.run(["dpkg-deb", "--extract", str(archive), str(root)])

    def _apt(self, *arguments: str) -> list[str]:
        variables = {"APT_CONFIG": str(self._folder / "apt.conf"), "LC_ALL": "C"}
        return self._runner.run(["apt-get", *arguments], folder=self._folder / "packages", variables=variables)


def has_apt() -> bool:
    """Tell whether this is a machine with Debian's tools."""
    return bool(shutil.which("apt-get") and shutil.which("dpkg-deb") and shutil.which("dpkg-query"))


def is_installed(package: str, runner: Runner) -> bool:
    """Tell whether the machine itself has the package installed."""
    query = ["sh", "-c", 'dpkg-query --show --showformat "\\${db:Status-Status}\\n" "$1" || true', "query", package]
    return "installed" in runner.run(query)
