"""Makes a Debian system of packages in a folder or a tar, with nothing running: by mmdebstrap, from this machine's sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolchain.sources import SUITE, debian_sources, transport_settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from toolchain.commands import Runner
    from toolchain.progress import Step

_UNREAD = ("man", "doc", "info", "locale")
"""Folders of /usr/share that are left out."""


@dataclass(frozen=True)
class System:
    """A system: the packages that are wanted, mmdebstrap's options for hooks, and its format: `tar` or `directory`."""

    packages: Sequence[str]
    hooks: Sequence[str]
    form: str = "tar"

    @property
    def made_of(self) -> list[bytes]:
        """What it depends on."""
        return [text.encode() for text in (SUITE, *self.packages, *self.hooks, *_UNREAD)]


def install(system: System, target: Path, step: Step, runner: Runner) -> None:
    """Install the packages and what they need. Root is needed. Raises `WrongSourcesError`, `CommandFailedError`."""
    step.note("asking apt for its sources")
    settings = ['Acquire::Languages "none";', *transport_settings(runner)]
    options = [
        *(f"--aptopt={setting}" for setting in settings),
        *(f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in _UNREAD),
        f"--include={','.join(system.packages)}",
        *system.hooks,
    ]
    how = ("--mode=root", "--variant=minbase", f"--format={system.form}", "--verbose")
    configured = 0

    def count(line: str) -> None:
        nonlocal configured
        configured += line.startswith("Setting up ")
        step.note(f"{configured} packages installed")

    runner.run(["mmdebstrap", *how, *options, SUITE, f"{target}", *debian_sources(runner)], on_line=count)
