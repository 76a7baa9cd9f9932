"""Landscapes that hypothesis makes up: sound ones, small enough to be read when one of them fails a property."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple

from hypothesis import strategies as st

from plat.environment import Environment, Ports, Targets
from plat.landscape import Landscape
from plat.plan.build import build
from plat.plan.model import Plan
from plat.project import Checked, Project

NAMES = ("accounts", "billing", "catalog", "delivery", "events", "files")
FRONT = "storefront"
HOST = "monolith"
VERBS = ("Ask", "Tell")
EVENTS = ("Done", "Begun")
_STORES = ((), ("postgresql",), ("postgresql", "redis"), ("redis",))
ENVIRONMENT = Environment(
    apiVersion="plat/v1", kind="Environment", name="test", targets=Targets(kubernetes="local", vm="local"), ports=Ports()
)


class Relation(NamedTuple):
    """That `downstream` calls one operation of `upstream`, or consumes one event of it."""

    kind: Literal["call", "event"]
    downstream: str
    upstream: str
    name: str


@dataclass(frozen=True)
class Context:
    """One context: its stores, how its first one is kept apart, what it offers, whether the monolith hosts it."""

    name: str
    stores: tuple[str, ...] = ()
    isolation: str = "instance"
    operations: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    hosted: bool = False

    @property
    def team(self) -> str:
        """Its team: the monolith's, or one of its own."""
        return f"{HOST}-team" if self.hosted else f"{self.name}-team"


@dataclass(frozen=True)
class Shape:
    """A landscape: contexts, relations between them, contexts that go separate ways, a broker."""

    contexts: tuple[Context, ...]
    relations: frozenset[Relation] = frozenset()
    apart: frozenset[tuple[str, str]] = frozenset()
    broker: str = "rabbitmq"
    front: bool = False

    def without(self, relation: Relation) -> Shape:
        """The same without one relation."""
        return dataclasses.replace(self, relations=self.relations - {relation})

    def descriptors(self) -> dict[str, dict[str, Any]]:
        """Every descriptor as plain values, by what its file is called."""
        found = {"landscape": self._landscape()} | {context.name: self._context(context) for context in self.contexts}
        hosted = [context.name for context in self.contexts if context.hosted]
        if hosted:
            found[HOST] = _deployable(HOST, f"{HOST}-team") | {"hosts": hosted}
        if self.front:
            found[FRONT] = _deployable(FRONT, f"{FRONT}-team") | {"upstreams": self._upstreams(FRONT)}
        return found

    def _landscape(self) -> dict[str, Any]:
        owners = {context.team for context in self.contexts} | {f"{FRONT}-team", "platform-team"}
        apart = [{"between": [*ends], "pattern": "separate-ways"} for ends in sorted(self.apart)]
        named = {"apiVersion": "plat/v1", "kind": "Landscape", "name": "shop", "platform-team": "platform-team"}
        broker = {"type": self.broker}
        return named | {"teams": [{"name": name} for name in sorted(owners)], "broker": broker, "relations": apart}

    def _context(self, context: Context) -> dict[str, Any]:
        own = {"name": context.name, "image": f"registry.example/{context.name}", "command": ["run"], "port": 8080}
        isolations = {"postgresql": context.isolation, "redis": "instance"}
        found: dict[str, Any] = {
            "apiVersion": "plat/v1",
            "kind": "Context",
            "name": context.name,
            "team": context.team,
            "subdomain": "supporting",
            "purpose": "Does its part.",
            "datastore": [{"type": kind, "isolation": isolations[kind]} for kind in context.stores],
            "exposes": {name: {} for name in context.operations},
            "publishes": {name: {} for name in context.events} | {name: {"status": "retired"} for name in context.retired},
            "consumes": [{"event": f"{one.upstream}.{one.name}"} for one in self._of("event", context.name)],
            "upstreams": self._upstreams(context.name),
        }
        return found if context.hosted else found | {"deployables": [own]}

    def _upstreams(self, downstream: str) -> list[dict[str, Any]]:
        uses: dict[str, list[str]] = {}
        for relation in self._of("call", downstream):
            uses.setdefault(relation.upstream, []).append(relation.name)
        return [{"context": upstream, "uses": names} for upstream, names in uses.items()]

    def _of(self, kind: str, downstream: str) -> Iterator[Relation]:
        return (one for one in sorted(self.relations) if (one.kind, one.downstream) == (kind, downstream))


