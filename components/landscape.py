"""A whole landscape in one stack, on the target that its plan is for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pulumi

from components.secrets import missing
from plat.plan.model import Plan


class ProvisionedLandscape(Protocol):
    """Everything that a plan says."""

    @property
    def secrets(self) -> pulumi.Output[Mapping[str, str]]:
        """Every generated secret by name, as one secret value: for `plat exec` and `plat verify`."""


def meet(plan: Plan, root: Path) -> None:
    """Asks the plan's cluster, where it is for one, whether it answers: an update ends here if not, a preview says so.

    Raises pulumi.RunError, before anything is registered; and where the stack's configuration lacks what the plan is given.
    """
    if not plan.cluster:
        return
    if lacking := missing(plan):
        # Not as a word of the command, which everybody on the machine could read.
        commands = "; ".join(f"`pulumi config set --secret {name} -s {plan.stack}`" for name in lacking)
        msg = f"backups need the keys to the object store, which {plan.stack} does not have: {commands} asks for each"
        raise pulumi.RunError(msg)
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
