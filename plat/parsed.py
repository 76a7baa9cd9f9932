"""Descriptors that have been read and found right before, by a file's name, its content and Plat's own program."""

from __future__ import annotations

import hashlib
from functools import partial
from types import MappingProxyType

from plat.contents import Contents
from plat.descriptors.files import Found, read_file
from plat.descriptors.loader import Right
from plat.descriptors.source import Source
from plat.descriptors.text import SIZE_LIMIT
from plat.findings import Finding
from plat.pickled import pickled, unpickled
from plat.recalled import Recalled
from plat.seek import Tree


class Parsed:
    """Which file says what, as `kept` has it of what `program` has read. Files whose `contents` are known are not read."""

    def __init__(self, kept: Recalled, program: str, contents: Contents = MappingProxyType({})) -> None:
        self._kept = kept
        self._program = program
        self._contents = contents

    def read(self, found: Found) -> bytes | Finding:
        """What a file holds, as `read_file` gives it."""
        known = self._contents.get(f"{found.path}")
        return read_file(found) if known is None else known[: SIZE_LIMIT + 1]

    def of(self, found: Found, data: bytes) -> Right | None:
        """What a file says where it holds `data`; None where that is not known."""
        known = self._kept.of(found.shown, self._key(found, data))
        if known is None:
            return None
        descriptor, tree = known
        return descriptor, Source(found.shown, Tree(found.path, found.shown, partial(unpickled, tree)))

    def keep(self, found: Found, data: bytes, right: Right) -> None:
        """Take in what a file says."""
        descriptor, source = right
        # By itself: to make it again takes longer than all else, and only who has a finding to place needs it.
        self._kept.keep(found.shown, self._key(found, data), (descriptor, pickled(source.tree)))

    def _key(self, found: Found, data: bytes) -> bytes:
        return hashlib.sha256(f"{self._program}\0{found.shown}\0".encode() + data).digest()
