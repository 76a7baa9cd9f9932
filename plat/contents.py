"""What the files of a folder hold, read once: what is made of them is kept by them, whoever writes to them meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

Contents = Mapping[str, bytes]
"""What files hold, by their paths."""


class Unkept(Exception):  # noqa: N818 - named for what happens, not for Python
    """A folder holds something whose content no hash tells: a link, a pipe, a file that cannot be read."""


def contents_of(folder: Path, others: Iterable[Path] = ()) -> Contents:
    """What all files below `folder`, and `others`, hold, by path in order. Raises Unkept."""
    try:
        # As whoever lists descriptors calls them.
        whole = os.path.abspath(folder)  # noqa: PTH100 - resolve() would follow a symbolic link to another name
        paths = [*_files(whole), *(_regular(path) for path in others)]
        return {path: _read(path) for path in sorted(paths)}
    except OSError as error:
        raise Unkept(error) from error


def _files(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield entry.path
            else:
                raise Unkept(entry.path)


def _regular(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        raise Unkept(path)
    return f"{path}"


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a path object for each would take as long as to read it
        return file.read()
