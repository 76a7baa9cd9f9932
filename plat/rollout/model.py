"""What became of each share of a landscape in one run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How a share's part of a run ended."""

    DONE = "done"
    CURRENT = "current"
    FAILED = "failed"
    HELD_BACK = "held back"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended for one share, after `seconds`: `reason` says why, for people."""

    share: str
    stack: str
    team: str
    state: State
    reason: str = ""
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """The outcome as plain values for JSON."""
        return {
            "share": self.share,
            "stack": self.stack,
            "team": self.team,
            "state": str(self.state),
            "reason": self.reason,
            "seconds": round(self.seconds, 1),
        }


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended, share by share in the order in which it was to go."""

    outcomes: tuple[Outcome, ...]

    @property
    def ok(self) -> bool:
        """Whether everything is as it was to be."""
        return all(outcome.state in {State.DONE, State.CURRENT} for outcome in self.outcomes)

    def of(self, state: State) -> tuple[Outcome, ...]:
        """The outcomes that are `state`."""
        return tuple(outcome for outcome in self.outcomes if outcome.state == state)

    def to_dict(self) -> dict[str, Any]:
        """The result as plain values for JSON."""
        return {"ok": self.ok, "shares": [outcome.to_dict() for outcome in self.outcomes]}
