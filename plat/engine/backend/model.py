"""The backend of an environment, and what is asked of the states in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import psutil

from plat.backends import PASSPHRASE
from plat.engine.backend.outline import Outline

PROJECT = "plat"
"""What the project is called whose stacks these are."""

READERS = 16
"""How many states are read at a time where many are."""


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock of Pulumi's self-managed backends: who holds the stack, since when. `key` says where it is."""

    key: str
    pid: int
    host: str
    since: str

    def is_stale(self, host: str) -> bool:
        """Whether its holder is gone: decided only for this `host`, since another one's processes cannot be seen."""
        return self.host == host and not _runs(self.pid)


def _runs(pid: int) -> bool:
    try:
        # What was killed stays as a zombie where nobody asks for its exit code, as in many containers.
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except (psutil.NoSuchProcess, ValueError):
        return False


class States(Protocol):
    """Reads states. Every method raises BackendProblem where they cannot be reached."""

    def stacks(self) -> Sequence[str]:
        """The stacks that there are, by name."""

    def exists(self, stack: str) -> bool:
        """Whether the stack has ever been made."""

    def latest(self, stack: str) -> Mapping[str, Any] | None:
        """What the last update of `stack` left, secrets encrypted; None where there is no such stack, or half of a state."""

    def outline(self, stack: str) -> Outline | None:
        """What of it says whether an update is needed; None where there is no such stack, or nothing in it."""

    def mark(self, stack: str) -> object | None:
        """What tells the state of `stack`, and its history, from all others that it has had; None where only reading does."""

    def begin(self, stack: str, like: str) -> bool:
        """Make `stack` as the stack `like` was before there was anything in it; whether that could be done."""

    def last_update(self, stack: str, since: datetime) -> Mapping[str, Any] | None:
        """The last entry of its history, if that is not older than `since`; None too where it cannot be told."""

    def locks(self, stack: str) -> Sequence[Lock]:
        """The locks on it that can be seen. Where there may be others, `last_update` tells nothing."""

    def release(self, lock: Lock) -> None:
        """Remove a lock, and no other."""

    def mend(self) -> None:
        """Make readable for Pulumi the states that processes were killed in writing anew."""

    def remove_half_written(self, stack: str) -> int:
        """Remove what is left of locks that were never wholly written; returns how many there were."""


@dataclass(frozen=True, slots=True)
class Backend:
    """Where the states of an environment are: the `url` as Pulumi takes it, and who reads them.

    `secrets` is what new stacks' secrets are encrypted with. One that is `shared` is not this checkout's alone.
    """

    url: str
    states: States
    secrets: str = PASSPHRASE
    shared: bool = False

    @property
    def shown(self) -> str:
        """The URL as a message names it."""
        return self.url.partition("?")[0]
