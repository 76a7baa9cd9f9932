"""Programs of Debian's packages, as the machine has them installed or unpacked into the cache without installing.

Either way they are in one `bin` folder, as wrappers that set what each needs to find the rest.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, ClassVar

from toolchain.commands import Runner
from toolchain.debian import PrivateApt, has_apt, is_installed
from toolchain.errors import MissingToolError, SetupError
from toolchain.parts import is_complete, key_of, making
from toolchain.site import Site, outside
from toolchain.wrappers import write_plain_wrappers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from toolchain.progress import Step

_RELEASE = Path("/etc/os-release")


class Packaged:
    """The programs of some packages; a subclass says which ones, and how they are found and wrapped."""

    name: ClassVar[str]
    variable: ClassVar[str]
    commands: ClassVar[tuple[str, ...]]

    _packages: ClassVar[tuple[str, ...]]
    """What is fetched with all that it needs, the package to install by hand first."""

    _taken: ClassVar[tuple[str, ...]]
    """How the names of packages begin that are unpacked even where the machine has them."""

    _title: ClassVar[str]
    _needed_for: ClassVar[str]
    _format: ClassVar[bytes]
    """Another one whenever the wrappers change."""

    def __init__(self, site: Site, search_path: str) -> None:
        """Look for what is installed in the folders of the search path, in the form of the variable PATH."""
        self._site = site
        self._installed = self._find(outside(search_path, site))

    @property
    def folder(self) -> Path:
        """Where the wrappers are."""
        return self._base / "bin"

    @property
    def ready(self) -> bool:
        """Whether the wrappers are there."""
        return is_complete(self._base)

    @property
    def _base(self) -> Path:
        made_of = f"{self._installed}".encode() if self._installed else _RELEASE.read_bytes()
        return self._site.cache / self.name / key_of((self._format, made_of))

    def lacks(self) -> list[SetupError]:
        """Name what is missing to fetch it."""
        if self._installed or self.ready or has_apt():
            return []
        needed_for = f"{self._needed_for}, and only Debian's package can be fetched without installing it"
        return [MissingToolError(self._packages[0], needed_for, f"install {self._title} with your system's package manager")]

    def provide(self, step: Step) -> None:
        """Write the wrappers, after fetching the packages where they are not installed."""
        if self._installed:
            how = f"installed in {self._installed}, used as it is"
        else:
            how = "cached" if self.ready else "unpacked from Debian's packages"
        if not self.ready:
            with making(self._base) as base:
                if self._installed:
                    self._wrap_installed(base / "bin", self._installed)
                else:
                    self._unpack(base, step)
        step.done(how)

    def _unpack(self, base: Path, step: Step) -> None:
        runner = Runner(self.name, self._site.logs / f"{self.name}.log")
        root = base / "root"
        root.mkdir()
        with TemporaryDirectory(dir=base, prefix="apt-") as folder:
            Path(folder).chmod(0o755)  # apt downloads as an unprivileged user of its own when we are root
            apt = PrivateApt(Path(folder), runner)
            step.note("fetching the lists of Debian's packages")
            apt.update()
            packages = self._wanted(apt.closure(*self._packages), runner)
            step.note(f"fetching {len(packages)} packages")
            archives = apt.download(packages)
            step.note("unpacking")
            apt.extract(archives, root)
        libraries = sorted({f"{file.parent}" for file in root.glob("usr/lib/*-linux-gnu*/*.so*")})
        self._wrap_unpacked(base / "bin", root, libraries)

    def _wanted(self, closure: Iterable[str], runner: Runner) -> list[str]:
        """Take what it is about, and of the libraries below those that this machine does not have."""
        names = list(closure)
        ours = [name for name in names if name.startswith(self._taken)]
        libraries = [name for name in names if name.startswith("lib") and not name.endswith("-perl")]
        return [*ours, *(name for name in libraries if not is_installed(name, runner))]

    def _find(self, search_path: str) -> Path | None:
        """Give the folder of the installed programs; None where they are to be fetched."""
        raise NotImplementedError

    def _wrap_installed(self, folder: Path, commands: Path) -> None:
        raise NotImplementedError

    def _wrap_unpacked(self, folder: Path, root: Path, libraries: Sequence[str]) -> None:
        """Wrap what lies below `root`; the libraries are folders of those that the machine does not have."""
        raise NotImplementedError


class OneProgram(Packaged):
    """One program, which is started by its path alone: `_program`, often in folders that are not on everybody's PATH."""

    commands = ()

    _program: str
    _usual_folders: tuple[str, ...] = ("/usr/local/sbin", "/usr/sbin")

    def _find(self, search_path: str) -> Path | None:
        found = shutil.which(self._program, path=":".join((search_path, *self._usual_folders)))
        return Path(found).parent if found else None

    def _wrap_installed(self, folder: Path, commands: Path) -> None:
        write_plain_wrappers(folder, {self._program: commands / self._program})

    def _wrap_unpacked(self, folder: Path, root: Path, libraries: Sequence[str]) -> None:
        write_plain_wrappers(folder, {self._program: root / "usr" / "sbin" / self._program}, libraries)
