"""The runtime of one deployable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi

from components.local import processes
from components.options import child
from components.secrets import Secrets
from plat.plan import variables
from plat.plan.model import Workload
from providers.local import sdk


class DeployableRuntime(pulumi.ComponentResource):
    """One deployable, running with the variables and the secrets that its plan gives it, and no other."""

    def __init__(
        self,
        workload: Workload,
        secrets: Secrets,
        local: sdk.Provider,
        parent: pulumi.Resource,
        waits_for: Sequence[pulumi.Resource],
    ) -> None:
        super().__init__("plat:index:DeployableRuntime", workload.name, None, child(parent))
        values = {name: secrets[ref] for name, ref in workload.secrets.items()}
        tokens = {caller: secrets[ref] for caller, ref in workload.callers.items()}
        known: pulumi.Output[Mapping[str, str]] = pulumi.Output.all(tokens).apply(lambda found: found[0])
        values[variables.CALLERS] = pulumi.Output.secret(
            known.apply(lambda found: variables.of_callers(found)[variables.CALLERS])
        )
        processes.create(workload, values, local, self, waits_for)
        self.register_outputs({})
