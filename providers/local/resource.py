"""What the provider asks of each type of resource; everything here is plain Python and blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar

from pydantic import BaseModel

from providers.local import spec
from providers.local.errors import LocalProblem
from providers.local.machine import Machine, Warn

Model = TypeVar("Model", bound=BaseModel)
Outputs = dict[str, Any]
"""What a resource says beyond its inputs, by name on the wire."""


Drift = dict[str, str]
"""Outputs that are not as foreseen, each with what a user shall read about it."""


@dataclass(frozen=True, slots=True)
class Order:
    """Which resource is to be made or changed, and how to tell the user what is no error; a new one has no id yet."""

    urn: str
    resource_id: str
    warn: Warn


class Resource(Protocol[Model]):
    """One type of resource."""

    model: type[Model]
    secrets: ClassVar[frozenset[str]]
    """Inputs that are secret whatever the program says."""

    fixed: ClassVar[Mapping[str, str]]
    """Inputs that cannot change, each with the safe way to what a change of it would be meant to do."""

    replacing: ClassVar[frozenset[str]]
    """Inputs whose change makes a new resource and deletes the old one."""

    foreseen: ClassVar[Outputs]
    """The outputs after any successful create or update, as far as they are known before.

    They are put among the inputs, so that Pulumi shows what is and what will be.
    """

    noted: ClassVar[frozenset[str]]
    """Outputs that a read may find and that no update changes. Pulumi shows in a refresh only what differs from inputs,
    so what was found is kept among these, and shown once."""

    def check(self, machine: Machine, inputs: Model) -> None:
        """Raise LocalProblem where `inputs` can be seen not to work. Changes nothing."""

    def drift(self, machine: Machine, inputs: Model, known: Outputs) -> Drift:
        """Return in which outputs the machine now differs from what `foreseen` says. Changes nothing.

        `known` are the outputs as they were last.
        """

    def create(self, machine: Machine, order: Order, inputs: Model) -> tuple[str, Outputs]:
        """Make it, or take over what is there of it; return its id and outputs. Raises LocalProblem."""

    def update(self, machine: Machine, order: Order, old: Model | None, new: Model) -> Outputs:
        """Make it as `new` says, whatever is left of it; `old` is None where the old inputs make no sense any more."""

    def read(self, machine: Machine, inputs: Model, known: Outputs, warn: Warn) -> Outputs | None:
        """Return its outputs as they are now, None where they cannot be seen now. Changes nothing.

        `known` are the outputs as they were last.
        """

    def delete(self, machine: Machine, resource_id: str, inputs: Model) -> None:
        """Remove it; what is gone already is no error. Raises LocalProblem."""


def with_restart(found: Outputs, known: Outputs) -> Outputs:
    """Return `found` with `restartedAt` if something that was `known` to run has ended since and was started again."""
    again = found["running"] and known.get("startedAt") and known["startedAt"] != found["startedAt"]
    return {**found, "restartedAt": found["startedAt"]} if again else found


@contextmanager
def forgotten_if_it_fails(machine: Machine, name: str) -> Iterator[None]:
    """Stop and forget the programs of `name` when the making of it fails: Pulumi will not know of them. Data stays."""
    try:
        yield
    except LocalProblem:
        mine = [item.name for item in reversed(spec.load_all(machine.paths.specs)) if item.owner == name]
        machine.supervisor.unregister(mine)
        raise
