"""Tries cells from elsewhere than here, each where it is placed, and judges what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from plat.plan.model import SecretRef
from plat.verify.model import Cell, Outcome, Result
from plat.verify.run import tidy
from plat.verify.vantage import End, Placed

Try = Callable[[End, Sequence[Cell]], Sequence[Outcome]]
"""What comes of cells that are tried from one end, in order."""


def results(
    items: Sequence[Placed[End]],
    secrets: Mapping[SecretRef, str],
    attempt: Try[End],
    *,
    lane: Callable[[End], Hashable],
    at_once: int,
) -> tuple[Result, ...]:
    """What came of all `items`. Ends of one lane try after each other, `at_once` lanes at a time.

    Raises what `attempt` raises.
    """
    by_end: dict[End, list[int]] = defaultdict(list)
    for number, item in enumerate(items):
        by_end[item.end].append(number)
    lanes: dict[Hashable, list[End]] = defaultdict(list)
    for end in by_end:
        lanes[lane(end)].append(end)

    def tried(ends: Iterable[End]) -> list[tuple[int, Outcome]]:
        return [
            pair
            for end in ends
            for pair in zip(by_end[end], attempt(end, [items[number].cell for number in by_end[end]]), strict=True)
        ]

    with ThreadPoolExecutor(at_once) as pool:
        outcomes = dict(pair for found in pool.map(tried, lanes.values()) for pair in found)
    return tuple(Result(item.cell, judged(item, outcomes[number], secrets)) for number, item in enumerate(items))


def judged(item: Placed[End], outcome: Outcome, secrets: Mapping[SecretRef, str]) -> Outcome:
    """What an outcome means: no answer at all is the network's refusal, where it has to refuse."""
    if outcome.allowed is None and not item.through and outcome.words.startswith("no answer"):
        return Outcome(allowed=False, words="the network lets nothing through")
    return Outcome(outcome.allowed, tidy(outcome.words, secrets))
