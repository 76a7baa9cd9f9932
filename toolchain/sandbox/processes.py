"""Daemons: started in sessions of their own, found again by process id and start time, ended by them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toolchain.parts import key_of
from toolchain.sandbox.errors import DaemonDiedError
from toolchain.sandbox.packages import with_administration
from toolchain.site import write_whole

_SHOWN_LINES = 8
_STATE, _STARTED = 0, 19  # fields 3 and 22 of proc(5), counted from behind the name
_DEAD = "ZX"
_PATIENCE = 10.0
_PAUSE = 0.02


@dataclass(frozen=True)
class Daemon:
    """A program that runs as long as its sandbox, and whether it needs the sandbox's mounts."""

    name: str
    command: Sequence[str]
    mounts: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    reads: Sequence[bytes] = ()

    @property
    def key(self) -> str:
        """Another one whenever it would be started differently, what it reads at its start included."""
        told = [*self.command, *(f"{name}={value}" for name, value in sorted(self.variables.items()))]
        return key_of([*(word.encode() for word in told), *self.reads])


class Processes:
    """The daemons that run, each with a file that says which process it is."""

    def __init__(self, run: Path, logs: Path) -> None:
        self._run = run
        self._logs = logs

    def pid(self, name: str) -> int | None:
        """Give the process of a daemon; None where it does not run."""
        found = self._read(name)
        return found[0] if found and _started(found[0]) == found[1] else None

    def current(self, daemon: Daemon) -> bool:
        """Tell whether a daemon runs, and was started in the way that it would be now."""
        found = self._read(daemon.name)
        return bool(found and self.pid(daemon.name) and found[2] == daemon.key)

    @property
    def running(self) -> list[int]:
        """Every daemon's process that runs."""
        pids = [self.pid(file.stem) for file in self._run.glob("*.pid")]
        return [pid for pid in pids if pid is not None]

    def start(self, daemon: Daemon, enter: Sequence[str]) -> None:
        """Start a daemon by a command that enters its namespaces; what it says goes to its log."""
        self._logs.mkdir(parents=True, exist_ok=True)
        with self.log(daemon.name).open("ab") as log:
            process = subprocess.Popen(
                [*enter, *daemon.command],
                env={**os.environ, "PATH": with_administration(os.environ.get("PATH", os.defpath)), **daemon.variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
            )
        lines = (f"{process.pid}", _started(process.pid) or "", daemon.key)
        write_whole(self._run / f"{daemon.name}.pid", "\n".join(lines) + "\n")

    def end(self, pid: int) -> None:
        """End a daemon, by force where it does not go by itself."""
        for wanted, seconds in ((signal.SIGTERM, _PATIENCE), (signal.SIGKILL, _PATIENCE)):
            _send(pid, wanted)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                if _started(pid) is None:
                    return
                time.sleep(_PAUSE)

    def check(self, names: Sequence[str]) -> None:
        """Raise `DaemonDiedError` for the first of these that has ended."""
        for name in names:
            if not self.pid(name):
                log = self.log(name)
                with log.open(encoding="utf-8", errors="replace") as lines:
                    tail = [line.rstrip("\n") for line in deque(lines, _SHOWN_LINES)]
                raise DaemonDiedError(name, tail, log)

    def log(self, name: str) -> Path:
        """Where a daemon's output is."""
        return self._logs / f"{name}.log"

    def _read(self, name: str) -> tuple[int, str, str] | None:
        try:
            pid, started, key = (self._run / f"{name}.pid").read_text(encoding="utf-8").split()
        except (OSError, ValueError):
            return None
        return int(pid), started, key


def _send(pid: int, wanted: signal.Signals) -> None:
    try:
        os.kill(pid, wanted)
    except ProcessLookupError:
        return


def _started(pid: int) -> str | None:
    """Give when a process was started, in the kernel's own count; None for one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[_STATE] in _DEAD else fields[_STARTED]
