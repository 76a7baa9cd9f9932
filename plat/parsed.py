"""Descriptors that have been read and found right before, by a file's name, its content and Plat's own program."""

from __future__ import annotations

import hashlib
from functools import cache

from plat.descriptors.loader import Right
from plat.descriptors.source import Source
from plat.pickled import pickled, unpickled
from plat.recalled import Recalled


class Parsed:
    """Which file says what, as `kept` has it of what `program` has read."""

    def __init__(self, kept: Recalled, program: str) -> None:
        self._kept = kept
        self._program = program

    def of(self, shown: str, data: bytes) -> Right | None:
        """What the file that locations call `shown` says where it holds `data`; None where that is not known."""
        found = self._kept.of(shown, self._key(shown, data))
        if found is None:
            return None
        descriptor, tree = found
        return descriptor, Source(shown, cache(lambda: unpickled(tree)))

    def keep(self, shown: str, data: bytes, right: Right) -> None:
        """Take in what a file says."""
        descriptor, source = right
        # By itself: to make it again takes longer than all else, and only who has a finding to place needs it.
        self._kept.keep(shown, self._key(shown, data), (descriptor, pickled(source.tree)))

    def _key(self, shown: str, data: bytes) -> bytes:
        return hashlib.sha256(f"{self._program}\0{shown}\0".encode() + data).digest()
