"""The map in Graphviz's language: teams as frames, subdomain kinds as colours, patterns at both ends of each relation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from itertools import groupby

import graphviz

from plat.grouping import grouped
from plat.map import legend, look
from plat.map.identity import symbol
from plat.map.model import ContextMap, Edge, EdgeKind, MapTeam, Node
from plat.map.placing import Placed

NOWHERE = Placed({}, {}, {})
_UNDIRECTED = (EdgeKind.DEPENDENCY, EdgeKind.SYMMETRIC, EdgeKind.STORE)


def render(drawn: ContextMap) -> str:
    """Give the map in Graphviz's language, for `dot` to lay out."""
    source: str = graph_of(drawn).source
    return source


def graph_of(
    drawn: ContextMap, placed: Placed = NOWHERE, rooms: Mapping[str, tuple[float, float]] | None = None
) -> graphviz.Digraph:
    """Give the map as a graph, which has its text in `source`.

    Placed, it is drawn as it is and not laid out. With `rooms`, each edge named there has so much room instead of labels.
    """
    layout = {"layout": "nop2", "outputorder": "nodesfirst", **placed.whole} if placed.nodes else {}
    graph = graphviz.Digraph(
        symbol(drawn.name),
        graph_attr={
            "label": look.legend_label(drawn),
            "labelloc": "b",
            "labeljust": "l",
            "fontname": look.FONT,
            "rankdir": "LR",
            "nodesep": "0.35",
            "ranksep": "0.5",
            "pad": "0.3",
            **layout,
        },
        node_attr={"fontname": look.FONT, "fontsize": "12", "margin": "0.14,0.07"},
        edge_attr={"fontname": look.FONT, "fontsize": "9", "fontcolor": look.INK, "arrowsize": "0.7"},
    )
    _Drawing(drawn, placed, rooms or {}).on(graph)
    return graph


def edge_name(index: int) -> str:
    """Give the name of the edge that stands at `index` on the map."""
    return f"edge{index}"


