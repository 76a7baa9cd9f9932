"""New lines of logs as they come, past the rotation that supervisord does."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_INTERVAL = 0.3


@dataclass(slots=True)
class _Tail:
    path: Path
    inode: int = 0
    position: int = 0
    rest: bytes = field(default=b"")

    def to_end(self) -> None:
        """Go behind what is there now."""
        status = self._status()
        if status:
            self.inode, self.position = status.st_ino, status.st_size

    def lines(self) -> Iterator[str]:
        """Return whole lines that have come since the last time."""
        status = self._status()
        if status is None:
            return
        if status.st_ino != self.inode or status.st_size < self.position:
            self.inode, self.position, self.rest = status.st_ino, 0, b""
        with open(self.path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW)) as file:
            file.seek(self.position)
            *whole, self.rest = (self.rest + file.read()).split(b"\n")
            self.position = file.tell()
        for line in whole:
            yield line.decode(errors="replace")

    def _status(self) -> os.stat_result | None:
        try:
            return self.path.lstat()
        except FileNotFoundError:
            return None


def follow(paths: Mapping[str, Path]) -> Iterator[tuple[str, str]]:
    """Return (name, line) for each line that comes to one of `paths` from now on, for ever."""
    tails = {name: _Tail(path) for name, path in paths.items()}
    for tail in tails.values():
        tail.to_end()
    return _new_lines(tails)


def _new_lines(tails: Mapping[str, _Tail]) -> Iterator[tuple[str, str]]:
    while True:
        for name, tail in tails.items():
            for line in tail.lines():
                yield name, line
        time.sleep(_INTERVAL)
