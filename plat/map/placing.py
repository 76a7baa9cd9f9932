"""Where labels go: Graphviz lays nodes and lines out well, but drops the labels at the ends of lines onto each other.

Each label is moved along its own line, each frame's name along its upper edge, to where it covers least.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from plat.map.geometry import Board, Box, Curve, Point, bezier

_INCH: Final = 72.0
_STEP: Final = 4.0
_REACH: Final = 0.46  # how far along its line a label at an end may move, as a share
_GAP: Final = 3.0
_CROSSING: Final = 25.0  # what covering a point of another line counts, in square points of a covered box
_AWAY: Final = 0.5  # what each point of distance from the first choice counts

Size = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Placed:
    """The positions of everything, as Graphviz writes them, by the names of nodes, frames and edges."""

    nodes: Mapping[str, Mapping[str, str]]
    frames: Mapping[str, Mapping[str, str]]
    edges: Mapping[str, Mapping[str, str]]
    whole: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Labels:
    """The sizes of an edge's labels; None where it has none."""

    tail: Size | None
    head: Size | None
    middle: Size | None

    @property
    def room(self) -> Size | None:
        """How much room they take beside each other, None where there are none."""
        sizes = [size for size in (self.tail, self.middle, self.head) if size]
        if not sizes:
            return None
        return (sum(width + 2 * _GAP for width, _ in sizes), max(height for _, height in sizes))


def place(layout: Mapping[str, Any], labels: Mapping[str, Labels]) -> Placed:
    """Place all labels of a layout (`dot -Tjson0`); `labels` has the sizes by the `id` of each edge."""
    objects = layout.get("objects", [])
    frames = {item["name"]: item for item in objects if "bb" in item}
    nodes = {item["name"]: item for item in objects if "pos" in item}
    edges = {edge["id"]: edge for edge in layout.get("edges", [])}
    curves = {name: _curve(edge["pos"]) for name, edge in edges.items()}
    board = Board()
    for node in nodes.values():
        board.add(_node_box(node))
    for name, curve in curves.items():
        board.add_line(curve, name)
    return Placed(
        {name: {"pos": node["pos"]} for name, node in nodes.items()},
        {name: _frame(frame, board) for name, frame in frames.items()},
        dict(_edges(edges, curves, labels, board)),
        {"bb": layout["bb"], "lp": layout["lp"]} if "lp" in layout else {"bb": layout["bb"]},
    )


def _frame(frame: Mapping[str, Any], board: Board) -> dict[str, str]:
    box, first = _box(frame["bb"]), _point(frame["lp"])
    width, height = float(frame["lwidth"]) * _INCH, float(frame["lheight"]) * _INCH
    last = max(first.x, box.right - (first.x - box.left))
    chosen = _best((Point(x, first.y) for x in _steps(first.x, last)), (width, height), board)
    board.add(Box.around(chosen, width, height))
    return {"bb": frame["bb"], "lp": _written(chosen)}


def _edges(
    edges: Mapping[str, Mapping[str, Any]], curves: Mapping[str, Curve], labels: Mapping[str, Labels], board: Board
) -> Iterator[tuple[str, dict[str, str]]]:
    found = {name: {"pos": edge["pos"]} for name, edge in edges.items()}
    for name, curve in curves.items():
        if tail := labels[name].tail:
            found[name]["tail_lp"] = _take(_along(curve, tail), tail, board, name)
        if head := labels[name].head:
            found[name]["head_lp"] = _take(_along(curve.backwards(), head), head, board, name)
    for name, curve in curves.items():
        if middle := labels[name].middle:
            found[name]["lp"] = _take(_about(curve), middle, board, name)
    yield from found.items()


def _along(curve: Curve, size: Size) -> Iterator[Point]:
    """Give places on a line from its start on, the first where the label just leaves what the line begins at."""
    start = curve.points[0]
    reach = max(curve.length * _REACH, min(size) / 2)
    for distance in _steps(min(size) / 2, reach):
        point = curve.at(distance)
        clear_x, clear_y = size[0] / 2 + _GAP, size[1] / 2 + _GAP
        if abs(point.x - start.x) >= clear_x or abs(point.y - start.y) >= clear_y or distance >= reach - _STEP:
            yield point


def _about(curve: Curve) -> Iterator[Point]:
    """Give places on a line from its middle on, to both sides in turn."""
    middle = curve.length / 2
    for away in _steps(0, curve.length / 4):
        yield curve.at(middle + away)
        yield curve.at(middle - away)


def _take(places: Iterable[Point], size: Size, board: Board, line: str) -> str:
    chosen = _best(places, size, board, line)
    board.add(Box.around(chosen, *size))
    return _written(chosen)


def _best(places: Iterable[Point], size: Size, board: Board, line: str = "") -> Point:
    """Give the place that covers least; of equal ones the first."""
    best, least = None, float("inf")
    for index, point in enumerate(places):
        box = Box.around(point, *size)
        cost = index * _STEP * _AWAY
        if cost < least:
            cost += board.covered(box) + _CROSSING * board.crossed(box, line)
        if best is None or cost < least:
            best, least = point, cost
    if best is None:
        message = "there is no place to choose from"
        raise ValueError(message)
    return best


def _steps(first: float, last: float) -> Iterator[float]:
    """Give distances from the first to the last, at least the first."""
    yield first
    for count in range(1, int(max(0.0, last - first) // _STEP) + 1):
        yield first + count * _STEP


def _node_box(node: Mapping[str, Any]) -> Box:
    return Box.around(_point(node["pos"]), float(node["width"]) * _INCH, float(node["height"]) * _INCH)


def _curve(text: str) -> Curve:
    """Read a line as Graphviz writes it: control points, after the tips of arrows (`s,x,y`, `e,x,y`)."""
    words = text.split(";", maxsplit=1)[0].split()
    controls = [_point(word) for word in words if word[0] not in "se"]
    return bezier(controls)


def _box(text: str) -> Box:
    left, bottom, right, top = (float(number) for number in text.split(","))
    return Box(left, bottom, right, top)


def _point(text: str) -> Point:
    x, y = (float(number) for number in text.split(",")[:2])
    return Point(x, y)


def _written(point: Point) -> str:
    return f"{point.x:.2f},{point.y:.2f}"
