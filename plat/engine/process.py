"""Runs Pulumi in a process group of its own, so that nothing of an update outlives it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO

import psutil

from plat.engine.recovery import HALF_MADE
from plat.written import write_whole

_PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl  # Python has no function of its own for it.
_running: set[subprocess.Popen[str]] = set()
_ENDED = " ended"
_LAST_WORDS = 2
"""Seconds for what Pulumi has written at its end to be read."""

_PATIENCE = 90
"""Seconds that an interrupted Pulumi gets for what it has begun: a server may be starting."""

_FORWARDED = (signal.SIGINT, signal.SIGTERM)


def run(
    argv: Sequence[str], cwd: Path, env: Mapping[str, str], group_file: Path | None, on_line: Callable[[str], None] | None
) -> tuple[int, str]:
    """Runs `argv`; returns its exit code and all that it printed (both streams, in order).

    `on_line` gets each line as it comes. An interrupt of this process reaches Pulumi alone, which then ends cleanly:
    were the plugins interrupted with it, what they had just made would be forgotten. `group_file` remembers the group
    for `end_orphans`, should this process be killed; Pulumi is interrupted then.
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
        preexec_fn=_interrupted_with_parent,  # noqa: PLW1509 - it takes no lock that another thread could hold
    ) as process:
        if group_file:
            write_whole(group_file, str(process.pid).encode())
        lines: list[str] = []
        reader = threading.Thread(target=_read, args=(process.stdout, lines, on_line), daemon=True)
        reader.start()
        with _known(process):
            code = process.wait()
        # A plugin that waits for a server holds the other end of the pipe for as long: its engine is gone by now.
        reader.join(_LAST_WORDS)
        if group_file:
            end_orphans(group_file, env)
            if code >= 0:
                # It has ended by itself, and given its lock back.
                group_file.unlink()
        reader.join()
    return code, "".join(lines)


def _read(stream: IO[str] | None, lines: list[str], on_line: Callable[[str], None] | None) -> None:
    for line in stream or ():
        lines.append(line)
        if on_line:
            on_line(line.rstrip("\n"))


@contextlib.contextmanager
def _known(process: subprocess.Popen[str]) -> Iterator[None]:
    """Lets interrupts reach `process`; a thread beside the main one relies on that for calling `forwarding`."""
    _running.add(process)
    alone = threading.current_thread() is threading.main_thread()
    try:
        with forwarding() if alone else contextlib.nullcontext():
            yield
    finally:
        _running.discard(process)


@contextlib.contextmanager
def forwarding(then: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Sends interrupts of this process on to every Pulumi that runs, and calls `then`. For the main thread alone."""

    def forward(number: int, _frame: FrameType | None) -> None:
        then()
        for process in tuple(_running):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)

    before = {number: signal.signal(number, forward) for number in _FORWARDED}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupted_with_parent() -> None:
    # Loaded before: other threads may hold any lock at the moment of the fork.
    _prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def end_orphans(group_file: Path, env: Mapping[str, str]) -> int:
    """Ends what is left of the update that `group_file` remembers; returns how many processes that were.

    To be called by whoever may run the next update: what is left belongs to nobody any more. Pulumi itself, if it still
    runs, gets the time to end cleanly. A killed one leaves its language host, its program and its plugins for minutes.
    """
    group = last(group_file)
    if group is None or group_file.read_text().endswith(_ENDED):
        return 0
    left = _members(group, env)
    leader = [process for process in left if process.pid == group]
    for process in leader:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT)
    psutil.wait_procs(leader, timeout=_PATIENCE)
    for process in _members(group, env):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    write_whole(group_file, f"{group}{_ENDED}".encode())
    return len(left)


def last(group_file: Path) -> int | None:
    """The process id of the last Pulumi that `group_file` remembers: one that runs, or one that was killed."""
    try:
        return int(group_file.read_text().removesuffix(_ENDED))
    except (FileNotFoundError, ValueError):
        return None


def _members(group: int, env: Mapping[str, str]) -> list[psutil.Process]:
    members = []
    for process in psutil.process_iter():
        # The session is asked for, since a plugin may have made a process group of its own; and the stack and the checkout
        # that it works for, since numbers of processes come round again.
        with contextlib.suppress(ProcessLookupError, PermissionError, psutil.Error):
            if os.getsid(process.pid) == group and process.environ().get(HALF_MADE) == env[HALF_MADE]:
                members.append(process)
    return members
