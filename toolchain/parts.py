"""What all parts of the set-up have in common: each says what it lacks, and is then made or found in the cache."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from toolchain.errors import SetupError
    from toolchain.progress import Progress, Step

_KEY_LENGTH = 16
_MARKER = ".complete"


class Part(Protocol):
    """A part of the set-up."""

    @property
    def name(self) -> str:
        """What its line of progress begins with."""

    def lacks(self) -> list[SetupError]:
        """Name everything that the machine must have first; nothing when the part is in the cache."""

    def provide(self, step: Step) -> None:
        """Make it unless it is there, and tell the step what came out."""


def key_of(texts: Iterable[bytes]) -> str:
    """Give the name in the cache of what is made from these texts: another text, another order, another name."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(len(text).to_bytes(8))
        digest.update(text)
    return digest.hexdigest()[:_KEY_LENGTH]


def is_complete(folder: Path) -> bool:
    """Tell whether a folder of the cache was made to its end."""
    return (folder / _MARKER).is_file()


@contextmanager
def making(folder: Path) -> Iterator[Path]:
    """Make a folder of the cache from nothing, under its final name; it counts only once the block has ended well.

    It cannot be made elsewhere and renamed: virtual environments and wrapper scripts carry their own path.
    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, mode=0o755)
    yield folder
    (folder / _MARKER).touch()


def provide_all(parts: Iterable[Part], progress: Progress) -> None:
    """Provide parts one after another, for those that each use all processors."""
    for part in parts:
        with progress.step(part.name) as step:
            part.provide(step)
