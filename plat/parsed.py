"""Descriptors that have been read and found right before, by a file's name, its content and Plat's own program."""

from __future__ import annotations

import hashlib

from plat.descriptors.loader import Right
from plat.recalled import Recalled


class Parsed:
    """Which file says what, as `kept` has it of what `program` has read."""

    def __init__(self, kept: Recalled, program: str) -> None:
        self._kept = kept
        self._program = program

    def of(self, shown: str, data: bytes) -> Right | None:
        """What the file that locations call `shown` says where it holds `data`; None where that is not known."""
        found: Right | None = self._kept.of(shown, self._key(shown, data))
        return found

    def keep(self, shown: str, data: bytes, right: Right) -> None:
        """Take in what a file says."""
        self._kept.keep(shown, self._key(shown, data), right)

    def _key(self, shown: str, data: bytes) -> bytes:
        return hashlib.sha256(f"{self._program}\0{shown}\0".encode() + data).digest()
