"""A server that speaks MongoDB's protocol: FerretDB's handlers behind a guard of our own, built from Go modules.

No installed `mongod` or `ferretdb` is used in its place: the one has roles, which nothing here would set, the other has
neither roles nor the guard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from toolchain.commands import Runner
from toolchain.errors import MissingToolError, SetupError
from toolchain.gomodule import GoModule
from toolchain.parts import is_complete, making

if TYPE_CHECKING:
    from pathlib import Path

    from toolchain.progress import Step
    from toolchain.site import Site

_PROGRAM = "plat-ferretdb"
_NEEDED_FOR = "it builds FerretDB, which runs datastores of type mongodb"


class FerretDB:
    """The server."""

    name = "ferretdb"
    variable = "PLAT_MONGODB_BIN"
    commands: ClassVar[tuple[str, ...]] = ()

    def __init__(self, site: Site, search_path: str) -> None:
        """Take the site; nothing is looked for in the search path."""
        del search_path
        self._site = site
        self._module = GoModule(site.checkout / "toolchain" / "go" / "ferretdb", (f"./cmd/{_PROGRAM}",))
        self._base = site.cache / "toolchain" / f"ferretdb-{self._module.key}"

    @property
    def folder(self) -> Path:
        """Where the program is, or will be."""
        return self._base / "bin"

    @property
    def ready(self) -> bool:
        """Whether it is there."""
        return is_complete(self._base)

    def lacks(self) -> list[SetupError]:
        """Name a missing Go, where the program is still to be built."""
        if self.ready:
            return []
        try:
            self._module.find_go(_NEEDED_FOR, instead="")
        except MissingToolError as error:
            return [error]
        return []

    def provide(self, step: Step) -> None:
        """Build it unless it is there."""
        if self.ready:
            step.done("cached")
            return
        go = self._module.find_go(_NEEDED_FOR, instead="")
        runner = Runner(self.name, self._site.logs / "ferretdb.log")
        with making(self._base) as base:
            self._module.build(go, base / "bin", runner, step)
        step.done("built from Go modules")
