"""What the signs of one map mean: only those that are on it, in the order in which they are explained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from plat.map.model import ContextMap, Edge, EdgeKind
from plat.map.notation import MEANINGS

_CROWD: Final = 40
_SHOWN: Final = 3
_SUBDOMAINS: Final = ("core", "supporting", "generic")


def signs(drawn: ContextMap) -> list[tuple[str, str]]:
    """Give the signs at the ends of edges, each with its meaning."""
    found = {sign for edge in drawn.edges for sign in (*edge.source_marks, *edge.target_marks)}
    return [(sign, meaning) for sign, meaning in MEANINGS.items() if sign in found]


def subdomains(drawn: ContextMap) -> list[str]:
    """Give the kinds of subdomain that its contexts have."""
    found = {node.subdomain for node in drawn.nodes}
    return [kind for kind in _SUBDOMAINS if kind in found]


def lines(drawn: ContextMap) -> list[tuple[str, str]]:
    """Give the kinds of lines, by the name of their style, each with its meaning."""
    return list(dict.fromkeys(_lines(drawn)))


def is_crowded(drawn: ContextMap) -> bool:
    """Tell whether there are too many relations for each to show the names of what passes over it."""
    return sum(bool(edge.calls or edge.events) for edge in drawn.edges) > _CROWD


def has_findings(drawn: ContextMap) -> bool:
    """Tell whether anything on it is marked."""
    marked = [node.findings for node in drawn.nodes] + [edge.findings for edge in drawn.edges]
    return bool(drawn.findings or any(marked))


def style_of(edge: Edge) -> str:
    """Name the style of an edge's line: `solid`, `dashed` or `dotted`."""
    if edge.kind is EdgeKind.DATA or edge.source_marks == ("SW",):
        return "dotted"
    only_events = edge.events and not edge.calls
    return "dashed" if only_events or edge.kind in (EdgeKind.PUBLISHES, EdgeKind.CONSUMES) else "solid"


def _lines(drawn: ContextMap) -> Iterator[tuple[str, str]]:
    kinds = {edge.kind for edge in drawn.edges}
    if any(edge.calls for edge in drawn.edges):
        yield "solid", "calls"
    if any(style_of(edge) == "dashed" for edge in drawn.edges):
        yield "dashed", "events alone"
    if EdgeKind.DATA in kinds:
        yield "dotted", "reads or writes foreign data"


def passing(edge: Edge, *, crowded: bool) -> tuple[str, ...]:
    """Give the names of what passes over an edge, as far as there is room for them on a map that is crowded or not."""
    if crowded:
        return ()
    names = (*edge.calls, *edge.events)
    return (*names[:_SHOWN], f"and {len(names) - _SHOWN} more") if len(names) > _SHOWN else names


def notes(drawn: ContextMap) -> list[str]:
    """Give what else a reader of this map has to know."""
    broker = [f"events go through {drawn.broker}"] if drawn.broker else []
    crowded = ["what passes over each line is shown in the view of a team (--team) or around a context (--around)"]
    return [*broker, *(crowded if is_crowded(drawn) else [])]
