"""One set-up at a time in one cache: a second one waits for the first and finds its work done."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from toolchain.progress import Progress


@contextmanager
def alone_in(cache: Path, progress: Progress) -> Iterator[None]:
    """Hold the cache's lock; the kernel lets go of it even when this process is killed."""
    with (cache / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with progress.step("lock") as step:
                step.note("waiting for another set-up in this cache")
                fcntl.flock(file, fcntl.LOCK_EX)
                step.done("the other set-up has ended")
        yield
