"""Outlines of states that have been read before, kept for the next run over many stacks.

A state is known again by its file's marks, as git knows files: number, length, and when it and its entry were last changed, by
the nanosecond. A file that was changed a moment ago has none, since another change might leave it with the same.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plat.engine.backend.model import States
from plat.engine.backend.outline import Outline
from plat.pickled import pickled, unpickled
from plat.written import write_whole

_Kept = dict[str, tuple[object, Outline]]
"""By stack: its marks, and its outline without what is encrypted."""


class Outlined:
    """The outlines of `states`, of which some are `kept`; it keeps those that it gives."""

    def __init__(self, states: States, kept: _Kept) -> None:
        self._states = states
        self._before = kept
        self.kept: _Kept = {}

    def of(self, stack: str) -> Outline | None:
        """The same as `States.outline`, without outputs that are secret. Raises BackendProblem."""
        mark = self._states.mark(stack)
        before = self._before.get(stack)
        if mark and before and before[0] == mark:
            self.kept[stack] = before
            return before[1]
        found = self._states.outline(stack)
        if not found:
            return None
        plain = {name: value for name, value in found.outputs.items() if not isinstance(value, dict)}
        outline = Outline(found.written, plain, found.unfinished)
        if mark:
            self.kept[stack] = (mark, outline)
        return outline


@contextmanager
def outlined(states: States, path: Path) -> Iterator[Outlined]:
    """The outlines of `states` that `path` keeps; what the block asks for is kept there, if it can be."""
    before: object = None
    with contextlib.suppress(OSError):
        before = unpickled(path.read_bytes())
    found = Outlined(states, before if isinstance(before, dict) else {})
    yield found
    if found.kept != before:
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(path, pickled(found.kept))
