"""What resources wait for, told while the engine works: its display shows that on a terminal alone.

Read from the engine's log of events, as Pulumi's Automation API does: a line of JSON for each
(https://pkg.go.dev/github.com/pulumi/pulumi/sdk/v3/go/common/apitype#EngineEvent).
"""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

VARIABLES: Mapping[str, str] = {"PULUMI_DEBUG_COMMANDS": "true"}
"""What makes the engine take the option for a log of events."""

Take = Callable[[str], None]
"""Gets a line of the log."""

_PAUSE = 0.5
_AGAIN = 30.0
"""Seconds after which the same is told once more, for whoever wonders whether anything goes on."""

_COLOUR = re.compile(r"<\{%[^%]*%\}>")
_WAITED = re.compile(r" \(\d+ s\)$")


@contextlib.contextmanager
def told(folder: Path, say: Callable[[str], None], also: Take = lambda _: None) -> Iterator[list[str]]:
    """Tell by `say` what resources wait for, while the block runs Pulumi with the options that it gets.

    Each line of the log is given to `also` too, all of them before the block is over. The log lies in `folder` meanwhile; the
    engine writes no secret into it.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix="events-") as own:
        path = Path(own) / "events"
        path.touch(mode=0o600)
        over = threading.Event()
        reader = threading.Thread(target=_follow, args=(path, (Notes(say).take, also), over), daemon=True)
        reader.start()
        try:
            yield ["--event-log", str(path)]
        finally:
            over.set()
            reader.join()


class Notes:
    """Says each note of a resource when it is another one than before, or after a while once more."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._say = say
        self._clock = clock
        self._said: dict[str, tuple[str, float]] = {}

    def take(self, line: str) -> None:
        """Take one line of the log; only notes are told."""
        try:
            event: dict[str, Any] = json.loads(line)
        except ValueError:
            return
        found = event.get("diagnosticEvent") or {}
        if not found.get("ephemeral") or found.get("severity") != "info":
            return
        name = str(found.get("urn", "")).rpartition("::")[2]
        message = _COLOUR.sub("", str(found.get("message", ""))).strip()
        text, now = _WAITED.sub("", message), self._clock()
        before, when = self._said.get(name, ("", 0.0))
        if message and (text != before or now - when >= _AGAIN):
            self._said[name] = text, now
            self._say(f"{name}: {message}")


def _follow(path: Path, takers: Sequence[Take], over: threading.Event) -> None:
    with path.open(encoding="utf-8", errors="replace") as file:
        rest = ""
        while not over.wait(_PAUSE):
            rest = _read(file, rest, takers)
        _read(file, rest, takers)


def _read(file: IO[str], rest: str, takers: Sequence[Take]) -> str:
    """Take all whole lines that there are, and return what is written of the next."""
    *lines, rest = (rest + file.read()).split("\n")
    for line in lines:
        for take in takers:
            take(line)
    return rest
