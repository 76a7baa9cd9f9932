"""The map in Mermaid, as GitHub draws it in Markdown: teams as subgraphs, patterns on the lines, upstream first.

Mermaid puts no label at the end of a line, so that each line's one label says both, and an arrow leads downstream. Inside of
labels everything but plain words is written as an entity code (`#38;`), as https://mermaid.js.org/syntax/flowchart.html says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from plat.grouping import grouped
from plat.map import legend, look
from plat.map.identity import symbol
from plat.map.model import ContextMap, Edge, EdgeKind, MapTeam, Node, NodeKind

_SHAPES: Final = {
    NodeKind.CONTEXT: ('("', '")'),
    NodeKind.DEPLOYABLE: ('[["', '"]]'),
    NodeKind.EXTERNAL: ('["', '"]'),
    NodeKind.DATASTORE: ('[("', '")]'),
    NodeKind.EVENT: ('>"', '"]'),
}
_LINES: Final = {
    ("solid", True): "-->",
    ("solid", False): "---",
    ("dashed", True): "-.->",
    ("dashed", False): "-.-",
    ("dotted", True): "-.->",
    ("dotted", False): "-.-",
}
_UNDIRECTED: Final = (EdgeKind.SYMMETRIC, EdgeKind.STORE)
_CLASSES: Final = {
    "deployable": "fill:#ffffff,stroke:#5d6d75,color:#1c262b",
    "external": "fill:#ffffff,stroke:#78868f,color:#1c262b,stroke-dasharray:4 3",
    "datastore": "fill:#dcefdc,stroke:#4f8a5b,color:#1c262b",
    "event": "fill:#fde0cb,stroke:#b5692f,color:#1c262b",
    "faded": f"fill:#ffffff,stroke:{look.PALE},color:#607d8b",
}
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ,-.:()/=+'·→")
_INDENT: Final = "  "


def render(drawn: ContextMap) -> str:
    """Give the map as a Mermaid flowchart."""
    return "\n".join(_lines(drawn)) + "\n"


def _lines(drawn: ContextMap) -> Iterator[str]:
    yield from ("---", f"title: {_title(drawn.title)}", "---", "flowchart LR")
    by_team = grouped(drawn.nodes, lambda node: node.team)
    for team in drawn.teams:
        yield from _indented(_team(team, by_team[team.name]))
    yield from _indented(map(_node, by_team.get(None, ())))
    crowded = legend.is_crowded(drawn)
    yield from _indented(_edge(edge, crowded=crowded) for edge in drawn.edges)
    yield from _indented(_legend(drawn))
    yield from _indented(_styles(drawn))


def _team(team: MapTeam, nodes: Sequence[Node]) -> Iterator[str]:
    kind = "" if team.type == "stream-aligned" else f" · {team.type}"
    yield f'subgraph {symbol(f"team:{team.name}")}["{_text(team.name + kind)}"]'
    by_host = sorted(nodes, key=lambda node: (node.host or "", node.id))
    for host, hosted in groupby(by_host, key=lambda node: node.host):
        lines = [_node(node) for node in hosted]
        yield from _indented(_framed(host, lines) if host else lines)
    yield "end"


def _framed(host: str, lines: Iterable[str]) -> Iterator[str]:
    yield f'subgraph {symbol(f"host:{host}")}["{_text(f"{host} · modular monolith")}"]'
    yield from _indented(lines)
    yield "end"


def _node(node: Node) -> str:
    opening, closing = _SHAPES[node.kind]
    role = [look.ROLES[node.role]] if node.kind is NodeKind.DEPLOYABLE and node.role else []
    small = [*role, *([node.subdomain] if node.subdomain else []), *node.details, *node.findings]
    label = "<br/>".join((f"<b>{_text(node.name)}</b>", *map(_text, small)))
    return f"{symbol(node.id)}{opening}{label}{closing}:::{_class_of(node)}"


def _edge(edge: Edge, *, crowded: bool) -> str:
    line = _LINES[legend.style_of(edge), edge.kind not in _UNDIRECTED]
    ends = " → ".join(" ".join(marks) for marks in (edge.source_marks, edge.target_marks) if marks)
    if edge.kind is EdgeKind.SYMMETRIC:
        ends = " ".join(edge.source_marks)
    words = [*([ends] if ends else []), *legend.passing(edge, crowded=crowded), *edge.details, *edge.findings]
    label = "<br/>".join(map(_text, words))
    between = f'{line}|"{label}"|' if label else line
    return f"{symbol(edge.source)} {between} {symbol(edge.target)}"


def _legend(drawn: ContextMap) -> Iterator[str]:
    signs = [f"{sign} {meaning}" for sign, meaning in legend.signs(drawn)]
    lines = [f"{style.replace('dashed', 'dotted')} line: {meaning}" for style, meaning in legend.lines(drawn)]
    red = ["red: findings of plat check"] if legend.has_findings(drawn) else []
    whole = [f"of the whole map: {', '.join(drawn.findings)}"] if drawn.findings else []
    arrow = ["arrows lead downstream"] if any(edge.kind is EdgeKind.DEPENDENCY for edge in drawn.edges) else []
    label = "<br/>".join(map(_text, [*signs, *lines, *arrow, *legend.notes(drawn), *red, *whole]))
    if label:
        yield f'legend["{label}"]:::legend'


def _styles(drawn: ContextMap) -> Iterator[str]:
    used = {_class_of(node) for node in drawn.nodes}
    for kind, (fill, border) in look.SUBDOMAIN_COLOURS.items():
        if kind in used:
            yield f"classDef {kind} fill:{fill},stroke:{border},color:#1c262b"
    yield from (f"classDef {kind} {style}" for kind, style in _CLASSES.items() if kind in used)
    frames = [symbol(f"team:{team.name}") for team in drawn.teams] + [symbol(f"host:{host}") for host in drawn.hosts]
    if frames:
        yield "classDef frame fill:#f6f8f9,stroke:#b0bec5,color:#1c262b"
        yield f"class {','.join(frames)} frame"
    yield f"classDef legend fill:none,stroke:{look.PALE},text-align:left"
    if red := [symbol(node.id) for node in drawn.nodes if node.findings]:
        yield f"classDef finding stroke:{look.RED},stroke-width:3px"
        yield f"class {','.join(red)} finding"
    if lines := [str(index) for index, edge in enumerate(drawn.edges) if edge.findings]:
        yield f"linkStyle {','.join(lines)} stroke:{look.RED},stroke-width:3px,color:{look.RED}"


def _class_of(node: Node) -> str:
    if node.faded:
        return "faded"
    return node.subdomain if node.kind is NodeKind.CONTEXT and node.subdomain else str(node.kind)


def _indented(lines: Iterable[str]) -> Iterator[str]:
    yield from (_INDENT + line for line in lines)


def _title(title: str) -> str:
    """Give a text as a string of YAML in which nothing reads as a tag, a directive or an entity."""
    written = json.dumps(" ".join(title.split()))
    return "".join(f"\\u{ord(c):04x}" if c in "<>%{}&#" else c for c in written)


def _text(text: str) -> str:
    """Escape a text; one that begins like a list of Markdown's (`1.`, `-`) would be taken for one."""
    words = " ".join(text.split())
    plain = _PLAIN if words[:1].isalpha() else _PLAIN - {".", "-", "+"}
    return "".join(c if c in plain else f"#{ord(c)};" for c in words)
