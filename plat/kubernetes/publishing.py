"""What of a plan is reached from outside of its cluster, by the gateway that the environment names."""

from __future__ import annotations

from plat.plan.model import Gateway, Plan, Workload


def paths_of(plan: Plan, workload: Workload) -> tuple[str, ...]:
    """The paths of all public operations that `workload` serves, in the order of their names."""
    surfaces = [surface for surface in plan.surfaces if surface.workload == workload.name]
    return tuple(sorted({f"/{item.name}" for surface in surfaces for item in surface.operations if item.public}))


def host_of(gateway: Gateway, workload: Workload) -> str:
    """The name by which `workload` is reached from outside."""
    return f"{workload.name}.{gateway.domain}"
