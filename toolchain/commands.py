"""Runs the set-up's commands, keeps their output in a log and reports their lines while they run."""

from __future__ import annotations

import os
import subprocess
from collections import deque
from typing import TYPE_CHECKING

from toolchain.errors import CommandFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_SHOWN_LINES = 12


class Runner:
    """Runs the commands of one step; their output goes to one log file, which only its owner can read."""

    def __init__(self, step: str, log: Path) -> None:
        self._step = step
        self._log = log
        self._begun = False

    def run(
        self,
        command: Sequence[str],
        *,
        folder: Path | None = None,
        variables: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> list[str]:
        """Run a command to its end and return the lines that it printed, errors included.

        Raises `CommandFailedError` with the last of them when its exit code is not 0.
        """
        lines: list[str] = []
        self._begin()
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(command)}\n")
            with subprocess.Popen(
                list(command),
                cwd=folder,
                env={**os.environ, **(variables or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
            ) as process:
                for line in process.stdout or ():
                    log.write(line)
                    lines.append(line.rstrip("\n"))
                    if on_line:
                        on_line(lines[-1])
        if process.returncode:
            tail = "\n".join(deque(lines, _SHOWN_LINES))
            raise CommandFailedError(self._step, " ".join(command[:3]), process.returncode, tail, self._log)
        return lines

    def _begin(self) -> None:
        if not self._begun:
            self._log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._log.unlink(missing_ok=True)
            self._log.touch(mode=0o600)
            self._begun = True
