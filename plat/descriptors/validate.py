"""From a tree to a model: what is wrong in a descriptor's fields, at the very key or value."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from plat.descriptors import told
from plat.descriptors.errors import reading, values
from plat.descriptors.models import KINDS, Descriptor
from plat.descriptors.problems import Problem, printable
from plat.descriptors.shape import ModelType, unique_lists
from plat.descriptors.source import Source
from plat.descriptors.tree import (
    Mapping,
    Node,
    Path,
    Refused,
    Scalar,
    Sequence,
    key_position,
    locate,
    parse_path,
    plain,
    reach,
    show_path,
)
from plat.findings import Finding, Location

FINDING_LIMIT: Final = 50
_KEY = "[key]"  # how pydantic marks that a mapping's key is meant, not its value


def name_of(tree: Node) -> str:
    """Give the name that a descriptor says it has, or nothing."""
    node = reach(tree, ("name",))
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else ""


def validate(source: Source) -> tuple[Descriptor | None, tuple[Finding, ...]]:
    """Give the model of a descriptor, or None with everything that is wrong in its fields."""
    kind = _kind(source.tree)
    if isinstance(kind, Problem):
        return None, (_place(source, kind, ("kind",), at_key=False),)
    model = KINDS[kind]
    repeated = tuple(islice(_repeated(source, model), FINDING_LIMIT))
    try:
        descriptor = model.model_validate(plain(source.tree), by_alias=True, by_name=False)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        judged = told.Judged(source.tree, model)
        shown = details[:FINDING_LIMIT]
        found = [finding for detail in _telling(shown, judged) for finding in _findings(source, judged, detail)]
        if len(details) > FINDING_LIMIT:
            found.append(_place(source, reading.more(FINDING_LIMIT), (), at_key=False))
        return None, (*repeated, *found)
    return (None if repeated else descriptor), repeated


def _repeated(source: Source, model: ModelType) -> Iterator[Finding]:
    for path, items, mark in unique_lists(model, source.tree):
        first: dict[object, Path] = {}
        for index, item in enumerate(items.items):
            blamed = (*path, index, *((mark.key,) if mark.key else ()))
            node = reach(item, blamed[len(path) + 1 :])
            if not isinstance(node, Scalar):
                continue
            before = first.setdefault(node.value, blamed)
            if before is not blamed:
                related = Location(source.file, *locate(source.tree, before))
                problem = values.repeated(mark.noun, str(node.value))
                yield _place(source, problem, blamed, at_key=False, related=(related,))


def _telling(details: list[ErrorDetails], judged: told.Judged) -> Iterator[ErrorDetails]:
    """Leave out what only follows from another error: a field missing because it is misspelt, a list all of bad entries."""
    misspelt = {meant for detail in details if (meant := told.meant_by(judged, detail)) is not None}
    for detail in details:
        node = reach(judged.tree, detail["loc"])
        follows = detail["type"] == "missing" and detail["loc"] in misspelt
        if not follows and not (detail["type"] == "too_short" and _is_long_enough(node, detail)):
            yield detail


def _is_long_enough(node: Node | None, detail: ErrorDetails) -> bool:
    """Tell whether a list is only short of entries because those that it has are wrong."""
    return isinstance(node, Sequence) and len(node.items) >= detail["ctx"]["min_length"]


def _kind(tree: Node) -> str | Problem:
    node = reach(tree, ("kind",))
    if node is None:
        return values.no_kind(sorted(KINDS), is_descriptor=reach(tree, ("apiVersion",)) is not None)
    if isinstance(node, Scalar) and isinstance(node.value, str) and node.value in KINDS:
        return node.value
    return values.not_one_of(node, sorted(KINDS))


def _findings(source: Source, judged: told.Judged, detail: ErrorDetails) -> Iterator[Finding]:
    path, at_key = _as_written(source.tree, detail["loc"])
    if _was_refused(source.tree, path):
        return  # the reader has spoken already
    for problem in told.problems(judged, detail, path, at_key=at_key):
        blamed, _ = _as_written(source.tree, (*path, *parse_path(problem.field)))
        yield _place(source, problem, blamed, at_key=at_key or detail["type"] == "extra_forbidden")


def _place(source: Source, problem: Problem, path: Path, *, at_key: bool, related: tuple[Location, ...] = ()) -> Finding:
    position = key_position(source.tree, path) if at_key else locate(source.tree, path)
    subject = printable(name_of(source.tree))
    return problem.at(Location(source.file, *position), field=show_path(path), subject=subject, related=related)


def _as_written(tree: Node, loc: tuple[Any, ...]) -> tuple[Path, bool]:
    """Give pydantic's path as it is written: one mapping may stand for a list of one, and a key has no step of its own."""
    at_key = bool(loc) and loc[-1] == _KEY
    path: list[str | int] = []
    for step in loc[:-1] if at_key else loc:
        if not (isinstance(step, int) and isinstance(reach(tree, tuple(path)), Mapping | Scalar)):
            path.append(step)
    return tuple(path), at_key


def _was_refused(tree: Node, path: Path) -> bool:
    return any(isinstance(reach(tree, path[:end]), Refused) for end in range(len(path) + 1))
