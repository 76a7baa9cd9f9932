"""Enters machines by OpenSSH's client (ssh(1), ssh_config(5)), knowing beforehand which machine has to answer.

The user's own configuration, keys and known hosts play no part. The machine's public key is handed over as a
KnownHostsCommand and the private one by an agent, so that options name no file and hold no secret.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from plat.machines.agent import Agent
from plat.machines.problems import Denied, NoAnswer, NoClient, OtherHost, TooSlow

CONNECT_SECONDS = 10

ADDRESS = r"^[A-Za-z0-9:][A-Za-z0-9.:-]{0,252}$"
"""A host name or an address; nothing that ssh could take for an option or expand."""

USER = r"^[a-z_][a-z0-9_-]{0,31}$"

PUBLIC_KEY = r"^ssh-ed25519 [A-Za-z0-9+/]{68}(?: [^\n]*)?$"
"""A line of OpenSSH's for an Ed25519 key, with a comment or without."""

_LOST = 255  # what ssh itself exits with; none of our commands does
_SHOWN = re.compile(r"^(SHA256:[A-Za-z0-9+/]+)", re.MULTILINE)
_OTHER = ("Host key verification failed", "no matching host key type", "HOST IDENTIFICATION HAS CHANGED")


@dataclass(frozen=True, slots=True)
class Completed:
    """How a command ended: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def why(self) -> str:
        """The last line of what it complained of."""
        lines = [line.strip() for line in (self.err or self.out).splitlines() if line.strip()]
        return lines[-1] if lines else f"exit code {self.code}"


@dataclass(frozen=True, slots=True)
class Connection:
    """How a machine is entered: where, as whom, by which private key, and the public key that it answers with.

    Both are Ed25519 keys in OpenSSH's formats. Raises ValueError where ssh would read something else than is meant.
    """

    address: str
    port: int
    user: str
    host_key: str
    private_key: str = field(repr=False)

    def __post_init__(self) -> None:
        for name, value, pattern in (
            ("address", self.address, ADDRESS),
            ("user", self.user, USER),
            ("host_key", self.host_key, PUBLIC_KEY),
        ):
            if not re.fullmatch(pattern, value):
                msg = f"`{value}` cannot be the {name} of a machine"
                raise ValueError(msg)

    @property
    def where(self) -> str:
        """The machine, as messages name it."""
        return f"{self._bracketed}:{self.port}"

    @property
    def url(self) -> str:
        """The machine, as Docker's DOCKER_HOST names it."""
        return f"ssh://{self.user}@{self.where}"

    @contextmanager
    def opened(self) -> Iterator[Session]:
        """Have an agent hold the private key for a while. Raises SshProblem."""
        runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nonexistent")
        with tempfile.TemporaryDirectory(prefix="plat-ssh-", dir=runtime if runtime.is_dir() else None) as own:
            socket = Path(own) / "agent"
            agent = Agent(self.private_key, socket)
            try:
                yield Session(self, socket)
            finally:
                agent.close()

    def run(self, command: Sequence[str], given: bytes | None = None, timeout: float = 60) -> Completed:
        """Run one command there; see `Session.run`."""
        with self.opened() as session:
            return session.run(command, given, timeout)

    @property
    def _bracketed(self) -> str:
        return f"[{self.address}]" if ":" in self.address else self.address


@dataclass(frozen=True, slots=True)
class Session:
    """A connection whose private key an agent holds at `socket`; each command connects anew."""

    connection: Connection
    socket: Path

    @property
    def options(self) -> list[str]:
        """The options for ssh, also inside of programs that start it, such as Docker's client."""
        return options(self.connection.host_key, self.socket)

    def call(self, command: Sequence[str], *options: str) -> list[str]:
        """The call of ssh that runs `command` there, its words as they are; `options` count before all others."""
        to = self.connection
        return ["ssh", *options, *self.options, "-p", str(to.port), "-l", to.user, "--", to.address, shlex.join(command)]

    def run(self, command: Sequence[str], given: bytes | None = None, timeout: float = 60) -> Completed:
        """Run `command` there, its words as they are, with `given` as its input, for at most `timeout` seconds.

        An exit code is the caller's to judge. Raises SshProblem where the machine is not entered or the time is over.
        """
        to = self.connection
        call = self.call(command, "-T")
        try:
            done = subprocess.run(
                call, input=given or b"", capture_output=True, env={**os.environ, "LC_ALL": "C"}, timeout=timeout, check=False
            )
        except FileNotFoundError:
            raise NoClient(call[0]) from None
        except subprocess.TimeoutExpired:
            raise TooSlow(to.where, timeout) from None
        completed = Completed(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
        if completed.code == _LOST:
            raise _problem(to, completed)
        return completed


def options(host_key: str, socket: Path) -> list[str]:
    """The options by which ssh meets the machine with the public key `host_key` alone, and takes keys of an agent alone."""
    kind, key = host_key.split()[:2]
    settings = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "HostKeyAlgorithms": kind,
        "KnownHostsCommand": f"/usr/bin/env echo %H {kind} {key}",
        "UserKnownHostsFile": "/dev/null",
        "GlobalKnownHostsFile": "/dev/null",
        "UpdateHostKeys": "no",
        "IdentityAgent": str(socket),
        "IdentityFile": "none",
        "PreferredAuthentications": "publickey",
        "ClearAllForwardings": "yes",
        "ForwardAgent": "no",
        "ConnectTimeout": str(CONNECT_SECONDS),
        "ServerAliveInterval": "5",
        "ServerAliveCountMax": "4",
        "LogLevel": "INFO",  # below it, ssh does not say that it finds no host key of the type
    }
    return ["-F", "none", *(f"-o{name}={value}" for name, value in settings.items())]


def lent_at(public_key: str) -> Path:
    """Where the plugin `machine` lends a key to other plugins, relative to the project that Pulumi runs."""
    digest = hashlib.sha256(" ".join(public_key.split()[:2]).encode()).hexdigest()[:16]
    return Path(".plat", "agents", digest)


def fingerprint(public_key: str) -> str:
    """The fingerprint of a public key, as `ssh-keygen -l` writes it."""
    try:
        blob = base64.b64decode(public_key.split()[1], validate=True)
    except (binascii.Error, IndexError):
        return "no key at all"
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _problem(to: Connection, lost: Completed) -> NoAnswer | OtherHost | Denied:
    if any(words in lost.err for words in _OTHER):
        shown = _SHOWN.search(lost.err)
        return OtherHost(to.where, shown[1] if shown else "", fingerprint(to.host_key))
    if "Permission denied (" in lost.err:
        return Denied(to.where, to.user)
    return NoAnswer(to.where, lost.why)
