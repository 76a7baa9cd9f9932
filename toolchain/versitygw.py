"""A server that speaks S3 over a folder, Versity's gateway: for tests of states in an object store."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from toolchain.cluster.addons.object_store import SOURCE
from toolchain.cluster.programs import Program

if TYPE_CHECKING:
    from toolchain.site import Site


class Versitygw(Program):
    """The server, the same as in a cluster."""

    variable = "PLAT_VERSITYGW_BIN"
    commands: ClassVar[tuple[str, ...]] = ()

    def __init__(self, site: Site, search_path: str) -> None:
        """Take the site; nothing is looked for in the search path."""
        del search_path
        super().__init__(site, SOURCE)

    @property
    def _needed_for(self) -> str:
        return "it builds the object store that tests use"
