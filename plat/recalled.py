"""What has been worked out before of things that are many and of which few change, kept for the next time.

It is found again by a name, if its key is the same: whoever keeps it makes a key of all that it follows from. It is pickled,
into the folder of `plat.compiled`, for the same reasons.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from plat.pickled import pickled, unpickled

_Row = tuple[bytes, bytes]
"""The key of a thing, and what was worked out of it."""


@contextmanager
def recalled(path: Path) -> Iterator[Recalled]:
    """What `path` keeps. What the block takes in is kept too, if it can be, and what it never asks for is forgotten."""
    found = Recalled(_read(path))
    yield found
    with suppress(OSError, sqlite3.Error):
        _write(path, found)


class Recalled:
    """What `rows` keep, by name; `new` and `unasked` are what has been taken in, and what nobody has asked for."""

    def __init__(self, rows: dict[str, _Row]) -> None:
        self._rows = rows
        self.new: dict[str, _Row] = {}
        self.unasked = set(rows)

    def of(self, name: str, key: bytes) -> Any | None:  # noqa: ANN401 - whatever was kept
        """What is kept of `name`; None where that has another key, or is not known."""
        self.unasked.discard(name)
        known, content = self._rows.get(name, (b"", b""))
        return unpickled(content) if known == key else None

    def keep(self, name: str, key: bytes, value: object) -> None:
        """Take in what has been worked out."""
        self.new[name] = (key, pickled(value))


def _read(path: Path) -> dict[str, _Row]:
    if not path.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as kept:
            return {name: (key, content) for name, key, content in kept.execute("SELECT name, key, content FROM things")}
    except sqlite3.Error:
        with suppress(OSError):
            path.unlink()
        return {}


def _write(path: Path, found: Recalled) -> None:
    if not (found.new or found.unasked):
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(sqlite3.connect(path)) as kept, kept:
        kept.execute("CREATE TABLE IF NOT EXISTS things (name TEXT PRIMARY KEY, key BLOB, content BLOB)")
        kept.executemany("DELETE FROM things WHERE name = ?", [(name,) for name in found.unasked])
        rows = [(name, *row) for name, row in found.new.items()]
        kept.executemany("INSERT OR REPLACE INTO things VALUES (?, ?, ?)", rows)
