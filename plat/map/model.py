"""The context map as nodes and edges, as every renderer and every other tool reads it; nothing here draws.

Nodes, edges, teams and hosts are sorted by what they are called, so that one landscape always gives one map.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from plat.descriptors.parts import DeployableRole, Subdomain, TeamType
from plat.findings import Location


class NodeKind(StrEnum):
    """What a node stands for."""

    CONTEXT = "context"
    DEPLOYABLE = "deployable"
    """What belongs to no context alone: a backend for a frontend, an anti-corruption layer, a monolith's own surface."""
    EXTERNAL = "external"
    DATASTORE = "datastore"
    EVENT = "event"


class EdgeKind(StrEnum):
    """What an edge stands for. All but `SYMMETRIC` lead from what is upstream to what is downstream."""

    DEPENDENCY = "dependency"
    """From the upstream to whoever calls it or reads its events."""
    SYMMETRIC = "symmetric"
    """Between two that are neither upstream nor downstream."""
    DATA = "data"
    """From whose data it is (its datastore, where that is drawn) to the foreign reader or writer."""
    STORE = "store"
    """From a context to a datastore of its own."""
    PUBLISHES = "publishes"
    """From a context to an event of its own."""
    CONSUMES = "consumes"
    """From an event to its consumer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A thing on the map.

    `id` is unique on it (`context:sales`), `name` is what people read, `details` are short lines below it. `team` owns it
    and `host` is the modular monolith that it runs in, each None where there is none. `findings` are the ids of rules
    that say something about it. `faded` marks what a view shows only because something else touches it.
    """

    id: str
    kind: NodeKind
    name: str
    details: tuple[str, ...] = ()
    team: str | None = None
    host: str | None = None
    subdomain: Subdomain | None = None
    role: DeployableRole | None = None
    purpose: str | None = None
    findings: tuple[str, ...] = ()
    faded: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Give the node as plain values for JSON, every key always there."""
        return {
            "id": self.id,
            "kind": str(self.kind),
            "name": self.name,
            "details": list(self.details),
            "team": self.team,
            "host": self.host,
            "subdomain": self.subdomain,
            "role": self.role,
            "purpose": self.purpose,
            "findings": list(self.findings),
            "faded": self.faded,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A relation on the map between two nodes, named by their ids.

    `source_marks` and `target_marks` are the patterns at its ends in the field's notation (`U`, `OHS`, `PL`, `S`; `D`, `CF`,
    `ACL`, `C`; `P`, `SK`, `SW`). `calls` and `events` are what passes over it, `details` what else there is to say.
    `locations` are the lines of descriptors that declare it.
    """

    kind: EdgeKind
    source: str
    target: str
    source_marks: tuple[str, ...] = ()
    target_marks: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    locations: tuple[Location, ...] = field(default=(), compare=False, repr=False)

    def joins(self, *nodes: str) -> bool:
        """Tell whether both of its ends are among `nodes`."""
        return self.source in nodes and self.target in nodes

    def touches(self, node: str) -> bool:
        """Tell whether it begins or ends at `node`."""
        return node in (self.source, self.target)

    def to_dict(self) -> dict[str, Any]:
        """Give the edge as plain values for JSON, every key always there."""
        return {
            "kind": str(self.kind),
            "source": self.source,
            "target": self.target,
            "source_marks": list(self.source_marks),
            "target_marks": list(self.target_marks),
            "calls": list(self.calls),
            "events": list(self.events),
            "details": list(self.details),
            "findings": list(self.findings),
            "locations": [location.to_dict() for location in self.locations],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MapTeam:
    """A team that owns something on the map."""

    name: str
    type: TeamType


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextMap:
    """A context map, whole or a view of it.

    `hosts` are the modular monoliths, whose contexts are drawn within one frame. `broker` says what carries the events,
    and whose it is, where events are drawn. `findings` are the ids of rules that say
    something about the landscape as a whole.
    """

    name: str
    title: str
    teams: tuple[MapTeam, ...]
    hosts: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    broker: str | None = None
    findings: tuple[str, ...] = ()

    def node(self, node_id: str) -> Node:
        """Give the node of that id. Raises KeyError where there is none."""
        for node in self.nodes:
            if node.id == node_id:
                return node
        raise KeyError(node_id)

    def to_dict(self) -> dict[str, Any]:
        """Give the map as plain values for JSON."""
        return {
            "version": 1,
            "landscape": self.name,
            "title": self.title,
            "teams": [{"name": team.name, "type": team.type} for team in self.teams],
            "hosts": list(self.hosts),
            "nodes": [node.to_dict() for node in self.nodes],
            "edges": [edge.to_dict() for edge in self.edges],
            "broker": self.broker,
            "findings": list(self.findings),
        }
