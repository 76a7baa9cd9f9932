"""Descriptors that have been read and found right before, kept for the next time that many are read and few have changed.

What a file says follows from its name, its content and Plat's own program, and by these it is found again. It is pickled, into
the folder of `plat.compiled`, for the same reasons.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from plat.descriptors.loader import Right
from plat.pickled import pickled, unpickled

_Row = tuple[bytes, bytes]
"""Of a file: the hash that it is found by, and what it says."""


@contextmanager
def parsed_before(path: Path, program: str) -> Iterator[Parsed]:
    """What `path` keeps of what `program` has read; what the block reads anew is kept too, if it can be."""
    found = Parsed(_read(path), program)
    yield found
    with suppress(OSError, sqlite3.Error):
        _write(path, found)


class Parsed:
    """Which file says what, by `rows`; `new` and `unasked` are what has been read anew, and what nobody has asked for."""

    def __init__(self, rows: dict[str, _Row], program: str) -> None:
        self._rows = rows
        self._program = program
        self.new: dict[str, _Row] = {}
        self.unasked = set(rows)

    def of(self, shown: str, data: bytes) -> Right | None:
        """What the file that locations call `shown` says where it holds `data`; None where that is not known."""
        self.unasked.discard(shown)
        key, content = self._rows.get(shown, (b"", b""))
        found: Right | None = unpickled(content) if key == self._key(shown, data) else None
        return found

    def keep(self, shown: str, data: bytes, right: Right) -> None:
        """Take in what a file says."""
        self.new[shown] = (self._key(shown, data), pickled(right))

    def _key(self, shown: str, data: bytes) -> bytes:
        return hashlib.sha256(f"{self._program}\0{shown}\0".encode() + data).digest()


def _read(path: Path) -> dict[str, _Row]:
    if not path.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as kept:
            return {shown: (key, content) for shown, key, content in kept.execute("SELECT shown, key, content FROM files")}
    except sqlite3.Error:
        with suppress(OSError):
            path.unlink()
        return {}


def _write(path: Path, found: Parsed) -> None:
    if not (found.new or found.unasked):
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(sqlite3.connect(path)) as kept, kept:
        kept.execute("CREATE TABLE IF NOT EXISTS files (shown TEXT PRIMARY KEY, key BLOB, content BLOB)")
        kept.executemany("DELETE FROM files WHERE shown = ?", [(shown,) for shown in found.unasked])
        rows = [(shown, *row) for shown, row in found.new.items()]
        kept.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", rows)
