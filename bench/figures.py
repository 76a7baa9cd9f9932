"""What was measured, as a table in Markdown, and what it says about the targets. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.measure import Usage
from plat.grouping import grouped

BRING_UP, NO_CHANGE, CHANGE, ADD = "bring-up", "no change", "change one context", "add one context"
OPERATIONS = (BRING_UP, NO_CHANGE, CHANGE, ADD)

_ADDING = 1.2
_NOTHING = 5.0
_FLAT = 1.2
_MINUTE = 60
_WORTH_A_WORD = 0.1


@dataclass(frozen=True)
class Figure:
    """One operation of one contender: what it took, and how many requests it made of the API server."""

    contender: str
    contexts: int
    operation: str
    usage: Usage
    requests: int

    @property
    def done(self) -> bool:
        """Whether it came to a good end."""
        return self.usage.code == 0

    @property
    def cell(self) -> str:
        """It in a table."""
        if self.usage.code is None:
            return f"> {_time(self.usage.wall)}"
        if self.usage.code:
            return f"failed after {_time(self.usage.wall)}"
        used = f"{self.usage.processor:,.1f} / {self.usage.memory:,.0f} / {self.requests:,}"
        return f"**{self.usage.wall:,.1f}** / {used}"


def table(figures: Sequence[Figure]) -> str:
    """Give a row for each size and operation and a column for each contender, in the order in which they were measured."""
    contenders = list(dict.fromkeys(each.contender for each in figures))
    found = {(each.contexts, each.operation, each.contender): each.cell for each in figures}
    rows = [
        [f"{contexts:,}", operation, *(found.get((contexts, operation, name), "-") for name in contenders)]
        for contexts in sorted({each.contexts for each in figures})
        for operation in OPERATIONS
    ]
    head = ["contexts", "operation", *contenders]
    lines = [f"| {' | '.join(row)} |" for row in (head, *rows)]
    lines.insert(1, f"|{'---|' * len(head)}")
    return "\n".join(lines)


def typical(figures: Iterable[Figure]) -> list[Figure]:
    """Give one figure for each operation of a contender on a landscape: the middle one by seconds, or one that was not done.

    Of an even number it is the slower of the two in the middle.
    """
    kinds = grouped(figures, lambda each: (each.contender, each.contexts, each.operation))
    return [
        next((each for each in kind if not each.done), sorted(kind, key=lambda each: each.usage.wall)[len(kind) // 2])
        for kind in kinds.values()
    ]


def programs(figures: Iterable[Figure]) -> Iterator[str]:
    """Say of each figure which programs took the processors' time."""
    for each in figures:
        taken = [f"{name} {seconds:.1f}" for name, seconds in each.usage.programs.items() if seconds >= _WORTH_A_WORD]
        yield f"{each.contexts:,}, {each.operation}, {each.contender}: {', '.join(taken)}"


def verdicts(figures: Iterable[Figure], contender: str) -> Iterator[str]:
    """Say of each target whether a contender meets it, from the smallest size to the largest that it has done."""
    own = [each for each in figures if each.contender == contender and each.done]
    walls = {
        operation: {each.contexts: each.usage.wall for each in own if each.operation == operation} for operation in OPERATIONS
    }
    if len(adding := walls[ADD]) > 1:
        few, many = min(adding), max(adding)
        what = f"adding one context to {many:,} takes as long as adding one to {few:,}, times"
        yield _verdict(what, adding[many] / adding[few], _ADDING)
    if nothing := walls[NO_CHANGE]:
        yield _verdict(f"a run of {max(nothing):,} that changes nothing takes seconds", nothing[max(nothing)], _NOTHING)
    if len(bringing := walls[BRING_UP]) > 1:
        few, many = min(bringing), max(bringing)
        what = f"bring-up of one of {many:,} takes as long as of one of {few:,}, times"
        yield _verdict(what, bringing[many] / many / (bringing[few] / few), _FLAT)


def _verdict(what: str, found: float, target: float) -> str:
    return f"{'met' if found <= target else 'MISSED'}: {what} {found:.2f} (target: at most {target:g})"


def _time(seconds: float) -> str:
    minutes = round(seconds / _MINUTE)
    return f"{minutes} min" if minutes else f"{seconds:.0f} s"
