"""Work that a copy of this process does on the machine's next processor, while this one goes on.

Of a landscape of a thousand contexts the states are read while it is planned, it is judged while that goes on, and half of all
digests are made: a quarter of the time before the first stack begins (docs/adr/0046).
"""

from __future__ import annotations

import atexit
import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

_THREADS = Path("/proc/self/task")
"""Where Linux lists the threads of this process, those too that Python knows nothing of."""


def meanwhile(work: Callable[[], T]) -> Callable[[], T]:
    """Begin `work`, and give what waits for its result; that raises what `work` raised.

    What `work` changes in memory is lost, and its result has to be one that can be pickled. It is done here, and at once,
    where this process cannot be copied: it has other threads, or but one processor.
    """
    found = _Copied(work) if _can_be_copied() else _Here(work)
    return cache(found.result)


class _Here(Generic[T]):
    """Work that has been done in this process."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._raised: Exception | None = None
        try:
            self._result = work()
        except Exception as problem:  # noqa: BLE001 - it is raised where somebody waits
            self._raised = problem

    def result(self) -> T:
        if self._raised:
            raise self._raised
        return self._result


class _Copied(Generic[T]):
    """Work that a copy of this process does. What the copy cannot do, or say, is done here once more."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        reading, writing = os.pipe()
        # What is not written so far must not be written by both.
        sys.stdout.flush()
        sys.stderr.flush()
        self._pid = os.fork()
        if not self._pid:
            _do(work, writing)
        os.close(writing)
        self._said = os.fdopen(reading, "rb")
        atexit.register(self._end)

    def result(self) -> T:
        said = self._end()
        if said:
            with suppress(Exception):
                found: T = pickle.loads(said)  # noqa: S301 - this process's own
                return found
        return self._work()

    def _end(self) -> bytes:
        atexit.unregister(self._end)
        with self._said:
            said = self._said.read()
        os.waitpid(self._pid, 0)
        return said


def _do(work: Callable[[], object], writing: int) -> None:
    """Do it, and end: this process is a copy, and nothing of what it has from the other one is its to end."""
    try:
        said = pickle.dumps(work(), protocol=pickle.HIGHEST_PROTOCOL)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(said)
    finally:
        os._exit(0)


def _can_be_copied() -> bool:
    """Whether a copy would be whole, and have a processor."""
    return hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) > 1 and is_alone()


def is_alone() -> bool:
    """Whether this process has one thread, and is known to: of several only one would be in a copy."""
    try:
        return len(list(_THREADS.iterdir())) == 1
    except OSError:
        return False
