"""A machine as the place to declare things on: how it is entered, and what all that is on it says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from components.vm.declared import Declared, Inputs, Provider
from plat.kubernetes import labels
from plat.plan.model import PLATFORM, Fleet, Machine, Plan, Server, Workload

MACHINE = "machine:index"
"""What types of our own plugin begin with."""


@dataclass(frozen=True, slots=True)
class Site:
    """One machine of a plan. `entrance` are the inputs by which our own resources enter it.

    `docker` leads to its engine, by a key that `lending` lends while Pulumi runs (docs/adr/0027).

    `fenced` is what has to be there before anything runs on it.
    """

    plan: Plan
    fleet: Fleet
    machine: Machine
    entrance: Mapping[str, Any]
    lending: Provider
    docker: Provider
    fenced: tuple[Declared, ...]

    def put(  # noqa: PLR0913 - an argument for each thing that differs
        self,
        kind: str,
        resource: str,
        inputs: Inputs,
        owner: Server | Workload,
        *,
        after: Iterable[Declared] = (),
        holds_data: bool = False,
        seconds: int | None = None,
        outputs: tuple[str, ...] = (),
    ) -> Declared:
        """A resource of Docker's, of a `kind` as `container:Container`."""
        return Declared(
            type_token=f"docker:index/{kind}",
            resource=resource,
            machine=self.machine.name,
            unit=unit_of(self.plan, owner),
            inputs=inputs,
            provider=self.docker,
            after=(*self.fenced, *after),
            holds_data=holds_data,
            seconds=seconds,
            outputs=outputs,
        )

    def own(
        self, kind: str, resource: str, inputs: Inputs, owner: Server | Workload, after: Iterable[Declared] = ()
    ) -> Declared:
        """A resource of our own plugin's, on this machine."""
        return Declared(
            type_token=f"{MACHINE}:{kind}",
            resource=resource,
            machine=self.machine.name,
            unit=unit_of(self.plan, owner),
            inputs={**self.entrance, **inputs},
            provider=self.lending,
            after=(*self.fenced, *after),
        )

    def labels(self, owner: Server | Workload) -> list[dict[str, str]]:
        """The labels of whatever is part of a server or a workload, as Docker's provider takes them."""
        found = {
            labels.NAME: owner.name,
            labels.PART_OF: self.plan.landscape,
            labels.MANAGED_BY: labels.OURS,
            labels.UNIT: unit_of(self.plan, owner) or PLATFORM,
            labels.TEAM: owner.team,
            labels.CONTEXTS: ",".join(contexts_of(owner)),
        }
        return [{"label": name, "value": value} for name, value in sorted(found.items()) if value]


def contexts_of(owner: Server | Workload) -> tuple[str, ...]:
    """The contexts that something is of."""
    if isinstance(owner, Workload):
        return owner.contexts
    return () if owner.owner == PLATFORM else (owner.owner,)


def unit_of(plan: Plan, owner: Server | Workload) -> str | None:
    """The one context that something is of; None where it is of none, or of several."""
    contexts = contexts_of(owner)
    return contexts[0] if len(contexts) == 1 and contexts[0] in plan.teams else None
