"""How things on the map look in Graphviz: colours, shapes, and labels in its HTML, into which every text goes escaped.

https://graphviz.org/doc/info/shapes.html#html describes these labels.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from plat.map import legend
from plat.map.model import ContextMap, Edge, Node, NodeKind

FONT: Final = "DejaVu Sans"
INK: Final = "#37474f"
RED: Final = "#c62828"
PALE: Final = "#90a4ae"

SUBDOMAIN_COLOURS: Final = {
    "core": ("#ffe082", "#b28704"),
    "supporting": ("#cfe3fa", "#4a78b0"),
    "generic": ("#e4e7ea", "#78868f"),
}
"""Fill and border of a context by its kind of subdomain."""

ROLES: Final = {
    "backend-for-frontend": "backend for a frontend",
    "anti-corruption-layer": "anti-corruption layer",
    "modular-monolith": "modular monolith",
}


@dataclass(frozen=True, slots=True)
class Look:
    """The shape and colours of a node."""

    shape: str
    fill: str
    border: str
    style: str = "filled"
    peripheries: str = "1"


_LOOKS: Final = {
    NodeKind.DEPLOYABLE: Look("box", "#ffffff", "#5d6d75", peripheries="2"),
    NodeKind.EXTERNAL: Look("box", "#ffffff", "#78868f", "filled,dashed"),
    NodeKind.DATASTORE: Look("cylinder", "#dcefdc", "#4f8a5b"),
    NodeKind.EVENT: Look("note", "#fde0cb", "#b5692f"),
}


def look_of(node: Node) -> Look:
    """Give the look of a node: a context's follows from its subdomain."""
    return _LOOKS.get(node.kind) or Look("box", *SUBDOMAIN_COLOURS[node.subdomain or "generic"], "rounded,filled")


def node_label(node: Node) -> str:
    """Give a node's label: its name, what it is, what there is to say, the rules that it breaks."""
    small = [ROLES[node.role]] if node.kind is NodeKind.DEPLOYABLE and node.role else []
    small += [node.subdomain] if node.subdomain else []
    rows = [f"<b>{text(node.name)}</b>" if node.kind is NodeKind.CONTEXT else text(node.name)]
    rows += [f'<font point-size="9">{text(line)}</font>' for line in (*small, *node.details)]
    rows += [_red(rule) for rule in node.findings]
    return _table(rows)


def edge_label(edge: Edge, *, crowded: bool) -> str:
    """Give the label in the middle of an edge, if any: what passes over it, what there is to say, what is wrong with it."""
    lines = (*legend.passing(edge, crowded=crowded), *edge.details)
    rows = [*map(text, lines), *map(_red, edge.findings)]
    return _table(rows, 'bgcolor="white"') if rows else ""


def room(size: tuple[float, float]) -> str:
    """Give a label that shows nothing and takes as much room."""
    width, height = (round(length) for length in size)
    return f'<<table border="0" fixedsize="true" width="{width}" height="{height}"><tr><td></td></tr></table>>'


def pill(marks: Iterable[str]) -> str:
    """Give the label at the end of an edge."""
    signs = text(" ".join(marks))
    return (
        f'<<table border="1" cellborder="0" cellspacing="0" cellpadding="2" bgcolor="white" color="{PALE}">'
        f'<tr><td><font point-size="8">{signs}</font></td></tr></table>>'
    )


def frame_label(name: str, size: int, after: str = "") -> str:
    """Give the name of a frame, of a size in points, with what comes after it."""
    return f'<<font point-size="{size}"><b>{text(name)}</b> {text(after)}</font>>'


def legend_label(drawn: ContextMap) -> str:
    """Give what the colours, lines and signs on this map mean."""
    notes = [text(note) for note in legend.notes(drawn)]
    rows = [" · ".join(items) for items in (_colours(drawn), _signs(drawn), _lines(drawn), notes) if items]
    if legend.has_findings(drawn):
        about = f"; of the whole map: {', '.join(drawn.findings)}" if drawn.findings else ""
        rows.append(f'<font color="{RED}">red: findings of plat check{text(about)}</font>')
    cells = "".join(f'<tr><td align="left">{row}</td></tr>' for row in rows)
    return f'<<font point-size="9" color="{INK}"><table border="0" cellborder="0" cellspacing="1">{cells}</table></font>>'


def _colours(drawn: ContextMap) -> list[str]:
    squares = [
        (f'<font point-size="13" color="{SUBDOMAIN_COLOURS[kind][0]}">■</font>', kind) for kind in legend.subdomains(drawn)
    ]
    return [f"{square} {kind}" for square, kind in squares]


def _signs(drawn: ContextMap) -> list[str]:
    return [f"<b>{sign}</b> {meaning}" for sign, meaning in legend.signs(drawn)]


def _lines(drawn: ContextMap) -> list[str]:
    return [f"{style} line: {meaning}" for style, meaning in legend.lines(drawn)]


def text(written: str) -> str:
    """Escape a text for a label in HTML, on one line; after a backslash Graphviz looks for names of its own there too."""
    return html.escape(" ".join(written.split())).replace("\\", "&#92;&#92;")


def _table(rows: Iterable[str], more: str = "") -> str:
    inner = "".join(f"<tr><td>{row}</td></tr>" for row in rows)
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="1" {more}>{inner}</table>>'


def _red(written: str) -> str:
    return f'<font point-size="9" color="{RED}">{text(written)}</font>'
