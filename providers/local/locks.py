"""One at a time: locks that hold between threads and between processes, and end with whoever held them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from providers.local.errors import Occupied

_PATIENCE = 300.0


@contextlib.contextmanager
def locked(path: Path, what: str, patience: float = _PATIENCE) -> Iterator[None]:
    """Hold the lock file `path` while changing `what`, waiting up to `patience` seconds. Raises Occupied after that."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        _acquire(descriptor, what, patience)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"PID {os.getpid()}".encode(), 0)
        yield
    finally:
        # Closing lets go of the lock; the file stays, for unlinking it would let two hold it.
        os.close(descriptor)


def _acquire(descriptor: int, what: str, patience: float) -> None:
    give_up = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up:
                raise Occupied(what, os.pread(descriptor, 100, 0).decode(errors="replace"), patience) from None
            time.sleep(0.05)
        else:
            return
