"""Reading YAML: one pass over the parser's events, refusing what is dangerous before anything is built from it.

The parser is libyaml; its events come one by one, so that nesting stops at a cap long before the parser feels it (its own
composer overflows the stack, and the event stream takes seconds for 64 kB of brackets). Anchors, aliases, merge keys and
tags are refused, so that what is built is never larger than the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import yaml

from plat.descriptors import scalars
from plat.descriptors.errors import reading
from plat.descriptors.problems import Problem, holds_credentials
from plat.descriptors.text import FORBIDDEN, NotText, decode
from plat.descriptors.tree import Entry, Mapping, Node, Position, Refused, Scalar, Sequence, show_path
from plat.findings import Finding, Location

DEPTH_LIMIT: Final = 20
FINDING_LIMIT: Final = 50


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds: its tree, None where nothing could be built, and what was refused in it."""

    tree: Mapping | None
    findings: tuple[Finding, ...]


def read_document(file: str, data: bytes) -> Document:
    """Read one descriptor's bytes; `file` is how locations call it. Never raises for what the bytes are."""
    try:
        text = decode(data)
    except NotText as error:
        return Document(None, (error.problem.at(Location(file, *error.position)),))
    return _Reader(file, text).read()


class _StopReading(Exception):  # noqa: N818 - control flow of this module, never seen outside
    """The rest of the file cannot be read."""


class _Reader:
    """Builds one file's tree and collects what is refused in it."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._findings: list[Finding] = []
        self._path: list[str | int] = []

    def read(self) -> Document:
        tree: Node | None = None
        try:
            tree = self._document()
        except yaml.MarkedYAMLError as error:
            self._findings.append(self._syntax(error))
        except (yaml.YAMLError, UnicodeError):
            self._findings.append(reading.syntax("it cannot be parsed").at(Location(self._file)))
        except _StopReading:
            pass
        return Document(tree if isinstance(tree, Mapping) else None, tuple(self._findings))

    def _syntax(self, error: yaml.MarkedYAMLError) -> Finding:
        problem = error.problem or "it breaks off"
        # What is left open is mended where it was opened, not where the parser noticed.
        mark = (problem in reading.LEFT_OPEN and error.context_mark) or error.problem_mark or error.context_mark
        place = Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)
        return reading.syntax(problem).at(Location(self._file, *place), field=show_path(tuple(self._path)))

    def _document(self) -> Node:
        next(self._events)  # the stream's start
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            self._stop(reading.empty_file(), Position(1, 1))
        if start.version or start.tags:
            self._stop(reading.directive(), _place(start))
        first = next(self._events)
        if not isinstance(first, yaml.MappingStartEvent):
            self._stop(reading.not_a_mapping(), _place(first))
        tree = self._node(first)
        next(self._events)  # the document's end
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._report(reading.second_document(), _place(after))
        return tree

    def _node(self, event: Any) -> Node:  # noqa: ANN401 - PyYAML's events have no types
        place = _place(event)
        if isinstance(event, yaml.AliasEvent):
            self._report(reading.alias(str(event.anchor)), place)
            return Refused(place)
        refused = self._refuse_extras(event, place)
        if isinstance(event, yaml.ScalarEvent):
            return Refused(place) if refused else self._scalar(event, place)
        if len(self._path) >= DEPTH_LIMIT:
            self._stop(reading.too_deep(DEPTH_LIMIT), place)
        node = self._mapping(place) if isinstance(event, yaml.MappingStartEvent) else self._sequence(place)
        return Refused(place) if refused else node

    def _refuse_extras(self, event: Any, place: Position) -> bool:  # noqa: ANN401 - as above
        if event.anchor is not None:
            self._report(reading.anchor(event.anchor), place)
        if event.tag is not None:
            self._report(reading.tag(event.tag), place)
        return event.tag is not None

    def _sequence(self, place: Position) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            self._path.append(len(items))
            items.append(self._node(event))
            self._path.pop()
        return Sequence(tuple(items), place)

    def _mapping(self, place: Position) -> Node:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key_place = _place(event)
            key = self._key(event, key_place)
            self._path.append(key)
            value = self._node(next(self._events))
            if key in entries:
                first = entries[key].position
                self._report(reading.duplicate_key(key, first.line), key_place, related=first)
            else:
                entries[key] = Entry(key_place, value)
            self._path.pop()
        return Mapping(entries, place)

    def _key(self, event: Any, place: Position) -> str:  # noqa: ANN401 - as above
        if isinstance(event, yaml.AliasEvent):
            self._report(reading.alias(str(event.anchor)), place)
            return f"*{event.anchor}"
        if not isinstance(event, yaml.ScalarEvent):
            self._stop(reading.complex_key(), place)
        self._refuse_extras(event, place)
        key = str(event.value)
        meaning = scalars.resolve(key) if event.implicit[0] else key
        if key == "<<" and event.implicit[0]:
            self._report(reading.merge_key(), place)
        elif isinstance(meaning, Problem):
            self._report(meaning, place)
        elif not isinstance(meaning, str):
            self._report(reading.key_not_text(key), place)
        self._refuse_text(key, place)
        return key

    def _scalar(self, event: Any, place: Position) -> Node:  # noqa: ANN401 - as above
        text = str(event.value)
        if self._refuse_text(text, place):
            return Refused(place)
        meaning = scalars.resolve(text) if event.implicit[0] else text
        if meaning is None:
            self._report(reading.empty_value(), place)
        elif isinstance(meaning, Problem):
            self._report(meaning, place)
        else:
            return Scalar(meaning, place)
        return Refused(place)

    def _refuse_text(self, text: str, place: Position) -> bool:
        hidden = FORBIDDEN.search(text)  # escapes in double quotes can write what the file's bytes do not hold
        if hidden:
            self._report(reading.forbidden_character(hidden.group()), place)
        if holds_credentials(text):
            self._report(reading.credentials(), place)
            return True
        return hidden is not None

    def _report(self, problem: Problem, place: Position, *, related: Position | None = None) -> None:
        if len(self._findings) >= FINDING_LIMIT:
            self._stop(reading.more(FINDING_LIMIT), place)
        others = (Location(self._file, *related),) if related else ()
        field = show_path(tuple(self._path))
        self._findings.append(problem.at(Location(self._file, *place), field=field, related=others))

    def _stop(self, problem: Problem, place: Position) -> NoReturn:
        self._findings.append(problem.at(Location(self._file, *place), field=show_path(tuple(self._path))))
        raise _StopReading


def _place(event: Any) -> Position:  # noqa: ANN401 - as above
    return Position(event.start_mark.line + 1, event.start_mark.column + 1)
