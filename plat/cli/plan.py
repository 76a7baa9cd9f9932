"""`plat plan`: what each context will get, and which line says so."""

from __future__ import annotations

from collections.abc import Iterator

from plat.cli.shared import (
    DEFAULT_ENVIRONMENT,
    DEFAULT_LANDSCAPE,
    EnvironmentOption,
    Format,
    FormatOption,
    Landscape,
    print_json,
    project,
    say,
)
from plat.findings import Location
from plat.plan.model import Datastore, Plan, Workload


def plan(
    landscape: Landscape = DEFAULT_LANDSCAPE,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    format: FormatOption = Format.TEXT,  # noqa: A002 - the name of the option
) -> None:
    """Shows what each context will get, and which line of which descriptor says so; changes nothing."""
    found = project().plan(f"{landscape}.{environment}")
    if format is Format.JSON:
        print_json({**found.to_dict(), "digest": found.digest})
        return
    say(f"{found.landscape} on {found.environment}, plan {found.digest[:12]}")
    for context in found.contexts:
        say(f"\n{context} ({found.teams[context]})")
        for line, location in _of_context(found, context):
            say(f"  {line}{_because(location)}")
    shared = list(_of_nobody_alone(found))
    if shared:
        say("\n(nobody's alone)")
        for line, location in shared:
            say(f"  {line}{_because(location)}")


def _of_context(plan: Plan, context: str) -> Iterator[tuple[str, Location | None]]:
    for store in plan.datastores_of(context):
        yield _datastore(plan, store), store.location
    if plan.broker:
        for exchange in plan.broker.exchanges:
            if exchange.owner == context:
                yield f"exchange {exchange.name}, to publish {', '.join(exchange.routing_keys)}", exchange.location
        for queue in plan.broker.queues_of(context):
            yield f"queue {queue.name} of {queue.event}, with dead letters in {queue.dead_letter}", queue.location
    surface = plan.surface(context)
    for operation in surface.operations if surface else ():
        callers = "everybody" if operation.public else ", ".join(operation.callers) or "nobody yet"
        yield f"operation {operation.name}, for {callers}", operation.location
    for route in plan.routes:
        if route.source == context:
            yield f"route to {route.destination}, to call {', '.join(route.operations)}", route.location
    for workload in plan.workloads_of(context):
        yield _workload(workload), workload.location


def _of_nobody_alone(plan: Plan) -> Iterator[tuple[str, Location | None]]:
    if plan.broker:
        server = plan.server(plan.broker.server)
        yield (
            f"broker {server.name} ({server.team}) on {server.host}:{server.port}, vhost {plan.broker.vhost}",
            server.location,
        )
    for workload in plan.workloads:
        if not workload.contexts:
            yield f"{_workload(workload)} ({workload.team})", workload.location


def _datastore(plan: Plan, store: Datastore) -> str:
    server = plan.server(store.server)
    own = "a server of its own" if server.owner == store.context else f"in the platform's server {server.name}"
    return f"{store.type} {store.name} on {server.host}:{server.port}, {own}, for the role {store.role} alone"


def _workload(workload: Workload) -> str:
    where = f" on {workload.host}:{workload.port}" if workload.port else ""
    variables = ", ".join(sorted({*workload.environment, *workload.secrets}))
    return f"deployable {workload.name}{where}, with {variables}"


def _because(location: Location | None) -> str:
    return f"  <- {location}" if location else ""
