"""Turns deployables into workloads: what runs, and every variable that it gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from plat import names
from plat.environment import Environment
from plat.landscape import LinkedDeployable
from plat.plan import variables
from plat.plan.model import Broker, BrokerUser, Datastore, Operation, Route, SecretRef, Server, Surface, Workload
from plat.plan.problem import refuse


@dataclass(frozen=True, slots=True)
class Parts:
    """The rest of a plan: everything that a workload's variables may refer to."""

    landscape: str
    environment: Environment
    ports: Mapping[str, int]
    servers: Mapping[str, Server]
    datastores: tuple[Datastore, ...]
    broker: Broker | None
    surfaces: Mapping[str, Surface]
    routes: tuple[Route, ...]

    @property
    def users(self) -> tuple[BrokerUser, ...]:
        """Every identity at the broker."""
        return self.broker.users if self.broker else ()

    def served_by(self, workload: str) -> list[Surface]:
        """The surfaces that `workload` answers for."""
        return [surface for surface in self.surfaces.values() if surface.workload == workload]


def workload_of(deployable: LinkedDeployable, parts: Parts) -> Workload:
    """The workload that `deployable` becomes. Raises PlanProblem."""
    literal = {**_identity(deployable, parts), **variables.of_surface(_operations(deployable, parts))}
    secret: dict[str, SecretRef] = {}
    for more_literal, more_secret in _derived(deployable, parts):
        literal |= more_literal
        secret |= more_secret
    if taken := sorted(deployable.environment.keys() & (literal.keys() | secret.keys() | {variables.CALLERS})):
        refuse(deployable.location, f"`{deployable.name}` sets {', '.join(taken)}, which Plat derives: leave it out")
    served = {surface.context for surface in parts.served_by(deployable.name)}
    return Workload(
        name=deployable.name,
        team=deployable.team,
        contexts=deployable.contexts,
        target=getattr(parts.environment.targets, deployable.runtime.target),
        image=deployable.image,
        command=deployable.command,
        host=variables.LOOPBACK,
        port=parts.ports[deployable.name] if deployable.port is not None else None,
        # A dollar sign that a team writes is a dollar sign: only derived values refer to others.
        environment={**{name: text.replace("$", "$$") for name, text in deployable.environment.items()}, **literal},
        secrets=secret,
        callers={route.source: route.secret for route in parts.routes if route.destination in served},
        location=deployable.location,
    )


def _identity(deployable: LinkedDeployable, parts: Parts) -> dict[str, str]:
    found = {
        "PLAT_LANDSCAPE": parts.landscape,
        "PLAT_ENVIRONMENT": parts.environment.name,
        "PLAT_DEPLOYABLE": deployable.name,
        "PLAT_TEAM": deployable.team,
        "PLAT_CONTEXTS": ",".join(deployable.contexts),
        "HOST": variables.LOOPBACK,
    }
    if len(deployable.contexts) == 1:
        found["PLAT_CONTEXT"] = deployable.contexts[0]
    if deployable.port is not None:
        found["PORT"] = str(parts.ports[deployable.name])
    return found


def _derived(deployable: LinkedDeployable, parts: Parts) -> Iterable[variables.Variables]:
    # Where one deployable carries several contexts, each has variables of its own, named for it.
    several = len(deployable.contexts) > 1
    for context in deployable.contexts:
        prefix = f"{names.env_prefix(context)}_" if several else ""
        yield variables.of_datastores([s for s in parts.datastores if s.context == context], parts.servers, prefix)
        for user in parts.users:
            if parts.broker and user.context == context:
                yield variables.of_broker(parts.broker, user, parts.servers[parts.broker.server], prefix)
    for route in parts.routes:
        if route.source in {*deployable.contexts, deployable.name}:
            prefix = f"{names.env_prefix(route.source)}_" if several and route.source in deployable.contexts else ""
            yield variables.of_route(route, parts.surfaces[route.destination], prefix)
    if parts.broker:
        yield variables.of_events(parts.broker, [user for user in parts.users if user.context in deployable.contexts]), {}


def _operations(deployable: LinkedDeployable, parts: Parts) -> list[Operation]:
    operations = [operation for surface in parts.served_by(deployable.name) for operation in surface.operations]
    seen: set[str] = set()
    for operation in operations:
        if operation.name in seen:
            refuse(
                deployable.location,
                f"`{deployable.name}` serves two operations called {operation.name}, which callers could not tell apart: "
                "rename one",
            )
        seen.add(operation.name)
    return operations
