"""Waiting for what daemons do by themselves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from toolchain.sandbox.errors import NotInTimeError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SECONDS = 120.0
_PAUSE = 0.05
_SHOWN = 200


class Waiting:
    """Asks until the answer is yes."""

    passing: ClassVar[tuple[type[Exception], ...]] = (OSError,)
    """What is no answer yet."""

    def __init__(self, logs: Path, check: Callable[[], None]) -> None:
        """Take where the logs are, and what raises once waiting has become useless."""
        self._logs = logs
        self._check = check

    def until(self, what: str, true: Callable[[], bool], seconds: float = _SECONDS) -> None:
        """Ask until it is true; raises `NotInTimeError`, or what the check raises."""
        end = time.monotonic() + seconds
        last = ""
        while time.monotonic() < end:
            try:
                if true():
                    return
            except self.passing as error:
                last = f"{error}"[:_SHOWN]
            self._check()
            time.sleep(_PAUSE)
        raise NotInTimeError(what, seconds, last, self._logs)
