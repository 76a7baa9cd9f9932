"""Asking the models about themselves: which fields a place has, what a field means, where a misplaced one belongs."""

import typing
from collections.abc import Iterator, Mapping
from functools import cache

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from plat.descriptors.base import Unique
from plat.descriptors.tree import Mapping as MappingNode
from plat.descriptors.tree import Node, Path, Sequence, reach

ModelType = type[BaseModel]


def fields_of(model: ModelType | None) -> tuple[str, ...]:
    """Give the keys that a model has in YAML, sorted; none without a model."""
    return tuple(sorted(_by_key(model))) if model else ()


def meaning_of(model: ModelType | None, key: str) -> str:
    """Give the first sentence of a field's description."""
    field = _by_key(model).get(key) if model else None
    return (field.description or "").split(". ")[0].rstrip(".") if field else ""


def model_at(model: ModelType | None, path: Path) -> ModelType | None:
    """Give the model of what `path`, as it is written, leads to; None where it leads to something else."""
    for position, step in enumerate(path):
        if isinstance(step, int):
            continue  # an entry of a list has the list's model
        field = _by_key(model).get(step) if model else None
        if field is None:
            return None
        model = _model_in(field.annotation)
        if _is_mapping(field.annotation):
            return model_at(model, path[position + 2 :]) if len(path) > position + 1 else None
    return model


def unique_lists(model: ModelType, tree: Node, path: Path = ()) -> Iterator[tuple[Path, Sequence, Unique]]:
    """Give every list in `tree` whose entries have to differ, with its path."""
    for key, field in _by_key(model).items():
        node = reach(tree, (key,))
        inner = _model_in(field.annotation)
        if isinstance(node, Sequence):
            yield from (((*path, key), node, mark) for mark in field.metadata if isinstance(mark, Unique))
        if inner is not None and node is not None:
            for step, child in _children(node, as_mapping=_is_mapping(field.annotation)):
                yield from unique_lists(inner, child, (*path, key, *step))


def _children(node: Node, *, as_mapping: bool) -> Iterator[tuple[Path, Node]]:
    if isinstance(node, Sequence):
        yield from (((index,), item) for index, item in enumerate(node.items))
    elif as_mapping and isinstance(node, MappingNode):
        yield from (((key,), entry.value) for key, entry in node.entries.items())
    else:
        yield (), node


def homes_of(model: ModelType | None, key: str) -> tuple[str, ...]:
    """Give the fields of `model` below which `key` would be right."""
    return (
        tuple(name for name, field in sorted(_by_key(model).items()) if key in fields_of(_model_in(field.annotation)))
        if model
        else ()
    )


@cache
def _by_key(model: ModelType) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model_in(annotation: object) -> ModelType | None:
    return next(_models_in(annotation), None)


def _models_in(annotation: object) -> Iterator[ModelType]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _models_in(part)


def _is_mapping(annotation: object) -> bool:
    origin = typing.get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, Mapping)
