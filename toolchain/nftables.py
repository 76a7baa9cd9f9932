"""nftables' command for the tests of machines' firewalls: the machine's own program, or Debian's unpacked into the cache.

Tests run it in network namespaces of their own, and never on this machine's own rules.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from toolchain.packaged import Packaged
from toolchain.wrappers import write_plain_wrappers

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMAND = "nft"
_USUAL_FOLDERS = ("/usr/sbin",)  # not on everybody's PATH


class Nftables(Packaged):
    """The command."""

    name = "nftables"
    variable = "PLAT_NFT_BIN"
    commands = ()

    _packages = ("nftables",)
    _taken = _packages
    _title = "nftables"
    _needed_for = "tests give machines their rules by it"
    _format = b"1"

    def _find(self, search_path: str) -> Path | None:
        found = shutil.which(_COMMAND, path=":".join((search_path, *_USUAL_FOLDERS)))
        return Path(found).parent if found else None

    def _wrap_installed(self, folder: Path, commands: Path) -> None:
        write_plain_wrappers(folder, {_COMMAND: commands / _COMMAND})

    def _wrap_unpacked(self, folder: Path, root: Path, libraries: Sequence[str]) -> None:
        write_plain_wrappers(folder, {_COMMAND: root / "usr" / "sbin" / _COMMAND}, libraries)
