"""Files that are written as a whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file so that nobody ever reads half of it. Raises OSError."""
    with draft(path) as file:
        file.write_bytes(content)


@contextmanager
def draft(path: Path) -> Iterator[Path]:
    """A file that takes the place of `path` once the block has written it, and is gone where that fails. Raises OSError."""
    file = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield file
        file.replace(path)
    finally:
        file.unlink(missing_ok=True)
