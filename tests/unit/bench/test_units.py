from __future__ import annotations

import pytest

from bench.figures import ADD, Figure
from bench.measure import Usage
from bench.units import repeated


class Measured:
    """Measures that take as long as is said, one after another; one that takes less than nothing fails."""

    def __init__(self, *walls: float) -> None:
        self._walls = walls
        self.asked: list[int] = []

    def __call__(self, nth: int) -> Figure:
        self.asked.append(nth)
        wall = self._walls[nth % len(self._walls)]
        return Figure("plat", 10, ADD, Usage(abs(wall), 1.0, 1.0, 0 if wall >= 0 else 1, {}), 0)


@pytest.mark.parametrize(
    ("walls", "times", "number"),
    [
        ((1.0,), None, 5),
        ((20.0,), None, 3),
        ((700.0,), None, 1),
        ((700.0,), 3, 3),
        ((1.0,), 8, 8),
        ((1.0, -1.0), None, 2),
        ((-700.0,), 3, 1),
    ],
)
def test_what_takes_seconds_is_measured_several_times_and_what_takes_minutes_once(
    walls: tuple[float, ...], times: int | None, number: int
) -> None:
    measure = Measured(*walls)
    assert len(list(repeated(measure, times))) == number
    assert measure.asked == list(range(number))
