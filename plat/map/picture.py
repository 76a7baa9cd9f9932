"""The map as a picture, drawn by Graphviz's `dot`: laid out once, then drawn with every label at its place."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final, Literal

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
_READABLE: Final = 600  # nodes; Graphviz takes seconds for as many, and minutes for twice as many
_PARTS: Final = "draw a part of it with --team or --around"


class PictureProblem(Exception):  # noqa: N818 - named like the other problems that a user is told of
    """The picture cannot be drawn; the text says why, and what to do."""


class _CannotDraw(PictureProblem):
    """`dot` is there and gave up."""


def render(drawn: ContextMap, format: PictureFormat) -> bytes:  # noqa: A002 - that is what it is
    """Give the picture. Raises PictureProblem where `dot` is missing or fails."""
    if not drawn.nodes:
        message = f"there is nothing to draw in {drawn.name}: it has no context"
        raise PictureProblem(message)
    if len(drawn.nodes) > _READABLE:
        message = f"a picture of {len(drawn.nodes)} things is none that anybody can read: {_PARTS}"
        raise PictureProblem(message)
    crowded = legend.is_crowded(drawn)
    labels = {edge_name(index): _labels(edge, crowded=crowded) for index, edge in enumerate(drawn.edges)}
    rooms = {name: room for name, one in labels.items() if (room := one.room)}
    placed = graph_of(drawn, place(_laid_out(graph_of(drawn, rooms=rooms)), labels))
    if format == "png":
        placed.graph_attr["dpi"] = _DOTS_PER_INCH
    return _run(placed, format)


def _laid_out(graph: graphviz.Digraph) -> dict[str, Any]:
    """Give Graphviz's layout. Teams are closer together as it ranks by default, but from some maps it cannot rank so."""
    try:
        content = _run(graph, "json0")
    except _CannotDraw:
        graph.graph_attr["newrank"] = "true"
        content = _run(graph, "json0")
    layout: dict[str, Any] = json.loads(content)
    return layout


def _run(graph: graphviz.Digraph, format: str) -> bytes:  # noqa: A002 - that is what it is
    try:
        drawn: bytes = graph.pipe(format=format, engine="dot", quiet=True)
    except graphviz.ExecutableNotFound:
        message = "pictures are drawn by Graphviz's `dot`, which is not on PATH: `make setup` gets it, or install graphviz"
        raise PictureProblem(message) from None
    except BrokenPipeError:
        message = f"`dot` ended before it had read the map: {_PARTS}"
        raise _CannotDraw(message) from None
    except graphviz.CalledProcessError as failed:
        reason = failed.stderr.decode(errors="replace").strip().partition("\n")[0]
        message = f"`dot` could not draw the map ({reason}): {_PARTS}"
        raise _CannotDraw(message) from None
    return drawn


def _labels(edge: Edge, *, crowded: bool) -> Labels:
    lines = [*legend.passing(edge, crowded=crowded), *edge.details, *edge.findings]
    return Labels(
        _size([" ".join(edge.source_marks)], _PILL_SIZE, 8) if edge.source_marks else None,
        _size([" ".join(edge.target_marks)], _PILL_SIZE, 8) if edge.target_marks else None,
        _size(lines, _LABEL_SIZE, 4) if lines else None,
    )


def _size(lines: Iterable[str], points: int, border: int) -> Size:
    listed = list(lines)
    width = max(len(line) for line in listed) * points * _WIDTH
    return (width + border, len(listed) * points * _HEIGHT + border)
