"""A YAML document as plain values that know where they stand."""

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from plat.descriptors.problems import printable

# What tells the entries of a list apart, so that a path may say `deployables[shipping-api]`.
_IDENTIFYING = ("name", "event", "context", "datastore", "external", "type")
_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


class Position(NamedTuple):
    """A line and a column, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, a number or a truth value."""

    value: str | int | float | bool
    position: Position


@dataclass(frozen=True, slots=True)
class Refused:
    """A value that was refused already: nothing more is said about it."""

    position: Position


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple["Node", ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping, where it stands, and its value."""

    position: Position
    value: "Node"


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping with texts as keys."""

    entries: dict[str, Entry]
    position: Position


Node = Scalar | Refused | Sequence | Mapping
Path = tuple[str | int, ...]


def plain(node: Node) -> object:
    """Give the values alone: dicts, tuples (strict models take no list) and scalars; None for what was refused."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return tuple(plain(item) for item in node.items)
        case Mapping():
            return {key: plain(entry.value) for key, entry in node.entries.items()}
        case Refused():
            return None


def locate(node: Node, path: Path) -> Position:
    """Give the place of what `path` leads to, or of the nearest parent: a scalar's own place, a collection's key."""
    place = node.position
    for step in path:
        found = _step(node, step)
        if found is None:
            return place
        node, place = found
    return place


def reach(node: Node, path: Path) -> Node | None:
    """Give what `path` leads to, or None where it ends early."""
    for step in path:
        found = _step(node, step)
        if found is None:
            return None
        node, _ = found
    return node


def key_position(node: Node, path: Path) -> Position:
    """Give the place of the key at the end of `path`."""
    parent = reach(node, path[:-1])
    if isinstance(parent, Mapping) and (entry := parent.entries.get(str(path[-1]))) is not None:
        return entry.position
    return locate(node, path)


@cache
def parse_path(field: str) -> Path:
    """Read a field path: `deployables[0].image` or `deployables[shipping-api].image`."""
    steps = ((index, key) for index, key in _STEP.findall(field))
    return tuple(int(index) if index.isdecimal() else index or key for index, key in steps)


def show_path(path: Path) -> str:
    """Write a field path."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{printable(step)}" for step in path)
    return text.removeprefix(".")


def _step(node: Node, step: str | int) -> tuple[Node, Position] | None:
    match node:
        case Mapping():
            return _into_mapping(node, step)
        case Sequence():
            return _into_sequence(node, step)
        case _:
            return None


def _into_mapping(node: Mapping, step: str | int) -> tuple[Node, Position] | None:
    entry = node.entries.get(str(step))
    if entry is not None:
        value = entry.value
        return value, value.position if isinstance(value, Scalar) else entry.position
    # One mapping may stand for a list of one.
    return (node, node.position) if step == 0 or _is_called(node, step) else None


def _into_sequence(node: Sequence, step: str | int) -> tuple[Node, Position] | None:
    if isinstance(step, int):
        items: tuple[Node, ...] = node.items[step : step + 1]
    else:
        items = tuple(item for item in node.items if _is_called(item, step))
    return (items[0], items[0].position) if items else None


def _is_called(node: Node, step: str | int) -> bool:
    if isinstance(node, Scalar):
        return node.value == step
    if not isinstance(node, Mapping):
        return False
    for key in _IDENTIFYING:
        entry = node.entries.get(key)
        if entry is not None and isinstance(entry.value, Scalar) and entry.value.value == step:
            return True
    return False
