"""All resources that a plan becomes on machines, in the order in which they can be made. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from components.vm import servers, workloads
from components.vm.declared import Declared, ordered
from components.vm.machines import of_machine
from components.vm.site import Site
from plat.plan.model import Plan


def objects_of(plan: Plan) -> tuple[Declared, ...]:
    """Every resource of `plan` on its machines, each after those that it needs."""
    provided, run = steps_of(plan)
    return (*provided, *run)


def steps_of(plan: Plan) -> tuple[tuple[Declared, ...], tuple[Declared, ...]]:
    """The machines with their servers, and what runs: that waits for what it has on other targets too."""
    fleet = plan.fleet
    if fleet is None:
        return (), ()
    sites: dict[str, Site] = {}
    provided: list[Declared] = []
    for machine in fleet.machines:
        sites[machine.name], itself = of_machine(plan, fleet, machine)
        provided += itself
    ready: dict[str, Declared] = {}
    for server in plan.servers:
        if server.machine:
            made = servers.of_server(sites[server.machine], server)
            ready[server.name] = made[-1]
            provided += made
    first = tuple(ordered(provided))
    known = {resource.key for resource in first}
    return first, tuple(resource for resource in ordered(_run(plan, sites, ready)) if resource.key not in known)


def _run(plan: Plan, sites: dict[str, Site], ready: dict[str, Declared]) -> Iterator[Declared]:
    for workload in plan.workloads:
        if workload.machine:
            after = [ready[server.name] for server in plan.servers_of(workload) if server.name in ready]
            yield from workloads.of_workload(sites[workload.machine], workload, after)
