"""How parts of a plan are told: a function for each type of part, found by the type.

A part whose type has no function cannot be outlined. A test looks at every type that a plan can hold, so that whoever adds one
is reminded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch

from plat.outline.model import Line
from plat.plan.model import Plan, Server, Surface, Workload


@dataclass(frozen=True, slots=True)
class Owned:
    """A line and whose it is: a context's, a deployable's, or, where `owner` is None, the platform's."""

    owner: str | None
    line: Line


def holder(workload: Workload) -> str:
    """Whose a deployable is among those that get something: its context's where it carries one, else its own."""
    return workload.contexts[0] if len(workload.contexts) == 1 else workload.name


def address(thing: Server | Surface) -> str:
    """Where something is, and where for machines if that is somewhere else."""
    found = f"{thing.host}:{thing.port}"
    return f"{found} (for machines {thing.outside.host}:{thing.outside.port})" if thing.outside else found


@singledispatch
def tell(part: object, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - the signature of those that are registered
    """The lines of one part of `plan`. Raises TypeError where nothing tells parts of its type."""
    msg = f"nothing in plat/outline tells of a {type(part).__name__}"
    raise TypeError(msg)
