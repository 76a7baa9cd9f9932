"""The program `dot` of Graphviz, which draws context maps: the machine's own, or Debian's packages unpacked into the cache."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from toolchain.commands import Runner
from toolchain.packaged import Packaged
from toolchain.site import write_whole
from toolchain.wrappers import write_graphviz_wrapper, write_plain_wrappers

if TYPE_CHECKING:
    from collections.abc import Sequence

_DOT = "dot"
_FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


class Graphviz(Packaged):
    """The program, and a font to measure labels and to draw them with."""

    name = "graphviz"
    variable = "PLAT_GRAPHVIZ_BIN"
    commands = (_DOT,)

    _packages = ("graphviz", "fonts-dejavu-core")
    _taken = _packages
    _title = "Graphviz"
    _needed_for = "it draws context maps as pictures"
    _format = b"1"

    def _find(self, search_path: str) -> Path | None:
        found = shutil.which(_DOT, path=search_path)
        return Path(found).parent if found else None

    def _wrap_installed(self, folder: Path, commands: Path) -> None:
        write_plain_wrappers(folder, {_DOT: commands / _DOT})

    def _wrap_unpacked(self, folder: Path, root: Path, libraries: Sequence[str]) -> None:
        plugins = next(root.glob("usr/lib/*/graphviz"))
        fonts = root.parent / "fonts.conf"
        write_whole(fonts, _FONTS.format(fonts=root / "usr" / "share" / "fonts"))
        write_graphviz_wrapper(folder / _DOT, root / "usr" / "bin" / _DOT, plugins, fonts, libraries)
        # What Debian's package does when it is installed: writes down which plugin can do what.
        Runner(self.name, self._site.logs / f"{self.name}.log").run([str(folder / _DOT), "-c"])
