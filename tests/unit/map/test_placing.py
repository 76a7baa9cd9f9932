"""Labels go where they cover least."""

from __future__ import annotations

from math import isclose
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plat.map.geometry import Board, Box, Curve, Point, bezier
from plat.map.placing import Labels, place

PILL = (40.0, 12.0)


def layout(*edges: str, frame: str | None = None) -> dict[str, Any]:
    """Two nodes 300 points apart and edges between them, as Graphviz gives them."""
    nodes = [{"name": name, "pos": f"{x},0", "width": "1", "height": "0.5"} for name, x in (("a", 0), ("b", 300))]
    frames = [{"name": "f", "bb": frame, "lp": "0,40", "lwidth": "1", "lheight": "0.2"}] if frame else []
    listed = [{"id": f"e{index}", "pos": pos} for index, pos in enumerate(edges)]
    return {"bb": "-36,-18,336,80", "objects": [*frames, *nodes], "edges": listed}


def box(position: str, size: tuple[float, float]) -> Box:
    x, y = map(float, position.split(","))
    return Box.around(Point(x, y), *size)


def straight(y: float) -> str:
    return f"36,{y} 112,{y} 188,{y} 264,{y}"


def test_labels_at_the_ends_lie_on_their_line_beside_what_it_joins() -> None:
    found = place(layout(straight(0)), {"e0": Labels(PILL, PILL, (60.0, 12.0))}).edges["e0"]

    tail, middle, head = (float(found[name].split(",")[0]) for name in ("tail_lp", "lp", "head_lp"))
    assert 36 + PILL[0] / 2 <= tail < middle < head <= 264 - PILL[0] / 2
    assert isclose(middle, 150)
    assert {found[name].split(",")[1] for name in ("tail_lp", "lp", "head_lp")} == {"0.00"}


def test_labels_of_lines_close_together_cover_neither_each_other_nor_a_node() -> None:
    drawn = layout(straight(3), straight(-3))
    labels = {name: Labels(PILL, PILL, None) for name in ("e0", "e1")}
    placed = place(drawn, labels).edges

    boxes = [box(placed[edge][end], PILL) for edge in ("e0", "e1") for end in ("tail_lp", "head_lp")]
    boxes += [Box(-36, -18, 36, 18), Box(264, -18, 336, 18)]
    assert [one.shared(other) for index, one in enumerate(boxes) for other in boxes[:index]] == [0.0] * 15


def test_a_label_in_the_middle_moves_aside_where_a_node_stands() -> None:
    drawn = layout(straight(0))
    drawn["objects"].append({"name": "c", "pos": "150,0", "width": "0.5", "height": "0.5"})

    placed = place(drawn, {"e0": Labels(None, None, (30.0, 12.0))}).edges["e0"]["lp"]

    assert box(placed, (30.0, 12.0)).shared(Box(132, -18, 168, 18)) == 0


def test_a_frames_name_moves_aside_where_a_line_passes() -> None:
    crossing = "0,80 0,60 0,40 0,20"
    drawn = layout(crossing, frame="-100,0,200,60")

    moved = place(drawn, {"e0": Labels(None, None, None)}).frames["f"]["lp"]

    x, y = map(float, moved.split(","))
    assert y == 40
    assert x >= 36  # half of the name's width away from the line


def test_what_has_no_label_gets_no_place() -> None:
    assert place(layout(straight(0)), {"e0": Labels(None, None, None)}).edges == {"e0": {"pos": straight(0)}}


def test_the_tips_of_arrows_are_no_part_of_the_line() -> None:
    arrowed = f"e,290,0 {straight(0)}"

    assert place(layout(arrowed), {"e0": Labels(None, PILL, None)}).edges["e0"]["pos"] == arrowed


def test_the_room_of_labels_is_what_they_take_beside_each_other() -> None:
    assert Labels(None, None, None).room is None
    width, height = Labels((40, 12), (30, 12), (60, 24)).room or (0, 0)
    assert (width > 130, height) == (True, 24)


@given(st.floats(0, 400))
def test_a_point_on_a_line_is_as_far_along_it_as_asked(distance: float) -> None:
    curve = Curve([Point(0, 0), Point(100, 0), Point(100, 200)])

    point = curve.at(distance)

    expected = Point(distance, 0) if distance <= 100 else Point(100, min(distance, 300) - 100)
    assert isclose(point.x, expected.x, abs_tol=1e-6)
    assert isclose(point.y, expected.y, abs_tol=1e-6)


def test_a_curve_begins_and_ends_where_its_controls_do() -> None:
    curve = bezier([Point(0, 0), Point(0, 50), Point(50, 100), Point(100, 100)])

    assert (curve.points[0], curve.points[-1]) == (Point(0, 0), Point(100, 100))
    assert curve.backwards().at(0) == Point(100, 100)
    assert 141 < curve.length < 200


@pytest.mark.parametrize(
    ("other", "area"),
    [(Box(0, 0, 10, 10), 100), (Box(5, 5, 15, 15), 25), (Box(10, 0, 20, 10), 0), (Box(50, 50, 60, 60), 0)],
)
def test_the_area_that_two_boxes_share(other: Box, area: float) -> None:
    assert Box(0, 0, 10, 10).shared(other) == other.shared(Box(0, 0, 10, 10)) == area


def test_a_board_counts_what_a_box_would_cover_once_even_where_it_reaches_into_several_cells() -> None:
    board = Board()
    board.add(Box(-200, -200, 200, 200))
    board.add_line(Curve([Point(-10, 0), Point(0, 0), Point(10, 0)]), "mine")

    assert board.covered(Box(-100, -100, 100, 100)) == 40_000
    assert board.crossed(Box(-5, -5, 15, 5)) == 2
    assert board.crossed(Box(-5, -5, 15, 5), but="mine") == 0