def _deployable(name: str, team: str) -> dict[str, Any]:
    said = {"apiVersion": "plat/v1", "kind": "Deployable", "name": name, "team": team, "purpose": "Does its part."}
    return said | {"image": f"registry.example/{name}", "command": ["run"], "port": 8080}


def possible(contexts: tuple[Context, ...], *, front: bool) -> list[Relation]:
    """Every relation that there could be: calls lead to what comes earlier by name, so that none lead in a circle."""
    found = [
        Relation("event", one.name, other.name, event)
        for one in contexts
        for other in contexts
        if one != other
        for event in other.events
    ]
    found += [
        Relation("call", one.name, other.name, name) for other, one in combinations(contexts, 2) for name in other.operations
    ]
    if front:
        found += [Relation("call", FRONT, other.name, name) for other in contexts for name in other.operations]
    return found


_ALL = tuple(
    Context(
        name=name,
        stores=("postgresql", "redis"),
        operations=tuple(f"{verb}{name.capitalize()}" for verb in VERBS),
        events=EVENTS,
        retired=("Gone",),
        hosted=name in NAMES[:2],
    )
    for name in NAMES
)
FULL = Shape(_ALL, frozenset(possible(_ALL, front=True)), front=True)
"""Everything at once, each related to each."""


@st.composite
def contexts(draw: st.DrawFn, name: str) -> Context:
    """A context of that name."""
    hosted = draw(st.booleans())
    events = draw(st.sets(st.sampled_from(EVENTS)))
    return Context(
        name=name,
        stores=draw(st.sampled_from(_STORES)),
        isolation=draw(st.sampled_from(["instance", "database", *(["schema"] if hosted else [])])),
        # One deployable may serve several contexts, whose operations it must be able to tell apart.
        operations=tuple(f"{verb}{name.capitalize()}" for verb in sorted(draw(st.sets(st.sampled_from(VERBS))))),
        events=tuple(sorted(events)),
        retired=draw(st.sampled_from([(), ("Gone",)])),
        hosted=hosted,
    )


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    """A sound landscape of one to six contexts."""
    names = sorted(draw(st.sets(st.sampled_from(NAMES), min_size=draw(st.integers(1, len(NAMES))))))
    found = tuple(draw(contexts(name)) for name in names)
    front = draw(st.booleans())
    choice = possible(found, front=front)
    fewest = draw(st.integers(0, min(8, len(choice))))
    relations = frozenset(draw(st.sets(st.sampled_from(choice), min_size=fewest))) if choice else frozenset()
    related = {frozenset((one.downstream, one.upstream)) for one in relations}
    strangers = [ends for ends in combinations(names, 2) if frozenset(ends) not in related]
    apart = frozenset(draw(st.sets(st.sampled_from(strangers)))) if strangers else frozenset()
    front = any(one.downstream == FRONT for one in relations)
    return Shape(found, relations, apart, draw(st.sampled_from(["rabbitmq", "kafka"])), front)


def write(folder: Path, descriptors: Mapping[str, Any], files: Mapping[str, str] | None = None) -> Path:
    """Write descriptors, as JSON, which is YAML too; `files` says for some of them what their file is called."""
    landscape = folder / "contexts" / "shop"
    landscape.mkdir(parents=True)
    for name, descriptor in descriptors.items():
        (landscape / f"{(files or {}).get(name, name)}.yaml").write_text(json.dumps(descriptor, indent=1))
    return folder


def checked(descriptors: Mapping[str, Any], files: Mapping[str, str] | None = None) -> Checked:
    """What `plat check` says of these descriptors."""
    with TemporaryDirectory() as folder:
        return Project(write(Path(folder), descriptors, files)).check("shop")


def linked(shape: Shape) -> Landscape:
    """The landscape of a shape, which must be sound."""
    found = checked(shape.descriptors())
    assert found.landscape is not None, found.findings
    assert not found.refused, [finding.render() for finding in found.findings]
    return found.landscape


def planned(shape: Shape) -> Plan:
    """The plan of a shape, which must be sound."""
    return build(linked(shape), ENVIRONMENT)
