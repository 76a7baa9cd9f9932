"""A server of OpenSSH for the tests that enter machines: the machine's own program, or Debian's unpacked into the cache.

Nothing starts it but a test, with a configuration of its own; the client is the machine's.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from toolchain.packaged import Packaged
from toolchain.wrappers import write_plain_wrappers

if TYPE_CHECKING:
    from collections.abc import Sequence

_SERVER = "sshd"
_USUAL_FOLDERS = ("/usr/local/sbin", "/usr/sbin")  # not on everybody's PATH


class OpenSSH(Packaged):
    """The server's program."""

    name = "openssh"
    variable = "PLAT_SSHD_BIN"
    commands = ()

    _packages = ("openssh-server",)
    _taken = _packages
    _title = "an OpenSSH server"
    _needed_for = "tests enter machines through it"
    _format = b"1"

    def _find(self, search_path: str) -> Path | None:
        found = shutil.which(_SERVER, path=":".join((search_path, *_USUAL_FOLDERS)))
        return Path(found).parent if found else None

    def _wrap_installed(self, folder: Path, commands: Path) -> None:
        write_plain_wrappers(folder, {_SERVER: commands / _SERVER})

    def _wrap_unpacked(self, folder: Path, root: Path, libraries: Sequence[str]) -> None:
        write_plain_wrappers(folder, {_SERVER: root / "usr" / "sbin" / _SERVER}, libraries)
