"""Files in a folder, as Pulumi's file backend keeps them."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from plat.engine.problem import BackendProblem

_WRITTEN_WITHIN = 1.0
"""Seconds that whoever is writing a small file right now needs at the most."""

_ATTRIBUTES = ".attrs"
_SETTLED = 2.0
"""Seconds within which a file system may tell two changes by the same time."""


class Folder:
    """The files below `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self, folder: str, after: str = "") -> Sequence[str]:
        """The names of the files right in `folder`, in order; only those that come after the name `after`."""
        try:
            # Thousands of folders are asked for.
            return sorted(name for name in os.listdir(f"{self._root}/{folder}") if name > after)  # noqa: PTH208
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise self._problem(error) from None

    def has(self, key: str) -> bool:
        """Whether there is such a file."""
        try:
            return (self._root / key).exists()
        except OSError as error:
            raise self._problem(error) from None

    def read(self, key: str) -> bytes | None:
        """What is in a file; None where there is none."""
        try:
            return (self._root / key).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._problem(error) from None

    def mark(self, key: str) -> object | None:
        """Its marks, where it has not been changed for so long that another change would leave it with others."""
        try:
            found = os.stat(f"{self._root}/{key}")  # noqa: PTH116 - thousands are asked for
        except OSError:
            return None
        changed = max(found.st_mtime, found.st_ctime)
        if not changed < time.time() - _SETTLED:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns

    def create(self, key: str, content: bytes) -> bool:
        """Write a file that is not there, as a whole; False where there is one, or none can be linked into place here."""
        path = self._root / key
        try:
            with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp") as file:
                file.write(content)
                file.flush()
                os.link(file.name, path)
        except OSError:
            return False
        return True

    def remove(self, key: str) -> None:
        """Remove a file, if it is there."""
        try:
            (self._root / key).unlink(missing_ok=True)
        except OSError as error:
            raise self._problem(error) from None

    def remove_cut_off(self, folder: str) -> None:
        """Remove what says something of a file right in `folder`, and was cut off before it did.

        Pulumi's file backend writes such attributes beside each file, not as a whole. A file that has empty ones it does not
        read; one that has none it does (`setAttrs`, `getAttrs` in gocloud.dev/blob/fileblob).
        """
        # Where nobody may write, nobody was cut off.
        with contextlib.suppress(OSError), os.scandir(self._root / folder) as found:
            for entry in found:
                if entry.name.endswith(_ATTRIBUTES) and not entry.stat().st_size:
                    Path(entry).unlink(missing_ok=True)

    def wait_for_writers(self) -> None:
        """Return once everything that is half written by now is whole, or will never be."""
        time.sleep(_WRITTEN_WITHIN)

    def _problem(self, error: OSError) -> BackendProblem:
        return BackendProblem(f"states cannot be read in {self._root}: {error}")
