"""An ssh-agent (ssh-agent(1)) that holds one private key, so that the key stands in no file and in no command line."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from plat.machines.problems import NoClient, UnusableKey

_SAY_AND_STAY = 'echo "$SSH_AGENT_PID"; exec cat'
_SECONDS = 20


class Agent:
    """An agent with `private_key`, listening at `socket`, a path that a unix socket can have (some 100 characters).

    It ends with `close`, or some ten seconds after this process has: it looks after a `cat`, which reads until nobody is
    left who could write. Raises SshProblem.
    """

    def __init__(self, private_key: str, socket: Path) -> None:
        command = ["ssh-agent", "-a", str(socket), "sh", "-c", _SAY_AND_STAY]
        try:
            self._keeper = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
            )
        except FileNotFoundError:
            raise NoClient(command[0]) from None
        said = self._keeper.stdout.readline() if self._keeper.stdout else b""
        # It cannot be another process's meanwhile: its parent, the keeper, never asks how it has ended.
        self._pid = int(said) if said.strip().isdigit() else None
        try:
            self._add(private_key, socket)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End it; what it listened at goes with it."""
        if self._pid and self._keeper.poll() is None:
            os.kill(self._pid, signal.SIGTERM)
        for pipe in (self._keeper.stdin, self._keeper.stdout):
            if pipe:
                pipe.close()
        self._keeper.wait()

    def _add(self, private_key: str, socket: Path) -> None:
        done = subprocess.run(
            ["ssh-add", "-q", "-"],
            input=f"{private_key.rstrip()}\n".encode(),
            env={**os.environ, "SSH_AUTH_SOCK": str(socket), "SSH_ASKPASS_REQUIRE": "never"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # no terminal to ask for a passphrase
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode:
            raise UnusableKey
