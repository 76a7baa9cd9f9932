"""Runs Pulumi in a process group of its own, so that nothing of an update outlives it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

import psutil

_FORWARDED = (signal.SIGINT, signal.SIGTERM)


def run(
    argv: Sequence[str], cwd: Path, env: Mapping[str, str], group_file: Path, on_line: Callable[[str], None] | None
) -> tuple[int, str]:
    """Runs `argv`; returns its exit code and all that it printed (both streams, in order).

    `on_line` gets each line as it comes. An interrupt of this process reaches Pulumi alone, which then ends cleanly:
    were the plugins interrupted with it, what they had just made would be forgotten. `group_file` remembers the group
    for `end_orphans`, should this process be killed.
    """
    with subprocess.Popen(
        argv,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        group_file.write_text(str(process.pid))
        lines: list[str] = []
        with _forwarding(process):
            for line in process.stdout or ():
                lines.append(line)
                if on_line:
                    on_line(line.rstrip("\n"))
            code = process.wait()
    end_orphans(group_file)
    return code, "".join(lines)


@contextlib.contextmanager
def _forwarding(process: subprocess.Popen[str]) -> Iterator[None]:
    def forward(number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)

    before = {number: signal.signal(number, forward) for number in _FORWARDED}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_orphans(group_file: Path) -> int:
    """Ends what is left of the update that `group_file` remembers, if its leader is gone; returns how many processes.

    A killed Pulumi leaves its language host, its program and its plugins running for minutes.
    """
    try:
        group = int(group_file.read_text())
    except (FileNotFoundError, ValueError):
        return 0
    left = [] if psutil.pid_exists(group) else _members(group)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    if not psutil.pid_exists(group):
        group_file.unlink(missing_ok=True)
    return len(left)


def _members(group: int) -> list[psutil.Process]:
    members = []
    for process in psutil.process_iter():
        # The session is asked for, since a plugin may have made a process group of its own.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(process.pid) == group:
                members.append(process)
    return members
