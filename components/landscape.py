"""A whole landscape in one stack, on the target that its plan is for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pulumi

from plat.plan.model import Plan


class ProvisionedLandscape(Protocol):
    """Everything that a plan says."""

    @property
    def secrets(self) -> pulumi.Output[Mapping[str, str]]:
        """Every generated secret by name, as one secret value: for `plat exec` and `plat verify`."""


def meet(plan: Plan, root: Path) -> None:
    """Asks the plan's cluster, where it is for one, whether it answers: an update ends here if not, a preview says so.

    Raises pulumi.RunError, before anything is registered.
    """
    if not plan.cluster:
        return
    from plat.kubernetes.answer import Silence, ask  # noqa: PLC0415 - of one target alone
    from plat.kubernetes.kubectl import ClusterProblem  # noqa: PLC0415 - the same

    try:
        ask(plan.cluster, root)
    except Silence as silence:
        if not pulumi.runtime.is_dry_run():
            raise pulumi.RunError(str(silence)) from None
        pulumi.log.warn(silence.warning)
    except ClusterProblem as problem:
        # The provider needs no kubectl: whether the cluster answers is then told by it.
        pulumi.log.warn(f"whether the cluster answers was not asked: {problem}")


def provision(plan: Plan) -> ProvisionedLandscape:
    """Registers everything that `plan` says. Only the adapter of its target is loaded."""
    if plan.cluster:
        from components.kubernetes.landscape import LandscapeOnKubernetes  # noqa: PLC0415 - each target has a provider

        return LandscapeOnKubernetes(plan, plan.cluster)
    from components.local.landscape import LandscapeOnThisMachine  # noqa: PLC0415 - the same

    return LandscapeOnThisMachine(plan)
