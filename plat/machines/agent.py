"""An ssh-agent (ssh-agent(1)) that holds one private key, so that the key stands in no file and in no command line."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from plat.machines.problems import NoClient, UnusableKey

# It reads until nobody is left who could write, which is when this process has closed the pipe or has ended in any way.
_KEEPER = """
ssh-agent -D -a "$1" </dev/null >/dev/null &
agent=$!
cat >/dev/null
kill "$agent"
wait "$agent"
"""
_SECONDS = 20.0
_NO_AGENT = 2  # of ssh-add's exit codes


class Agent:
    """An agent with `private_key`, listening at `socket`, a path that a unix socket can have (some 100 characters).

    It ends with `close`, or with this process. Raises SshProblem.
    """

    def __init__(self, private_key: str, socket: Path) -> None:
        self._keeper = subprocess.Popen(
            ["sh", "-c", _KEEPER, "plat-agent", str(socket)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for who waits for its work, not for itself
        )
        try:
            self._add(private_key, socket)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End it; what it listened at goes with it."""
        if self._keeper.stdin:
            self._keeper.stdin.close()
        self._keeper.wait()

    def _add(self, private_key: str, socket: Path) -> None:
        give_up = time.monotonic() + _SECONDS
        while (code := _ssh_add(private_key, socket)) == _NO_AGENT and time.monotonic() < give_up:
            time.sleep(0.02)
        if code:
            raise UnusableKey


def _ssh_add(private_key: str, socket: Path) -> int:
    command = ["ssh-add", "-q", "-"]
    try:
        done = subprocess.run(
            command,
            input=f"{private_key.rstrip()}\n".encode(),
            env={**os.environ, "SSH_AUTH_SOCK": str(socket), "SSH_ASKPASS_REQUIRE": "never"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # no terminal to ask for a passphrase
            check=False,
        )
    except FileNotFoundError:
        raise NoClient(command[0]) from None
    return done.returncode
