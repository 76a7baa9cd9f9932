"""Becomes the program that a spec describes: `python launch.py NAME`, as supervisord runs it.

A copy of this file lies in each runtime, beside the folder with the specs. So neither a secret nor any text from a
descriptor is ever part of supervisord's configuration or of a command line of its. Standard library only.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def main(name: str) -> int:
    """Turn this process into the program `name`; return an exit code only where that fails."""
    runtime = Path(__file__).resolve().parent
    try:
        spec = json.loads((runtime / "specs" / f"{name}.json").read_text(encoding="utf-8"))
        os.chdir(spec["workdir"])
        environment = {**spec["environment"], **import_path()}
        pid_file = runtime / "run" / f"{name}.pid"
        if spec["stop_as_group"]:
            end_orphans(pid_file)
        remember(pid_file)
        end_with_supervisor(spec["stop_signal"])
        os.execvpe(spec["command"][0], spec["command"], environment)  # noqa: S606 - no shell is wanted
    except OSError as error:
        print(f"{name} cannot be started: {_named(error)}: {error.strerror}", file=sys.stderr)  # noqa: T201 - its log is all there is
        return 127


def import_path() -> dict[str, str]:
    """Return what Python needs for `-m package` where the current folder lies below one that is closed to this user."""
    try:
        Path.cwd().stat()
    except PermissionError:
        # The link leads there without passing the closed folder; the path that Python would put first does not.
        return {"PYTHONPATH": "/proc/self/cwd", "PYTHONSAFEPATH": "1"}
    return {}


def end_orphans(path: Path) -> None:
    """Kill what is left of the process group whose leader the file `path` remembers, if the leader itself is gone.

    A program that has been killed leaves what it had started behind, which may hold its port.
    """
    words = path.read_text(encoding="ascii").split() if path.exists() else []
    if words and start_time(int(words[0])) == 0:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(int(words[0]), signal.SIGKILL)


def remember(path: Path) -> None:
    """Write this process's id and start time, so that it can be found again when supervisord has been killed."""
    path.write_text(f"{os.getpid()} {start_time(os.getpid())}", encoding="ascii")


def start_time(pid: int) -> int:
    """Return when process `pid` began, in clock ticks since boot; 0 where there is none (field 22 of proc(5)'s stat)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    # The name in field 2 may hold spaces and brackets.
    state, *fields = stat.rpartition(")")[2].split()
    return 0 if state == "Z" else int(fields[18])


def end_with_supervisor(stop_signal: str) -> None:
    """Have the kernel send `stop_signal` when supervisord dies, so that nothing goes on unsupervised (prctl(2))."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.Signals[f"SIG{stop_signal}"].value)


def _named(error: OSError) -> str:
    # The last of the folders on PATH that were looked in is of no interest.
    return Path(os.fsdecode(error.filename or "it")).name


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
