"""What a provider asks of each type of resource; everything here is plain Python and blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeVar

from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)
Place = TypeVar("Place", contravariant=True)  # noqa: PLC0105 - named for what it is: where a provider's resources are
Outputs = dict[str, Any]
"""What a resource says beyond its inputs, by name on the wire."""

Drift = dict[str, str]
"""Outputs that are not as foreseen, each with what a user shall read about it."""

Warn = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """Which resource is to be made or changed, and how to tell the user what is no error; a new one has no id yet.

    `note` tells what it is waiting for, shown until the next note. `known` are the outputs as they were last.
    """

    urn: str
    resource_id: str
    warn: Warn
    note: Warn = lambda _: None
    known: Outputs = field(default_factory=dict, repr=False)


class Resource(Protocol[Model, Place]):
    """One type of resource."""

    model: type[Model]
    secrets: ClassVar[frozenset[str]]
    """Inputs and outputs that are secret whatever the program says."""

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

    def check(self, place: Place, inputs: Model, /) -> None:
        """Raise Problem where `inputs` can be seen not to work. Changes nothing."""

    def drift(self, place: Place, inputs: Model, known: Outputs, /) -> Drift:
        """Return in which outputs what is there now differs from what `foreseen` says. Changes nothing.

        `known` are the outputs as they were last.
        """

    def create(self, place: Place, order: Order, inputs: Model, /) -> tuple[str, Outputs]:
        """Make it, or take over what is there of it; return its id and outputs. Raises Problem."""

    def update(self, place: Place, order: Order, old: Model | None, new: Model, /) -> Outputs:
        """Make it as `new` says, whatever is left of it; `old` is None where the old inputs make no sense any more."""

    def read(self, place: Place, inputs: Model, known: Outputs, warn: Warn, /) -> Outputs | None:
        """Return its outputs as they are now, None where they cannot be seen now. Changes nothing.

        `known` are the outputs as they were last.
        """

    def delete(self, place: Place, resource_id: str, inputs: Model, /) -> None:
        """Remove it; what is gone already is no error. Raises Problem."""
