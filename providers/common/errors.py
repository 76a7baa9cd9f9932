"""What can go wrong in any plugin and that a user can put right: one class, one message each."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterable
from pathlib import Path


class Problem(Exception):  # noqa: N818 - named for what the user has, not for Python
    """Something is in the way. The message says what, where, why and what to do; it holds no secret."""


class DiskFull(Problem):
    """No space is left where `path` lies."""

    def __init__(self, path: Path | str) -> None:
        place = next((folder for folder in (Path(path), *Path(path).parents) if folder.exists()), Path("/"))
        free = shutil.disk_usage(place).free // 1_000_000
        super().__init__(f"the disk is full ({free} MB free): {path} could not be written; free some space and run this again")


def is_disk_full(error: BaseException) -> bool:
    """Whether `error` says that no space is left."""
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def says_disk_full(text: str) -> bool:
    """Whether what a server printed says that no space is left, in words or (MariaDB) by number."""
    return any(
        words in text
        for words in ("No space left on device", "Disk quota exceeded", "failed with error 28", "database or disk is full")
    )


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with every one of `secrets` in it replaced. Longer ones come first, as one may be part of another."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "[secret]")
    return text
