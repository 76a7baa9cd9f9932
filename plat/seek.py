"""Where something stands in a descriptor, for whoever asks, in this process or in another one.

Of the places that a plan goes by hardly any is ever asked for. Who gets a plan from another process gets with it where the
descriptors are, and reads the one again of which a place is asked for: a kept plan is of files that say the same.
"""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plat.descriptors.tree import Node, Path


class Tree:
    """The tree of the file at `path`, made by `make` when it is first asked for; locations call the file `shown`.

    Who gets it from another process reads the file again.
    """

    __slots__ = ("_made", "_make", "_path", "_shown")

    def __init__(self, path: str | os.PathLike[str], shown: str, make: Callable[[], Node]) -> None:
        self._path = path
        self._shown = shown
        self._make = make
        self._made: Node | None = None

    def __call__(self) -> Node:
        """The tree; of a file that is gone, or holds none any more, something that begins where files do."""
        if self._made is None:
            self._made = self._make()
        return self._made

    def __reduce__(self) -> tuple[Callable[[str, str], Tree], tuple[str, str]]:
        return _again, (os.fspath(self._path), self._shown)


@dataclass(slots=True, eq=False)
class Seek:
    """What leads to a place in `tree`: `steps` below `base`, and at their end to the key, or to what it stands for."""

    tree: Tree
    base: Path
    steps: Path
    to_key: bool = False

    def __call__(self) -> tuple[int, int]:
        """Line and column, from 1."""
        from plat.descriptors.tree import key_position, locate  # noqa: PLC0415 - programs and packs load what they need

        return (key_position if self.to_key else locate)(self.tree(), (*self.base, *self.steps))


def _again(path: str, shown: str) -> Tree:
    return Tree(path, shown, partial(_read, path, shown))


def _read(path: str, shown: str) -> Node:
    from plat.descriptors.files import Found, read_file  # noqa: PLC0415 - see above
    from plat.descriptors.tree import Position, Refused  # noqa: PLC0415 - see above
    from plat.descriptors.yaml import read_document  # noqa: PLC0415 - see above

    data = read_file(Found(pathlib.Path(path), shown, shown))
    tree = read_document(shown, data).tree if isinstance(data, bytes) else None
    return tree or Refused(Position(1, 1))
