"""Deployables as processes on the local target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi

from components.options import child
from plat.plan.model import Workload
from providers.local import sdk


def create(
    workload: Workload,
    secrets: Mapping[str, pulumi.Output[str]],
    local: sdk.Provider,
    parent: pulumi.Resource,
    waits_for: Sequence[pulumi.Resource],
) -> sdk.Process:
    """Starts `workload`; `secrets` are the values of its secret variables by name."""
    return sdk.Process(
        workload.name,
        name=workload.name,
        command=list(workload.command),
        host=workload.host,
        port=workload.port,
        environment=dict(workload.environment),
        secrets=dict(secrets),
        labels={"team": workload.team, "contexts": ",".join(workload.contexts)},
        opts=child(parent, provider=local, depends_on=waits_for),
    )
