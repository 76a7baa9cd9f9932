"""The map as a picture, drawn by Graphviz's `dot`: laid out once, then drawn with every label at its place."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final, Literal

import graphviz

from plat.map import legend
from plat.map.dot import edge_name, graph_of
from plat.map.model import ContextMap, Edge
from plat.map.placing import Labels, Size, place

PictureFormat = Literal["svg", "png"]

_WIDTH: Final = 0.64  # of a letter, as a share of the font's size: rather too wide than too narrow
_HEIGHT: Final = 1.4
_PILL_SIZE, _LABEL_SIZE = 8, 9
_DOTS_PER_INCH: Final = "144"


class PictureProblem(Exception):  # noqa: N818 - named like the other problems that a user is told of
    """The picture cannot be drawn; the text says why, and what to do."""


def render(drawn: ContextMap, format: PictureFormat) -> bytes:  # noqa: A002 - that is what it is
    """Give the picture. Raises PictureProblem where `dot` is missing or fails."""
    if not drawn.nodes:
        message = f"there is nothing to draw in {drawn.name}: it has no context"
        raise PictureProblem(message)
    labels = {edge_name(index): _labels(drawn, edge) for index, edge in enumerate(drawn.edges)}
    rooms = {name: room for name, one in labels.items() if (room := one.room)}
    layout = json.loads(_run(graph_of(drawn, rooms=rooms), "json0"))
    placed = graph_of(drawn, place(layout, labels))
    if format == "png":
        placed.graph_attr["dpi"] = _DOTS_PER_INCH
    return _run(placed, format)


def _run(graph: graphviz.Digraph, format: str) -> bytes:  # noqa: A002 - that is what it is
    try:
        drawn: bytes = graph.pipe(format=format, engine="dot", quiet=True)
    except graphviz.ExecutableNotFound:
        message = "pictures are drawn by Graphviz's `dot`, which is not on PATH: `make setup` gets it, or install graphviz"
        raise PictureProblem(message) from None
    except graphviz.CalledProcessError as failed:
        message = f"`dot` could not draw the map: {failed.stderr.decode(errors='replace').strip()}"
        raise PictureProblem(message) from None
    return drawn


def _labels(drawn: ContextMap, edge: Edge) -> Labels:
    lines = [*legend.passing(drawn, edge), *edge.details, *edge.findings]
    return Labels(
        _size([" ".join(edge.source_marks)], _PILL_SIZE, 8) if edge.source_marks else None,
        _size([" ".join(edge.target_marks)], _PILL_SIZE, 8) if edge.target_marks else None,
        _size(lines, _LABEL_SIZE, 4) if lines else None,
    )


def _size(lines: Iterable[str], points: int, border: int) -> Size:
    listed = list(lines)
    width = max(len(line) for line in listed) * points * _WIDTH
    return (width + border, len(listed) * points * _HEIGHT + border)
