"""Findings on the map: each marks what it is about, or the whole map where it is about nothing that stands on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import PurePosixPath

from plat.findings import Finding, Location
from plat.map.model import ContextMap, Edge, EdgeKind, Node, NodeKind

_PARTIES = (NodeKind.CONTEXT, NodeKind.DEPLOYABLE, NodeKind.EXTERNAL)
_Line = tuple[str, int]
_Declared = tuple[int, int]  # the column of what a line declares, and the index of the edge that it makes


def marked(drawn: ContextMap, findings: Iterable[Finding]) -> ContextMap:
    """Give the map with everything marked that a finding is about.

    An edge is meant by the line that declares it, and by a subject that names both of its ends (`a / b`); a node by a
    subject that names it, and by the file that is its descriptor where nothing nearer is meant.
    """
    marks = _Marks(drawn)
    for finding in findings:
        marks.take(finding)
    return replace(
        drawn,
        nodes=tuple(replace(node, findings=_sorted(marks.nodes[node.id])) for node in drawn.nodes),
        edges=tuple(replace(edge, findings=_sorted(marks.edges[index])) for index, edge in enumerate(drawn.edges)),
        findings=_sorted(marks.whole),
    )


class _Marks:
    """Which rules are broken where, by node id, by the index of the edge, and by the whole."""

    def __init__(self, drawn: ContextMap) -> None:
        self.nodes: dict[str, set[str]] = defaultdict(set)
        self.edges: dict[int, set[str]] = defaultdict(set)
        self.whole: set[str] = set()
        self._edges = drawn.edges
        self._named = _by_name(drawn.nodes)
        self._by_line = _by_line(drawn.edges)

    def take(self, finding: Finding) -> None:
        """Mark what a finding is about."""
        meant = {node for name in finding.subject.split(" / ") for node in self._named.get(name.strip(), ())}
        edges = self._declared_by(finding) or self._among(meant)
        for index in edges:
            self.edges[index].add(finding.rule)
        nodes = meant or (set() if edges else self._described_by(finding))
        if len(nodes) == 1 or not edges:  # a relation that is marked speaks for both of its ends
            for node in nodes:
                self.nodes[node].add(finding.rule)
        if not nodes and not edges:
            self.whole.add(finding.rule)

    def _declared_by(self, finding: Finding) -> set[int]:
        places = [place for place in (finding.location, *finding.related) if place]
        return {index for place in places for index in _at(place, self._by_line.get((place.file, place.line), ()))}

    def _among(self, nodes: set[str]) -> set[int]:
        pairs = {frozenset(pair) for pair in combinations(nodes, 2)}
        found = {index for index, edge in enumerate(self._edges) if frozenset((edge.source, edge.target)) in pairs}
        return {index for index in found if self._edges[index].kind is not EdgeKind.STORE}

    def _described_by(self, finding: Finding) -> set[str]:
        stem = PurePosixPath(finding.location.file).stem if finding.location else ""
        return set(self._named.get(stem, ()))


def _by_name(nodes: Iterable[Node]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for node in nodes:
        if node.kind in _PARTIES:
            found[node.name].append(node.id)
    return found


def _at(place: Location, declared: Iterable[_Declared]) -> set[int]:
    """Give the edges of what stands at a place, the last that begins before it where a line declares several."""
    before = [entry for entry in declared if entry[0] <= place.column]
    nearest = max((column for column, _ in before), default=0)
    return {index for column, index in before if column == nearest}


def _by_line(edges: Iterable[Edge]) -> Mapping[_Line, list[_Declared]]:
    found: dict[_Line, list[_Declared]] = defaultdict(list)
    for index, edge in enumerate(edges):
        for place in edge.locations:
            found[place.file, place.line].append((place.column, index))
    return found


def _sorted(rules: set[str]) -> tuple[str, ...]:
    return tuple(sorted(rules))
