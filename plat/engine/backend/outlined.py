"""Outlines of states that have been read before, kept for the next run over many stacks.

A state is known again by its file's marks, as git knows files: number, length, and when it and its entry were last changed, by
the nanosecond. A file that was changed a moment ago has none, since another change might leave it with the same.
"""

from __future__ import annotations

from plat.engine.backend.model import States
from plat.engine.backend.outline import Outline
from plat.recalled import Recalled


class Outlined:
    """The outlines of `states`, of which some are `kept`; it keeps those that it gives."""

    def __init__(self, states: States, kept: Recalled) -> None:
        self._states = states
        self._kept = kept

    def of(self, stack: str) -> Outline | None:
        """The same as `States.outline`, without outputs that are secret. Raises BackendProblem."""
        mark = self._states.mark(stack)
        key = f"{mark}".encode()
        before: Outline | None = self._kept.of(stack, key) if mark else None
        if before:
            return before
        found = self._states.outline(stack)
        if not found:
            return None
        plain = {name: value for name, value in found.outputs.items() if not isinstance(value, dict)}
        outline = Outline(found.written, plain, found.unfinished)
        if mark:
            self._kept.keep(stack, key, outline)
        return outline
