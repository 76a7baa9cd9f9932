"""Shows how a run over many shares goes, to a person at a terminal or in a log, and how it ended."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from plat.plan.shares import Head
from plat.rollout.model import Outcome, Result, State

_AGAIN = 10.0
"""Seconds after which a log is told that a share is still being worked on."""

_STYLES = {State.DONE: "green", State.CURRENT: "dim", State.FAILED: "red", State.HELD_BACK: "yellow"}


class Progress:
    """Watches a run over `total` shares. What is said of each is kept in a file in `logs`."""

    def __init__(self, console: Console, logs: Path, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._logs = logs
        self._total = total
        self._clock = clock
        self._begun = clock()
        self._lock = threading.Lock()
        self._running: dict[str, tuple[float, str]] = {}
        self._told: dict[str, float] = {}
        self._counted: Counter[State] = Counter()
        self._live: Live | None = None

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """Shows it while the block runs: at a terminal what is being worked on, else line by line."""
        self._logs.mkdir(parents=True, exist_ok=True)
        if not self._console.is_terminal:
            yield
            return
        with Live(get_renderable=self._picture, console=self._console, refresh_per_second=4, transient=True) as self._live:
            yield
        self._live = None

    def began(self, share: Head) -> None:
        """Work on a share has begun."""
        with self._lock:
            self._running[share.name] = self._clock(), ""
            self._told[share.name] = self._clock()
            self.log(share).write_text("", encoding="utf-8")
        self._line(f"{_called(share)}: begins" + (f" ({share.team})" if share.team else ""))

    def said(self, share: Head, line: str) -> None:
        """Something was said while it was worked on."""
        with self._lock:
            begun, _ = self._running.get(share.name, (self._clock(), ""))
            self._running[share.name] = begun, line.strip() or self._running.get(share.name, (0, ""))[1]
            with self.log(share).open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")
            due = self._clock() - self._told.get(share.name, 0.0) >= _AGAIN
            if due:
                self._told[share.name] = self._clock()
        if due and line.strip():
            self._line(f"{_called(share)}: {line.strip()}")

    def ended(self, outcome: Outcome) -> None:
        """A share has come to its end in this run."""
        with self._lock:
            self._running.pop(outcome.share, None)
            self._counted[outcome.state] += 1
        if outcome.state != State.CURRENT:
            took = f" after {outcome.seconds:.0f} s" if outcome.seconds else ""
            self._line(f"{outcome.share or outcome.stack}: {outcome.state}{took}")

    def log(self, share: Head) -> Path:
        """Where what is said of a share is kept."""
        return self._logs / f"{share.stack}.log"

    def _line(self, text: str) -> None:
        stamp = f"[{self._clock() - self._begun:6.1f} s] "
        self._console.print(stamp + text, markup=False, highlight=False, soft_wrap=True)

    def _picture(self) -> Table:
        table = Table.grid(padding=(0, 1))
        with self._lock:
            for name, (begun, line) in sorted(self._running.items()):
                table.add_row(
                    Text(name, "bold"), f"{self._clock() - begun:.0f} s", Text(line, overflow="ellipsis", no_wrap=True)
                )
            ended = sum(self._counted.values())
        table.add_row(Text(f"{ended} of {self._total}", "dim"))
        return table


def _called(share: Head) -> str:
    """A share's name; that of its stack where it holds a whole landscape."""
    return share.name or str(share.stack)


def summary(result: Result, logs: Path) -> Iterator[Table | str]:
    """How a run ended: a row for each share that something happened to, what was said of those that failed, and a line."""
    told = [outcome for outcome in result.outcomes if outcome.state != State.CURRENT]
    if told:
        table = Table(show_edge=False, pad_edge=False)
        for column in ("share", "team", "ended", "after", "why"):
            table.add_column(column, overflow="fold")
        for item in told:
            why = item.reason.splitlines()[0] if item.reason else ""
            after = f"{item.seconds:.0f} s" if item.seconds else ""
            table.add_row(item.share, item.team, Text(item.state, _STYLES.get(item.state, "")), after, Text(why))
        yield table
    for failed in result.of(State.FAILED):
        yield f"\n{failed.share} failed; {logs / failed.stack}.log has all that was said:"
        yield failed.reason
    counted = Counter(outcome.state for outcome in result.outcomes)
    yield ", ".join(f"{counted[state]} {state}" for state in State if counted[state]) or "nothing to do"
