"""Surfaces, routes, workloads and what is outside, told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plat.findings import Location
from plat.grouping import grouped
from plat.outline.model import Line
from plat.outline.tell import Owned, address, holder, tell
from plat.plan.model import External, Plan, Route, Surface, Workload, plain


@tell.register
def _surface(surface: Surface, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    for operation in surface.operations:
        callers = "everybody" if operation.public else ", ".join(operation.callers) or "nobody yet"
        text = f"{operation.name}: answered by {surface.workload} on {address(surface)}, for {callers}"
        yield Owned(surface.context, Line("operation", operation.name, text, operation.location, plain(operation)))


@tell.register
def _route(route: Route, plan: Plan) -> Iterator[Owned]:
    surface = plan.surface(route.destination)
    where = f" on {address(surface)}" if surface else ""
    text = f"to {route.destination}{where}: may call {', '.join(route.operations)}, with a token of its own"
    yield Owned(route.source, Line("route", route.destination, text, route.location, plain(route)))


@tell.register
def _workload(workload: Workload, plan: Plan) -> Iterator[Owned]:
    where = f" on {plan.host_of(workload)}:{workload.port}" if workload.port else ""
    carrying = f", carries {', '.join(workload.contexts)}" if len(workload.contexts) > 1 else ""
    text = f"{workload.name}: runs `{' '.join(workload.command)}`{where}{carrying}"
    owner = holder(workload)
    yield Owned(owner, Line("deployable", workload.name, text, workload.location, plain(workload)))
    for location, names in _by_place(workload.origins).items():
        text = f"{', '.join(names)} of {workload.name}"
        yield Owned(owner, Line("variables", workload.name, text, location, {"names": list(names)}))
    if len(workload.contexts) > 1:
        for context in workload.contexts:
            text = f"{workload.name}: carries this context together with {_others(workload, context)}"
            yield Owned(context, Line("deployable", workload.name, text, workload.location))


@tell.register
def _external(external: External, plan: Plan) -> Iterator[Owned]:
    text = f"{external.name}: outside of this landscape, at {external.host}:{external.port}"
    for name in external.reached_by:
        owner = holder(plan.workload(name))
        yield Owned(owner, Line("external", external.name, text, external.location, plain(external)))


def _by_place(origins: Mapping[str, Location]) -> Mapping[Location, tuple[str, ...]]:
    return {origins[names[0]]: names for _, names in sorted(grouped(sorted(origins), lambda name: origins[name]).items())}


def _others(workload: Workload, context: str) -> str:
    return ", ".join(other for other in workload.contexts if other != context)
