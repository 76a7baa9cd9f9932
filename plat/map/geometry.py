"""Points, boxes and curves on the drawing board; all lengths in points, 72 to the inch, y upwards, as Graphviz counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from math import dist
from typing import Final, NamedTuple

_STEPS: Final = 12  # straight pieces that a curve of Bézier's is cut into
_CELL: Final = 64.0


class Point(NamedTuple):
    """A place."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    left: float
    bottom: float
    right: float
    top: float

    @classmethod
    def around(cls, centre: Point, width: float, height: float) -> Box:
        """Give the box of this size around a point."""
        return cls(centre.x - width / 2, centre.y - height / 2, centre.x + width / 2, centre.y + height / 2)

    def shared(self, other: Box) -> float:
        """Give the area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return width * height if width > 0 and height > 0 else 0.0

    def holds(self, point: Point) -> bool:
        """Tell whether a point lies in it."""
        return self.left <= point.x <= self.right and self.bottom <= point.y <= self.top

    def cells(self) -> Iterator[tuple[int, int]]:
        """Give the cells of the board that it reaches into."""
        columns = range(int(self.left // _CELL), int(self.right // _CELL) + 1)
        return product(columns, range(int(self.bottom // _CELL), int(self.top // _CELL) + 1))


class Curve:
    """A line as a chain of points, short steps apart."""

    def __init__(self, points: Iterable[Point]) -> None:
        self.points = tuple(points)
        lengths = [dist(one, other) for one, other in pairwise(self.points)]
        self._from_start = [0.0]
        for length in lengths:
            self._from_start.append(self._from_start[-1] + length)

    @property
    def length(self) -> float:
        """How long it is."""
        return self._from_start[-1]

    def at(self, distance: float) -> Point:
        """Give the point at this distance from its start, along it."""
        for (start, one), (end, other) in pairwise(zip(self._from_start, self.points, strict=True)):
            if end >= distance > start:
                share = (distance - start) / (end - start)
                return Point(one.x + share * (other.x - one.x), one.y + share * (other.y - one.y))
        return self.points[0] if distance <= 0 else self.points[-1]

    def backwards(self) -> Curve:
        """Give the same line from its other end."""
        return Curve(reversed(self.points))


def bezier(controls: list[Point]) -> Curve:
    """Give the curve of a chain of cubic Bézier pieces, as Graphviz writes edges: one point, then three per piece."""
    points = [controls[0]]
    for index in range(0, len(controls) - 3, 3):
        points += [_on(controls[index : index + 4], step / _STEPS) for step in range(1, _STEPS + 1)]
    return Curve(points)


def _on(controls: list[Point], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    x = sum(weight * point.x for weight, point in zip(weights, controls, strict=True))
    y = sum(weight * point.y for weight, point in zip(weights, controls, strict=True))
    return Point(x, y)


class Board:
    """What is drawn already: boxes that a label should not cover, and points of lines, each with the name of its line."""

    def __init__(self) -> None:
        self._boxes: dict[tuple[int, int], list[Box]] = defaultdict(list)
        self._points: dict[tuple[int, int], list[tuple[Point, str]]] = defaultdict(list)

    def add(self, box: Box) -> None:
        """Put a box on the board."""
        for cell in box.cells():
            self._boxes[cell].append(box)

    def add_line(self, curve: Curve, name: str) -> None:
        """Put a line on the board."""
        for point in curve.points:
            self._points[int(point.x // _CELL), int(point.y // _CELL)].append((point, name))

    def covered(self, box: Box) -> float:
        """Give the area of other boxes that `box` would cover."""
        others = {other for cell in box.cells() for other in self._boxes.get(cell, ())}
        return sum(box.shared(other) for other in others)

    def crossed(self, box: Box, but: str = "") -> int:
        """Give the number of points of lines other than `but` that `box` would cover."""
        near = (entry for cell in box.cells() for entry in self._points.get(cell, ()))
        return sum(name != but and box.holds(point) for point, name in near)