class _Drawing:
    """A map on its way onto a graph."""

    def __init__(self, drawn: ContextMap, placed: Placed, rooms: Mapping[str, tuple[float, float]]) -> None:
        self._drawn = drawn
        self._placed = placed
        self._rooms = rooms
        self._crowded = legend.is_crowded(drawn)
        self._stores = grouped((edge for edge in drawn.edges if edge.kind is EdgeKind.STORE), lambda edge: edge.source)

    def on(self, graph: graphviz.Digraph) -> None:
        """Draw everything."""
        title = look.frame_label(self._drawn.title, 18)
        with self._frame(graph, "all", title, {"peripheries": "0", "margin": "12"}) as whole:
            by_team = grouped(self._drawn.nodes, lambda node: node.team)
            for team in self._drawn.teams:
                self._team(whole, team, by_team[team.name])
            self._nodes(whole, by_team.get(None, ()))
        edges = {edge_name(index): edge for index, edge in enumerate(self._drawn.edges)}
        placed = bool(self._placed.nodes)
        for name, edge in edges.items():
            own = {} if placed else self._labels(edge, name)
            ends = (symbol(edge.source), symbol(edge.target))
            graph.edge(*ends, id=name, **_line(edge), **own, **self._placed.edges.get(name, {}))
        if placed:
            self._labels_on_top(graph, edges)

    def _team(self, graph: graphviz.Digraph, team: MapTeam, nodes: Iterable[Node]) -> None:
        kind = "" if team.type == "stream-aligned" else f" · {team.type}"
        label = look.frame_label(team.name, 11, kind)
        style = {"style": "rounded,filled", "fillcolor": "#f6f8f9", "color": "#cfd8dc", "margin": "14"}
        by_host = sorted(nodes, key=lambda node: (node.host or "", node.id))
        with self._frame(graph, f"team:{team.name}", label, style) as frame:
            for host, hosted in groupby(by_host, key=lambda node: node.host):
                if host:
                    self._host(frame, host, hosted)
                else:
                    self._nodes(frame, hosted)

    def _host(self, graph: graphviz.Digraph, host: str, nodes: Iterable[Node]) -> None:
        label = look.frame_label(host, 10, f" · {look.ROLES['modular-monolith']}")
        style = {"style": "rounded,dashed", "color": "#5d6d75", "margin": "14"}
        with self._frame(graph, f"host:{host}", label, style) as frame:
            self._nodes(frame, nodes)

    def _frame(
        self, graph: graphviz.Digraph, name: str, label: str, style: Mapping[str, str]
    ) -> AbstractContextManager[graphviz.Digraph]:
        name = f"cluster_{symbol(name)}"
        attributes = {"label": label, "labelloc": "t", "labeljust": "l", "peripheries": "1", **style}
        attributes |= self._placed.frames.get(name, {})
        frame: AbstractContextManager[graphviz.Digraph] = graph.subgraph(name=name, graph_attr=attributes)
        return frame

    def _nodes(self, graph: graphviz.Digraph, nodes: Iterable[Node]) -> None:
        for node in nodes:
            seen, name = look.look_of(node), symbol(node.id)
            graph.node(
                name,
                label=look.node_label(node),
                shape=seen.shape,
                peripheries=seen.peripheries,
                style=seen.style,
                fillcolor="#ffffff" if node.faded else seen.fill,
                color=look.RED if node.findings else look.PALE if node.faded else seen.border,
                fontcolor="#607d8b" if node.faded else "#1c262b",
                penwidth="2.4" if node.findings else "1.2",
                tooltip=_plain(node.purpose or node.name),
                **self._placed.nodes.get(name, {}),
            )
            self._beside(graph, node)

    def _beside(self, graph: graphviz.Digraph, node: Node) -> None:
        """Keep a context's datastores beside it and not in the way of what leads on from it."""
        stores = [edge.target for edge in self._stores.get(node.id, ())]
        if stores:
            with graph.subgraph(name=f"beside_{symbol(node.id)}", graph_attr={"rank": "same"}) as beside:
                for each in (node.id, *stores):
                    beside.node(symbol(each))

    def _labels_on_top(self, graph: graphviz.Digraph, edges: Mapping[str, Edge]) -> None:
        """Draw the labels of all lines once every line is drawn: on lines that nobody sees, of a node that comes last."""
        somewhere = next(iter(self._placed.nodes.values()))
        graph.node("labels", style="invis", label="", shape="point", width="0", height="0", **somewhere)
        for name, edge in edges.items():
            if labels := self._labels(edge, name):
                unseen = {"color": "transparent", "dir": "none", "id": f"{name}-labels"}
                graph.edge("labels", "labels", **unseen, **labels, **self._placed.edges[name])

    def _labels(self, edge: Edge, name: str) -> dict[str, str]:
        if name in self._rooms:
            return {"label": look.room(self._rooms[name])}
        labels = {
            "label": look.edge_label(edge, crowded=self._crowded),
            "taillabel": look.pill(edge.source_marks) if edge.source_marks else "",
            "headlabel": look.pill(edge.target_marks) if edge.target_marks else "",
        }
        return {attribute: label for attribute, label in labels.items() if label}


def _line(edge: Edge) -> dict[str, str]:
    return {
        "style": legend.style_of(edge),
        "dir": "none" if edge.kind in _UNDIRECTED else "forward",
        "color": look.RED if edge.findings else look.INK,
        "penwidth": "2.4" if edge.findings else "1.6" if edge.kind is EdgeKind.SYMMETRIC else "1.1",
        "tooltip": _plain(", ".join((*edge.calls, *edge.events)) or edge.kind),
    }


def _plain(written: str) -> str:
    """Give a text for an attribute that is no label: nothing in it is markup, a field or an escape."""
    escaped: str = graphviz.escape(" ".join(written.split()))
    return escaped
