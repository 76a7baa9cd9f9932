"""What every kind of probe shares: outcomes by the key that was tried, and the time that one attempt may take."""

from __future__ import annotations

from collections.abc import Callable

from plat.verify.model import Cell, Key, Outcome

PATIENCE = 5
"""Seconds that a server has to answer one attempt."""

Attempt = Callable[[Key], Outcome]


class NoAnswerError(Exception):
    """The server does not answer at all, so that nothing can be told. The message says what happened instead."""


def let_in(words: str) -> Outcome:
    """The door opened."""
    return Outcome(allowed=True, words=words)


def refused(words: str) -> Outcome:
    """The server said no."""
    return Outcome(allowed=False, words=words)


def unclear(words: str) -> Outcome:
    """The server said something that is neither yes nor no."""
    return Outcome(allowed=None, words=words)


def try_keys(cell: Cell, attempt: Attempt) -> Outcome:
    """The outcome of `cell`: let in if any key opens, else the first that is not a plain refusal, else the first refusal.

    Where the plan lets the principal in, its first key is its own and has to open by itself.
    """
    outcomes: list[Outcome] = []
    for key in cell.keys:
        outcome = attempt(key)
        if outcome.allowed:
            return outcome
        outcomes.append(outcome)
    return next((outcome for outcome in outcomes if outcome.allowed is None), outcomes[0])
