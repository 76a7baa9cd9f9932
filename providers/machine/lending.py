"""Lends private keys to other plugins, such as Docker's, for as long as this process runs.

Those find an agent at a place that follows from the public key (`plat.machines.ssh.lent_at`), relative to the project in
which the engine starts all plugins alike. Pulumi ends plugins by SIGKILL, and may run several of ours at once (a preview
beside an update): whoever holds a key's lock has the agent, and the next one takes over when the kernel lets go of it.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

from plat.machines.agent import Agent
from plat.machines.problems import SshProblem
from plat.machines.ssh import lent_at
from providers.machine.entering import MachineProblem
from providers.machine.keys import public_key_of

_DYING = 2.0
"""Seconds that a plugin may take to end after the engine has ended it."""


class Lending:
    """Keys that this process lends in the project `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._agents: list[Agent] = []
        self._lent: set[Path] = set()

    def lend(self, private_key: str) -> None:
        """Have an agent at the key's place from now on. Raises Problem."""
        place = self._folder / lent_at(public_key_of(private_key))
        if place in self._lent:
            return
        self._lent.add(place)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(place.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        if _locked_soon(lock):
            self._start(place, private_key)
        else:
            threading.Thread(target=self._succeed, args=(lock, place, private_key), daemon=True).start()

    def _succeed(self, lock: int, place: Path, private_key: str) -> None:
        fcntl.flock(lock, fcntl.LOCK_EX)
        self._start(place, private_key)

    def _start(self, place: Path, private_key: str) -> None:
        for left in place.parent.glob(f"{place.name}.agent-*"):
            left.unlink(missing_ok=True)
        # Beside the place and not at it: an agent that has lost its process removes what it listened at seconds later.
        socket = place.with_suffix(f".agent-{os.getpid()}")
        try:
            self._agents.append(Agent(private_key, socket))
        except SshProblem as problem:
            raise MachineProblem(str(problem)) from None
        link = place.with_suffix(".next")
        link.unlink(missing_ok=True)
        link.symlink_to(socket.name)
        link.replace(place)


def _locked_soon(lock: int) -> bool:
    """Take the lock unless somebody has it who is not just about to end, as the plugin of the preview before an update is."""
    give_up = time.monotonic() + _DYING
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up:
                return False
            time.sleep(0.05)
        else:
            return True
