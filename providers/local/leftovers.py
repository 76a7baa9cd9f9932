"""Programs that go on although their supervisord is gone: found by process id and start time, then ended."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

import psutil

from providers.local import files
from providers.local.accounts import Account
from providers.local.launch import start_time


def running(pid_file: Path, account: Account) -> int | None:
    """Return the id of the process that `pid_file` remembers, while it lives and is `account`'s; None otherwise."""
    words = (files.read(pid_file) or "").split()
    if not words or not all(word.isdecimal() for word in words):
        return None
    pid, started = int(words[0]), start_time(int(words[0]))
    if not started or (len(words) > 1 and started != int(words[1])):
        return None
    # The file belongs to the service user, who must not be able to point root at somebody else's process.
    try:
        return pid if psutil.Process(pid).uids().real == account.uid else None
    except psutil.NoSuchProcess:
        return None


def end(pid_file: Path, account: Account, stop_signal: str, patience: float) -> bool:
    """End the process that `pid_file` remembers with all its children; tell whether there was one.

    It gets `stop_signal` and `patience` seconds, what is left then SIGKILL.
    """
    pid = running(pid_file, account)
    if pid is None:
        return False
    tree = _tree(pid)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.Signals[f"SIG{stop_signal}"])
    end_all(tree, patience)
    return True


def end_group(pid_file: Path, account: Account) -> None:
    """Kill what is left of `account`'s process group whose leader `pid_file` remembers, if the leader itself is gone."""
    words = (files.read(pid_file) or "").split()
    if not words or not words[0].isdecimal() or start_time(int(words[0])):
        return
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            if os.getpgid(process.pid) == int(words[0]) and process.uids().real == account.uid:
                process.kill()


def end_all(processes: list[psutil.Process], patience: float) -> None:
    """Wait up to `patience` seconds for `processes` to be gone, then kill what is left of them and wait for that."""
    give_up = time.monotonic() + patience
    for process in processes:
        if not wait_until_gone(process.pid, max(0.0, give_up - time.monotonic())):
            # psutil knows its start time, and so does not take another one of the same id for it.
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
                wait_until_gone(process.pid, 10)


def wait_until_gone(pid: int, patience: float) -> bool:
    """Tell whether process `pid` was gone within `patience` seconds."""
    give_up = time.monotonic() + patience
    while start_time(pid):
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


def _tree(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
