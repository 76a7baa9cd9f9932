"""One line for each step with the time since the start; long steps say how far they are.

On a terminal the steps under way share one line that is written over; elsewhere each says where it is every ten
seconds.
"""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_TERMINAL_SECONDS = 0.5
_PLAIN_SECONDS = 10.0
_LINE_WIDTH = 110
_CLEAR_LINE = "\r\x1b[2K"


class Step:
    """A step under way: what it does now, and since when."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._started = time.monotonic()
        self._note = "started"
        self._outcome = ""

    def note(self, text: str) -> None:
        """Say what the step does at this moment, such as `412 of 1450 packages`."""
        self._note = text

    def done(self, outcome: str) -> None:
        """Say what came out of it, such as `cached`."""
        self._outcome = outcome

    @property
    def now(self) -> str:
        """What it does at this moment and for how long it has run."""
        return f"{self.name}: {self._note} ({time.monotonic() - self._started:.0f} s)"

    @property
    def outcome(self) -> str:
        """What came out of it."""
        return f"{self.name}: {self._outcome}"


class Progress:
    """The lines of one run; steps may run in threads beside each other."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._terminal = out.isatty()
        self._started = time.monotonic()
        self._running: list[Step] = []
        self._writing = threading.Lock()
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._ticker.join()

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Run a step; its outcome is printed when it ends well."""
        step = Step(name)
        self._running.append(step)
        try:
            yield step
        finally:
            self._running.remove(step)
        self.line(step.outcome)

    def line(self, text: str) -> None:
        """Print a line with the time since the start."""
        with self._writing:
            if self._terminal:
                self._out.write(_CLEAR_LINE)
            self._out.write(f"[{time.monotonic() - self._started:6.1f} s] {text}\n")
            self._out.flush()

    def _tick(self) -> None:
        while not self._ended.wait(_TERMINAL_SECONDS if self._terminal else _PLAIN_SECONDS):
            if self._terminal:
                self._rewrite()
            else:
                for step in list(self._running):
                    self.line(f"... {step.now}")
        if self._terminal:
            self._out.write(_CLEAR_LINE)

    def _rewrite(self) -> None:
        text = "; ".join(step.now for step in list(self._running))
        with self._writing:
            self._out.write(_CLEAR_LINE + text[:_LINE_WIDTH])
            self._out.flush()
