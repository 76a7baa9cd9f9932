from __future__ import annotations

from bench.added import told
from bench.figures import ADD, BRING_UP, Figure
from bench.measure import Usage


def figure(contexts: int, operation: str, wall: float) -> Figure:
    return Figure("plat", contexts, operation, Usage(wall, wall, 512.4, 0, {}), 124)


def test_medians_are_told_and_how_many_times_the_smallest_size_they_are() -> None:
    walls = {1_000: [9.0, 8.0, 8.8], 10: [7.0, 8.0, 7.6]}
    figures = [figure(size, ADD, wall) for size, found in walls.items() for wall in found]
    figures += [figure(size, BRING_UP, 1.0) for size in walls]
    assert told(figures) == [
        "one more to     10: 7.0, 8.0, 7.6 s; median 7.6 s",
        "one more to  1,000: 9.0, 8.0, 8.8 s; median 8.8 s, 1.16 times that of 10",
    ]
