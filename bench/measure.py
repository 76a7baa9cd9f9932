"""One command, measured: wall time, and processor time and memory of all processes that come of it.

    python -m bench.measure RESULT SECONDS FOLDER COMMAND...

It runs in a process of its own that becomes the parent of whatever loses its own (a plugin that outlives its engine): the
kernel adds up the processor time of exactly these. Memory is the largest sum of resident sets seen, a few times a second;
what processes share counts for each of them. Which program took how much is seen in the same way, so that what a process does
at its very end is missing there.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

_PR_SET_CHILD_SUBREAPER = 36
_prctl = ctypes.CDLL(None).prctl  # Python has no function of its own for it.
_PAUSE = 0.2
_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Usage:
    """What a command took: seconds, seconds of processors, MiB; its exit code, None where it was ended for taking too long.

    `programs` are seconds of processors by program.
    """

    wall: float
    processor: float
    memory: float
    code: int | None
    programs: Mapping[str, float]


def measured(command: Sequence[str], *, cwd: Path, variables: Mapping[str, str], seconds: float, log: Path) -> Usage:
    """Run `command` for at most so many seconds, and give what it took; what it says is added to `log`."""
    with TemporaryDirectory() as folder, log.open("ab") as told:
        result = Path(folder) / "usage.json"
        told.write(f"$ {' '.join(command)}\n".encode())
        told.flush()
        with subprocess.Popen(
            [sys.executable, "-m", "bench.measure", f"{result}", f"{seconds}", f"{cwd}", *command],
            cwd=_ROOT,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process:
            try:
                process.wait()
            finally:
                process.terminate()
        return Usage(**json.loads(result.read_text(encoding="utf-8")))


def _measure(seconds: float, cwd: str, command: Sequence[str]) -> Usage:
    _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    itself = psutil.Process()
    seen = Seen()
    begun = time.monotonic()
    process = psutil.Popen(command, cwd=cwd)
    try:
        while not _has_ended(process) and time.monotonic() - begun <= seconds:
            seen.look(itself.children(recursive=True))
        wall, code = time.monotonic() - begun, process.returncode
    finally:
        _end(itself)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Usage(wall, used.ru_utime + used.ru_stime, seen.memory / 2**20, code, seen.programs)


class Seen:
    """What processes have taken so far, as looks at them tell."""

    def __init__(self) -> None:
        self.memory = 0
        """The most bytes that were resident at a time."""
        self._processes: dict[psutil.Process, tuple[str, float]] = {}

    def look(self, processes: Iterable[psutil.Process]) -> None:
        """Look at all that run now."""
        resident = 0
        for process in processes:
            with contextlib.suppress(psutil.Error), process.oneshot():
                resident += process.memory_info().rss
                used = process.cpu_times()
                known, _ = self._processes.get(process, ("", 0.0))
                # One that has ended and was not waited for has no command any more.
                self._processes[process] = (program_of(process.cmdline()) or known, used.user + used.system)
        self.memory = max(self.memory, resident)

    @property
    def programs(self) -> dict[str, float]:
        """Seconds of processors by program, most first."""
        found: dict[str, float] = defaultdict(float)
        for program, seconds in self._processes.values():
            found[program] += seconds
        return dict(sorted(found.items(), key=lambda each: -each[1]))


def program_of(command: Sequence[str]) -> str:
    """Give what a process is called by its command: by its script or module where it is Python's."""
    names = [word for word in command if word != "-m" and not word.startswith("-")]
    is_python = bool(names) and Path(names[0]).name.startswith("python")
    return Path(names[1 if is_python and len(names) > 1 else 0]).name if names else ""


def _has_ended(process: psutil.Popen) -> bool:
    """Wait for the end of a process, for as long as there is between two looks at its memory."""
    try:
        process.wait(_PAUSE)
    except psutil.TimeoutExpired:
        return False
    return True


def _end(itself: psutil.Process) -> None:
    """End and reap everything that is left, which may have become ours only now."""
    while left := itself.children(recursive=True):
        for process in left:
            process.kill()
        psutil.wait_procs(left)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    result, seconds, cwd, *command = sys.argv[1:]
    Path(result).write_text(json.dumps(asdict(_measure(float(seconds), cwd, command))), encoding="utf-8")
