"""What runs, on whichever target: how it is, what it wrote, and a command in its place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Status:
    """One server or workload: `state` is RUNNING, STARTING, STOPPED or UNKNOWN, or a finer word of supervisord's.

    `reason` says why it does not run, where that is known; it holds no secret.
    """

    name: str
    state: str
    reason: str = ""


class Runtime(Protocol):
    """What a plan runs on one target. Every method may raise what that target's problems are called."""

    @property
    def names(self) -> Collection[str]:
        """What it runs, by name."""

    def status(self) -> Sequence[Status]:
        """Everything that it runs, with its state. Changes nothing."""

    def print_logs(self, names: Sequence[str], *, tail: int, follow: bool) -> None:
        """Print the last `tail` lines of each of `names`, then with `follow` what they write from then on."""

    def execute(self, name: str, words: Sequence[str], *, context: str | None, terminal: bool) -> int:
        """Run a command with the variables of `name`, there where it is, and return its exit code.

        `context` is the one that is meant where a workload carries several; `terminal` says whether somebody sits at one.
        """
