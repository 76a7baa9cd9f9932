"""A data contract's body in the Open Data Contract Standard, version 3: its schema becomes views, its properties columns.

(https://bitol-io.github.io/open-data-contract-standard/latest/schema) What else such a file says is for people and other
tools. It is read as strictly as a descriptor.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from plat.descriptors.errors import agreements as errors
from plat.descriptors.fields import SQL_TYPE, VIEW
from plat.descriptors.files import Found, read_file
from plat.descriptors.problems import Problem
from plat.descriptors.source import Source
from plat.descriptors.tree import Mapping as Fields
from plat.descriptors.tree import Node, Scalar, Sequence, reach
from plat.descriptors.yaml import read_document
from plat.findings import Finding

VIEWS_LIMIT: Final = 100
COLUMNS_LIMIT: Final = 200
_RELATIONAL: Final = {"table", "view"}

# What a property is, where it does not say how it is stored.
_LOGICAL: Final[Mapping[str, str]] = {
    "array": "jsonb",
    "boolean": "boolean",
    "date": "date",
    "integer": "bigint",
    "map": "jsonb",
    "number": "numeric",
    "object": "jsonb",
    "string": "text",
    "time": "time",
    "timestamp": "timestamptz",
}

# Other spellings of PostgreSQL's types (https://www.postgresql.org/docs/16/datatype.html).
_SPELLINGS: Final[Mapping[str, str]] = {
    "bool": "boolean",
    "decimal": "numeric",
    "float4": "real",
    "float8": "double precision",
    "int": "integer",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "character varying": "varchar",
    "character": "char",
    "string": "text",
    "time without time zone": "time",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
}


@dataclass(frozen=True, slots=True)
class StandardView:
    """A view as the standard's file describes it, its columns with their PostgreSQL types, and where it stands."""

    name: str
    columns: Mapping[str, str]
    source: Source


@dataclass(frozen=True, slots=True)
class Standard:
    """What a file says: views that are right by themselves, and what is wrong."""

    views: tuple[StandardView, ...]
    findings: tuple[Finding, ...]


def read_standard(folder: Path, inside: str, shown: str) -> Standard:
    """Read the file `inside` the landscape's `folder`, which locations call `shown`."""
    found = Found(folder / inside, inside, shown)
    data = read_file(found)
    if isinstance(data, Finding):
        return Standard((), (data,))
    document = read_document(shown, data)
    if document.tree is None or document.findings:
        return Standard((), document.findings)
    reader = _Reader(Source.of(found, document.tree))
    views = tuple(reader.views())
    return Standard(views, tuple(reader.findings))


class _Reader:
    def __init__(self, source: Source) -> None:
        self._source = source
        self.findings: list[Finding] = []

    def views(self) -> Iterator[StandardView]:
        """Give the views, and note what is wrong."""
        version, kind = self._text("apiVersion"), self._text("kind")
        if version is None or not version.startswith("v3."):
            self._report(errors.standard_version(version or ""), "apiVersion")
        if kind != "DataContract":
            self._report(errors.standard_kind(), "kind")
        schema = self._list("schema", VIEWS_LIMIT)
        seen: set[str] = set()
        for index in range(len(schema)):
            view = self._view(f"schema[{index}]")
            if view is not None and view.name in seen:
                self._report(errors.standard_twice("view", view.name), f"schema[{index}].name")
            elif view is not None:
                seen.add(view.name)
                yield view

    def _view(self, place: str) -> StandardView | None:
        name = self._name(place)
        stored = self._text(f"{place}.physicalType")
        if stored is not None and stored.lower() not in _RELATIONAL:
            self._report(errors.standard_not_relational(stored), f"{place}.physicalType")
        columns: dict[str, str] = {}
        for index in range(len(self._list(f"{place}.properties", COLUMNS_LIMIT))):
            where = f"{place}.properties[{index}]"
            column, kind = self._name(where), self._type(where)
            if column in columns:
                self._report(errors.standard_twice("column", column), f"{where}.name")
            elif column and kind:
                columns[column] = kind
        return StandardView(name, columns, self._source.below(place)) if name and columns else None

    def _name(self, place: str) -> str:
        field = "physicalName" if self._text(f"{place}.physicalName") is not None else "name"
        name = self._text(f"{place}.{field}")
        if name is None:
            self._report(errors.standard_lacks("name"), place)
        elif len(name) > VIEW.limit or re.fullmatch(VIEW.pattern, name, re.ASCII) is None:
            self._report(errors.standard_name(name, VIEW.advice), f"{place}.{field}")
        else:
            return name
        return ""

    def _type(self, place: str) -> str:
        physical, logical = self._text(f"{place}.physicalType"), self._text(f"{place}.logicalType")
        if physical is not None:
            kind = _normal(physical)
            if len(kind) <= SQL_TYPE.limit and re.fullmatch(SQL_TYPE.pattern, kind, re.ASCII):
                return kind
            self._report(errors.standard_type(physical, SQL_TYPE.advice), f"{place}.physicalType")
        elif logical is not None:
            if logical in _LOGICAL:
                return _LOGICAL[logical]
            self._report(errors.standard_type(logical, f"write one of {', '.join(_LOGICAL)}"), f"{place}.logicalType")
        else:
            self._report(errors.standard_lacks("physicalType` or `logicalType"), place)
        return ""

    def _text(self, field: str) -> str | None:
        node = self._node(field)
        return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None

    def _list(self, field: str, limit: int) -> tuple[Node, ...]:
        node = self._node(field)
        items = node.items if isinstance(node, Sequence) else ()
        if not items or not all(isinstance(item, Fields) for item in items):
            self._report(errors.standard_list(field.rpartition(".")[2]), field)
            return ()
        if len(items) > limit:
            self._report(errors.standard_too_many(field.rpartition(".")[2], limit), field)
        return items[:limit]

    def _node(self, field: str) -> Node | None:
        below = self._source.below(field)
        return reach(below.tree, below.base)

    def _report(self, problem: Problem, field: str) -> None:
        self.findings.append(problem.at(self._source.at(field), field=field))


def _normal(written: str) -> str:
    """Give a type as PostgreSQL's manual spells it: `DECIMAL (10, 2)` -> `numeric(10,2)`."""
    text = re.sub(r"\s+", " ", written.strip().lower())
    name, bracket, rest = text.partition("(")
    name, array = name.strip().removesuffix("[]"), "[]" if not bracket and text.endswith("[]") else ""
    spelled = _SPELLINGS.get(name, name)
    return f"{spelled}{bracket}{rest.replace(' ', '')}{array}"
