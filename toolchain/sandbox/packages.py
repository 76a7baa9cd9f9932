"""What a sandbox needs of Debian itself: installed where root may, and named where not."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, ClassVar

from toolchain.commands import Runner
from toolchain.errors import MissingToolError, SetupError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from toolchain.progress import Step
    from toolchain.sandbox.kind import Kind
    from toolchain.site import Site

_ADMINISTRATION = ("/usr/local/sbin", "/usr/sbin", "/sbin")


class DebianPackages:
    """Debian's packages; a subclass says which ones."""

    name = "packages"

    _programs: ClassVar[Mapping[str, tuple[str, ...]]]
    """Each package's programs: whoever has them from elsewhere keeps those. By its full path what is on no search path."""

    def __init__(self, site: Site, search_path: str, kind: Kind) -> None:
        """Look for what is installed in the folders of the search path, in the form of the variable PATH."""
        self._site = site
        self._search_path = with_administration(search_path)
        self._kind = kind

    @property
    def missing(self) -> list[str]:
        """The packages whose programs are not there."""
        without = [name for name, programs in self._programs.items() if not all(map(self._find, programs))]
        return sorted([*without, *self._further()])

    def lacks(self) -> list[SetupError]:
        """Name what is missing, where it cannot be installed here."""
        missing = self.missing
        if not missing or (self._site.root and shutil.which("apt-get")):
            return []
        names = " ".join(missing)
        return [MissingToolError(names, f"the {self._kind.name} runs on it", f"`apt-get install {names}` (as root)")]

    def provide(self, step: Step) -> None:
        """Install what is missing."""
        missing = self.missing
        if missing:
            runner = Runner(self.name, self._site.logs / f"packages-{self._kind.name}.log")
            quiet = {"DEBIAN_FRONTEND": "noninteractive"}
            step.note("fetching the lists of Debian's packages")
            runner.run(["apt-get", "update"], variables=quiet)
            step.note(f"installing {', '.join(missing)}")
            runner.run(["apt-get", "install", "--yes", "--no-install-recommends", *missing], variables=quiet)
        step.done(f"installed {', '.join(missing)}" if missing else "all are there")

    def _further(self) -> Sequence[str]:
        """Give the packages that are missing without any program to tell."""
        return ()

    def _find(self, program: str) -> str | None:
        return shutil.which(program, path=self._search_path)


def with_administration(search_path: str) -> str:
    """Add the folders of an administrator's programs to a search path: not everybody's has them."""
    return os.pathsep.join((search_path, *_ADMINISTRATION))
