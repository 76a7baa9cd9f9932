"""A whole landscape in one stack, on the target that its plan is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pulumi

from plat.plan.model import Plan


class ProvisionedLandscape(Protocol):
    """Everything that a plan says."""

    @property
    def secrets(self) -> pulumi.Output[Mapping[str, str]]:
        """Every generated secret by name, as one secret value: for `plat exec` and `plat verify`."""


def provision(plan: Plan) -> ProvisionedLandscape:
    """Registers everything that `plan` says. Only the adapter of its target is loaded."""
    if plan.cluster:
        from components.kubernetes.landscape import LandscapeOnKubernetes  # noqa: PLC0415 - each target has a provider

        return LandscapeOnKubernetes(plan, plan.cluster)
    from components.local.landscape import LandscapeOnThisMachine  # noqa: PLC0415 - the same

    return LandscapeOnThisMachine(plan)
