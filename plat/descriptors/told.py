"""Pydantic's errors in the catalogue's words: nothing of its own texts reaches a user."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails

from plat.descriptors.errors import values
from plat.descriptors.models import ContextDescriptor
from plat.descriptors.problems import REFUSED, Problem, names_secret
from plat.descriptors.shape import ModelType, fields_of, homes_of, meaning_of, model_at
from plat.descriptors.suggest import nearest
from plat.descriptors.tree import Node, Path, Refused, Scalar, Sequence, reach, show_path

Context = dict[str, Any]

_QUOTED = re.compile("'([^']*)'")  # pydantic lists the allowed values in one text
_WANTED = {
    "bool": "a truth value (true or false)",
    "dict": values.MAPPING,
    "int": values.WHOLE_NUMBER,
    "mapping": values.MAPPING,
    "model": values.MAPPING,
    "string": values.TEXT,
    "tuple": values.LIST,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """What was judged: the tree as written, by which model."""

    tree: Node
    model: ModelType


def problems(judged: Judged, detail: ErrorDetails, path: Path, *, at_key: bool) -> tuple[Problem, ...]:
    """Give what one error of pydantic says about what `path`, as it is written, leads to."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == REFUSED:
        return tuple(context["problems"])
    if (owner := _owner(judged, path)) is not None:
        return (owner,)
    told = _TOLD.get(kind)
    if told is not None:
        return (told(judged, path, context),)
    wanted = next((text for name, text in _WANTED.items() if kind.startswith(name)), "another value")
    fields = fields_of(model_at(judged.model, path)) if wanted == values.MAPPING else ()
    return (values.wrong_type(values.TEXT if at_key else wanted, _quotable(judged.tree, path), fields),)


def _quotable(tree: Node, path: Path) -> Node | None:
    """Give what a message may speak of: not the value of a variable that is called like a secret."""
    node = reach(tree, path)
    hidden = node is not None and "environment" in path and names_secret(str(path[-1]))
    return Refused(node.position) if node is not None and hidden else node


def meant_by(judged: Judged, detail: ErrorDetails) -> Path | None:
    """Give the path of the field that a misspelt one was meant to be, or None where it is no misspelling."""
    if detail["type"] != "extra_forbidden":
        return None
    *parent, key = detail["loc"]
    near = nearest(str(key), fields_of(model_at(judged.model, tuple(parent))))
    return (*parent, near) if near else None


def _owner(judged: Judged, path: Path) -> Problem | None:
    """Give what is wrong with a context's owner, which is more than a field that is missing or of the wrong type."""
    if judged.model is not ContextDescriptor or path != ("team",):
        return None
    node = reach(judged.tree, path)
    items = node.items if isinstance(node, Sequence) else ()
    teams = [str(item.value) for item in items if isinstance(item, Scalar)]
    if len(teams) > 1:
        return values.two_owners(teams)
    return values.context_without_owner() if node is None or (isinstance(node, Sequence) and not items) else None


def _missing(judged: Judged, path: Path, _: Context) -> Problem:
    parent, key = path[:-1], str(path[-1])
    return values.missing_field(key, show_path(parent), meaning_of(model_at(judged.model, parent), key))


def _unknown(judged: Judged, path: Path, _: Context) -> Problem:
    parent, key = path[:-1], str(path[-1])
    known = fields_of(model_at(judged.model, parent))
    return values.unknown_field(key, known, show_path(parent), homes_of(judged.model, key))


def _not_allowed(judged: Judged, path: Path, context: Context) -> Problem:
    return values.not_one_of(reach(judged.tree, path), _QUOTED.findall(context["expected"]))


def _too_low(judged: Judged, path: Path, context: Context) -> Problem:
    return values.out_of_range(reach(judged.tree, path), f"{context['ge']} or more")


def _too_high(judged: Judged, path: Path, context: Context) -> Problem:
    return values.out_of_range(reach(judged.tree, path), f"{context['le']} or less")


def _too_few(_: Judged, path: Path, context: Context) -> Problem:
    return values.too_few(show_path(path), context["min_length"])


def _too_many(_: Judged, path: Path, context: Context) -> Problem:
    return values.too_many(show_path(path), context["max_length"])


_TOLD: dict[str, Callable[[Judged, Path, Context], Problem]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "literal_error": _not_allowed,
    "greater_than_equal": _too_low,
    "less_than_equal": _too_high,
    "too_short": _too_few,
    "too_long": _too_many,
}
