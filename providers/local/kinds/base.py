"""What every kind of server has to be able to do."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from plat.home import RuntimePaths
from providers.common.errors import DiskFull, says_disk_full
from providers.local import files
from providers.local.accounts import Account
from providers.local.errors import Unusable
from providers.local.inputs import ServerInputs
from providers.local.spec import Spec


@dataclass(frozen=True, slots=True)
class Place:
    """Where one server lives, and as whom.

    `warn` tells the user something that is no error; `stop` ends the server, if it runs, before anything changes that it
    reads only as it starts. So a run that is killed in between leaves it stopped, and the next one starts it.
    """

    paths: RuntimePaths
    account: Account
    inputs: ServerInputs
    toolchain: Path
    warn: Callable[[str], None]
    stop: Callable[[], None]

    @property
    def data(self) -> Path:
        """The folder with all that the server keeps. It belongs to the service user."""
        return self.paths.data / self.inputs.name

    @property
    def config(self) -> Path:
        """The folder with the server's generated configuration."""
        return self.paths.config / self.inputs.name

    def make_folders(self) -> None:
        """Make both, where they are not there yet."""
        files.make_folder(self.config, 0o755)
        files.make_folder(self.data, 0o700, self.account)

    def configure(self, contents: Mapping[str, str]) -> None:
        """Write configuration files by name."""
        for name, text in sorted(contents.items()):
            self.write(self.config / name, text)

    def make_whole(self, path: Path, make: Callable[[Path], None]) -> None:
        """Have `make` make the data directory beside `path`, and rename it when it is whole.

        So a run that fails leaves nothing, and one that is killed what the next one removes.
        """
        folder = str(self.data)
        self.account.run(["find", folder, "-maxdepth", "1", "-name", ".initdb-*", "-exec", "rm", "-rf", "{}", "+"])
        making = self.data / f".initdb-{secrets.token_hex(4)}"
        try:
            make(making)
        except BaseException:
            self.account.run(["rm", "-rf", str(making)])
            raise
        making.rename(path)

    def write(self, path: Path, text: str) -> None:
        """Write a file that the server reads as it starts."""
        if files.read(path) != text:
            self.stop()
            files.write(path, text, self.account)


def failure(place: Place, what: str, said: str) -> Unusable | DiskFull:
    """The problem that `what` happened, of which the server's program `said` why."""
    if says_disk_full(said):
        return DiskFull(place.data)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower() or "FATAL" in line] or lines[-2:] or ["it said nothing"]
    return Unusable(f"{place.inputs.name}: {what}: {'; '.join(telling[:2])}")


class Answer(Enum):
    """How a server takes an administrator's visit."""

    READY = "ready"
    NOT_YET = "not yet"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Ping:
    """An answer, with the server's version where it is READY and its words otherwise."""

    answer: Answer
    words: str


class Kind(Protocol):
    """One kind of server."""

    def check(self, place: Place) -> None:
        """Raise LocalProblem where the server could not run as asked for: not installed, foreign data, bad settings."""

    def prepare(self, place: Place) -> None:
        """Make data directory and configuration; a server that runs with another configuration is stopped."""

    def specs(self, place: Place) -> tuple[Spec, ...]:
        """Return the programs that make up the server, in the order in which they start."""

    def listeners(self, inputs: ServerInputs) -> tuple[tuple[str, str, int], ...]:
        """Return (program, listener, port) for each port: which program listens, and what the environment calls it."""

    def ping(self, inputs: ServerInputs) -> Ping:
        """Visit the server as its administrator."""

    def change_password(self, inputs: ServerInputs, old: str) -> None:
        """Give the running server its new administrator's password by means of the `old` one, if that works."""

    def reset_password(self, place: Place) -> None:
        """Give the stopped server its administrator's password, whatever it was."""


def require_settings(inputs: ServerInputs, pattern: str, reserved: frozenset[str]) -> None:
    """Raise Unusable for a setting that is not named like `pattern`, is `reserved`, or has a line break in its value."""
    for name, value in sorted(inputs.settings.items()):
        if not re.fullmatch(pattern, name, re.ASCII) or any(ord(letter) < ord(" ") for letter in value):
            msg = f"setting {name!r} of {inputs.name} is not written as its server writes settings"
            raise Unusable(msg)
        if name in reserved:
            msg = f"setting {name} of {inputs.name} is decided by Plat: addresses, files and authentication cannot be set"
            raise Unusable(msg)
