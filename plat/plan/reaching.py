"""Who reaches what over the network, in a plan: every way that has to be open, whatever it is fenced by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plat.plan.model import Plan, Server, Workload
from plat.plan.seen import seen_from


@dataclass(frozen=True, slots=True)
class Way:
    """One workload's way to a server or to another workload, by the host and the port that the workload uses."""

    source: Workload
    target: Server | Workload
    host: str
    port: int


def ways(plan: Plan) -> Iterator[Way]:
    """Every way of `plan` between its workloads and servers."""
    for workload in plan.workloads:
        for server in plan.servers_of(workload):
            used = seen_from(workload.target, server)
            yield Way(workload, server, used.host, used.port)
    for route in plan.routes:
        surface = plan.surface(route.destination)
        if surface is None:
            continue
        serving = plan.workload(surface.workload)
        for workload in plan.calling(route.source):
            # What a deployable calls in itself needs no way.
            if workload != serving:
                called = seen_from(workload.target, surface)
                yield Way(workload, serving, called.host, called.port)
