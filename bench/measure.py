"""One command, measured: wall time, and processor time and memory of all processes that come of it.

    python -m bench.measure RESULT SECONDS FOLDER COMMAND...

It runs in a process of its own that becomes the parent of whatever loses its own (a plugin that outlives its engine): the
kernel adds up the processor time of exactly these. Memory is the largest sum of resident sets seen, a few times a second;
what processes share counts for each of them.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
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
    """What a command took: seconds, seconds of processors, MiB; its exit code, None where it was ended for taking too long."""

    wall: float
    processor: float
    memory: float
    code: int | None


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
    begun, memory = time.monotonic(), 0
    process = psutil.Popen(command, cwd=cwd)
    try:
        while not _has_ended(process) and time.monotonic() - begun <= seconds:
            memory = max(memory, sum(_resident(each) for each in itself.children(recursive=True)))
        wall, code = time.monotonic() - begun, process.returncode
    finally:
        _end(itself)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Usage(wall, used.ru_utime + used.ru_stime, memory / 2**20, code)


def _has_ended(process: psutil.Popen) -> bool:
    """Wait for the end of a process, for as long as there is between two looks at its memory."""
    try:
        process.wait(_PAUSE)
    except psutil.TimeoutExpired:
        return False
    return True


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


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
