"""States as Pulumi itself tells of them, for backends that nothing else here reads.

It tells of no locks and takes long, so that nothing counts as applied by what it says (ADR 0033): every stack is worked on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from plat.engine.backend.model import Lock
from plat.engine.backend.outline import Outline, outline_of

Ask = Callable[..., str]
"""What `pulumi` prints when it is called with these words. Raises BackendProblem."""


class Told:
    """The states of which `ask` tells."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def stacks(self) -> Sequence[str]:
        """The stacks that there are, by name."""
        found: list[Mapping[str, Any]] = json.loads(self._ask("stack", "ls", "--json"))
        return sorted(str(item["name"]).rpartition("/")[2] for item in found)

    def exists(self, stack: str) -> bool:
        """Whether the stack has ever been made."""
        return stack in self.stacks()

    def latest(self, stack: str) -> Mapping[str, Any] | None:
        """What the last update of `stack` left, secrets encrypted; None where there is no such stack, or half of one."""
        if not self.exists(stack):
            return None
        found: Mapping[str, Any] | None = json.loads(self._ask("stack", "export", "--stack", stack))["deployment"]
        return found

    def outline(self, stack: str) -> Outline | None:
        """What of it says whether an update is needed; None where there is no such stack, or nothing in it."""
        return outline_of(self.latest(stack) or {})

    def mark(self, stack: str) -> None:
        """None: Pulumi does not tell."""
        del stack

    def begin(self, stack: str, like: str) -> bool:
        """Nothing is made: that is Pulumi's."""
        del stack, like
        return False

    def last_update(self, stack: str, since: datetime) -> Mapping[str, Any] | None:
        """Nothing: Pulumi does not say whether somebody holds the stack."""
        del stack, since
        return None

    def locks(self, stack: str) -> Sequence[Lock]:
        """None, though there may be some: Pulumi itself stops at them."""
        del stack
        return ()

    def release(self, lock: Lock) -> None:
        """Nothing is released that was never seen."""

    def mend(self) -> None:
        """Nothing is half written in an object store."""

    def remove_half_written(self, stack: str) -> int:
        """Nothing is half written in an object store."""
        del stack
        return 0
