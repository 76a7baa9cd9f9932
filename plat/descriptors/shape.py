"""Asking the models about themselves: which fields a place has, what a field means, where a misplaced one belongs."""

import typing
from collections.abc import Iterator, Mapping
from functools import cache

from pydantic import BaseModel

from plat.descriptors.base import Unique
from plat.descriptors.tree import Mapping as MappingNode
from plat.descriptors.tree import Node, Path, Sequence, reach

ModelType = type[BaseModel]


class Shape(typing.NamedTuple):
    """A field: its description, the model of what it holds (or of each entry), and whether its entries are named."""

    description: str
    model: ModelType | None
    is_mapping: bool
    unique: tuple[Unique, ...]


def fields_of(model: ModelType | None) -> tuple[str, ...]:
    """Give the keys that a model has in YAML, sorted; none without a model."""
    return tuple(sorted(_shapes(model))) if model else ()


def meaning_of(model: ModelType | None, key: str) -> str:
    """Give the first sentence of a field's description."""
    field = _shapes(model).get(key) if model else None
    return field.description.split(". ")[0].rstrip(".") if field else ""


def model_at(model: ModelType | None, path: Path) -> ModelType | None:
    """Give the model of what `path`, as it is written, leads to; None where it leads to something else."""
    for position, step in enumerate(path):
        if isinstance(step, int):
            continue  # an entry of a list has the list's model
        field = _shapes(model).get(step) if model else None
        if field is None:
            return None
        model = field.model
        if field.is_mapping:
            return model_at(model, path[position + 2 :]) if len(path) > position + 1 else None
    return model


def homes_of(model: ModelType | None, key: str) -> tuple[str, ...]:
    """Give the fields of `model` below which `key` would be right."""
    shapes = sorted(_shapes(model).items()) if model else []
    return tuple(name for name, field in shapes if key in fields_of(field.model))


def unique_lists(model: ModelType, tree: Node, path: Path = ()) -> Iterator[tuple[Path, Sequence, Unique]]:
    """Give every list in `tree` whose entries have to differ, with its path."""
    for key, field in _shapes(model).items():
        node = reach(tree, (key,)) if field.model or field.unique else None
        if node is None:
            continue
        if isinstance(node, Sequence):
            yield from (((*path, key), node, mark) for mark in field.unique)
        if field.model is not None and _holds_lists(field.model):
            for step, child in _children(node, as_mapping=field.is_mapping):
                yield from unique_lists(field.model, child, (*path, key, *step))


def _children(node: Node, *, as_mapping: bool) -> Iterator[tuple[Path, Node]]:
    if isinstance(node, Sequence):
        yield from (((index,), item) for index, item in enumerate(node.items))
    elif as_mapping and isinstance(node, MappingNode):
        yield from (((key,), entry.value) for key, entry in node.entries.items())
    else:
        yield (), node


@cache
def _holds_lists(model: ModelType) -> bool:
    shapes = _shapes(model).values()
    return any(field.unique or (field.model is not None and _holds_lists(field.model)) for field in shapes)


@cache
def _shapes(model: ModelType) -> Mapping[str, Shape]:
    return {
        field.alias or name: Shape(
            description=field.description or "",
            model=next(_models_in(field.annotation), None),
            is_mapping=_is_mapping(field.annotation),
            unique=tuple(mark for mark in field.metadata if isinstance(mark, Unique)),
        )
        for name, field in model.model_fields.items()
    }


def _models_in(annotation: object) -> Iterator[ModelType]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _models_in(part)


def _is_mapping(annotation: object) -> bool:
    origin = typing.get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, Mapping)
