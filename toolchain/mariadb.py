"""A MariaDB that the local target can run: the machine's own, or Debian's packages unpacked into the cache.

Only the packages with server and client are fetched: those around them start a server of the system's own.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from toolchain.packaged import Packaged
from toolchain.wrappers import write_mariadb_wrappers

if TYPE_CHECKING:
    from collections.abc import Sequence

_USUAL_FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin")  # not all are on everybody's PATH
_SERVER = ("mariadbd", "mariadb-install-db")
_CLIENT = "mariadb"


class MariaDB(Packaged):
    """The server, what makes its data directory, and the client."""

    name = "mariadb"
    variable = "PLAT_MYSQL_BIN"
    commands = (_CLIENT,)

    _packages = ("mariadb-server-core", "mariadb-client-core")
    _taken = _packages
    _title = "MariaDB"
    _needed_for = "it runs datastores of type mysql"
    _format = b"1"

    def _find(self, search_path: str) -> Path | None:
        found = shutil.which(_SERVER[0], path=_and_usual(search_path))
        return Path(found).resolve().parent if found and shutil.which(_SERVER[1], path=_beside(Path(found))) else None

    def _wrap_installed(self, folder: Path, commands: Path) -> None:
        found = {name: shutil.which(name, path=_beside(commands / _SERVER[0])) for name in (*_SERVER, _CLIENT)}
        programs = {name: Path(program) for name, program in found.items() if program}
        write_mariadb_wrappers(folder, programs, tree=None, libraries=())

    def _wrap_unpacked(self, folder: Path, root: Path, libraries: Sequence[str]) -> None:
        tree = root / "usr"
        programs = {_SERVER[0]: tree / "sbin" / _SERVER[0]} | {name: tree / "bin" / name for name in (_SERVER[1], _CLIENT)}
        write_mariadb_wrappers(folder, programs, tree, libraries)


def _beside(server: Path) -> str:
    """Give the folders that an installation's programs are in: the server is often apart from the others."""
    return _and_usual(os.pathsep.join(map(str, (server.parent, server.parent.parent / "bin"))))


def _and_usual(search_path: str) -> str:
    return os.pathsep.join((search_path, *_USUAL_FOLDERS))
