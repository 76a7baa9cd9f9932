"""What somebody may want to change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from plat.findings import Location
from plat.landscape import Landscape, LinkedContext, LinkedDeployable
from plat.rules.map.uses import Use

TargetKind = Literal["context", "deployable", "event", "operation", "contract"]


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be changed: `name` as it was asked for, which `owner` (a context or deployable of its own) provides."""

    name: str
    kind: TargetKind
    owner: str
    part: str
    location: Location

    def concerns(self, use: Use) -> bool:
        """Whether `use` is a use of this very thing."""
        if use.upstream != self.owner:
            return False
        match self.kind:
            case "event" | "contract":
                return use.kind == self.kind and self.part in use.names
            case "operation":
                return use.kind == "call" and self.part in use.names
            case _:
                return True


def targets(landscape: Landscape) -> Mapping[str, Target]:
    """Everything in `landscape` whose change can be asked about, by name."""
    return {target.name: target for target in _targets(landscape)}


def _targets(landscape: Landscape) -> Iterator[Target]:
    # Of several things with one name the last one counts: a context rather than a contract, an event than an operation.
    for contract in landscape.contracts:
        yield Target(contract.name, "contract", contract.provider, contract.name, contract.location)
    for deployable in landscape.deployables:
        if deployable.standalone:
            yield Target(deployable.name, "deployable", deployable.name, "", deployable.location)
            yield from _operations(deployable)
    for context in landscape.contexts:
        yield Target(context.name, "context", context.name, "", context.location)
        yield from _operations(context)
        for event in sorted(context.publishes):
            place = context.at(f"publishes.{event}")
            yield Target(f"{context.name}.{event}", "event", context.name, event, place)


def _operations(owner: LinkedContext | LinkedDeployable) -> Iterator[Target]:
    for operation in sorted(owner.exposes):
        place = owner.at(f"exposes.{operation}")
        yield Target(f"{owner.name}.{operation}", "operation", owner.name, operation, place)
