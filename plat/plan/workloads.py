"""Turns deployables into workloads: what runs, and every variable that it gets."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from plat import names
from plat.environment import Environment
from plat.findings import Location
from plat.grouping import grouped
from plat.landscape import LinkedDeployable
from plat.plan import variables
from plat.plan.model import (
    Broker,
    BrokerUser,
    Contract,
    Datastore,
    External,
    Operation,
    Route,
    Scaling,
    SecretRef,
    Server,
    Surface,
    Workload,
)
from plat.plan.placement import Place, Placement
from plat.plan.problem import refuse
from plat.plan.seen import seen_from


@dataclass(frozen=True)
class Parts:
    """The rest of a plan: everything that a workload's variables may refer to.

    What belongs to a context, a caller or a callee is grouped by its name.
    """

    landscape: str
    environment: Environment
    placement: Placement
    servers: Mapping[str, Server]
    datastores: tuple[Datastore, ...]
    broker: Broker | None
    surfaces: Mapping[str, Surface]
    routes: tuple[Route, ...]
    externals: Mapping[str, External]
    contracts: tuple[Contract, ...]

    def seen_from(self, target: str) -> Parts:
        """The same with every address as whoever is on `target` uses it."""
        return dataclasses.replace(
            self,
            servers={name: seen_from(target, server) for name, server in self.servers.items()},
            surfaces={name: seen_from(target, surface) for name, surface in self.surfaces.items()},
        )

    @cached_property
    def stores_of(self) -> Mapping[str, tuple[Datastore, ...]]:
        """Datastores by their context."""
        return grouped(self.datastores, lambda store: store.context)

    @cached_property
    def contracts_of(self) -> Mapping[str, tuple[Contract, ...]]:
        """Contracts by their consumer."""
        return grouped(self.contracts, lambda contract: contract.consumer)

    @cached_property
    def users(self) -> Mapping[str, BrokerUser]:
        """Identities at the broker by their context."""
        return {user.context: user for user in self.broker.users} if self.broker else {}

    @cached_property
    def routes_from(self) -> Mapping[str, tuple[Route, ...]]:
        """Routes by who calls."""
        return grouped(self.routes, lambda route: route.source)

    @cached_property
    def routes_to(self) -> Mapping[str, tuple[Route, ...]]:
        """Routes by who is called."""
        return grouped(self.routes, lambda route: route.destination)

    @cached_property
    def served_by(self) -> Mapping[str, tuple[Surface, ...]]:
        """Surfaces by the workload that answers for them."""
        return grouped(self.surfaces.values(), lambda surface: surface.workload)


def workload_of(deployable: LinkedDeployable, parts: Parts) -> Workload:
    """The workload that `deployable` becomes, with `parts` as seen from where it runs. Raises PlanProblem."""
    literal: dict[str, str] = {}
    secret: dict[str, SecretRef] = {}
    origins: dict[str, Location] = {}
    place = parts.placement.workload(deployable)
    for location, (more_literal, more_secret) in _derived(deployable, place, parts):
        for name in (*more_literal, *more_secret):
            origins.setdefault(name, location)
        literal |= more_literal
        secret |= more_secret
    if taken := sorted(deployable.environment.keys() & (literal.keys() | secret.keys() | {variables.CALLERS})):
        refuse(deployable.location, f"`{deployable.name}` sets {', '.join(taken)}, which Plat derives: leave it out")
    served = [surface.context for surface in parts.served_by.get(deployable.name, ())]
    origins[variables.CALLERS] = _surface_location(deployable, parts)
    return Workload(
        name=deployable.name,
        team=deployable.team,
        contexts=deployable.contexts,
        target=parts.environment.targets.of(deployable.runtime.target),
        image=deployable.image,
        command=deployable.command,
        host=place.listens_on,
        port=place.port or None,
        # A dollar sign that a team writes is a dollar sign: only derived values refer to others.
        environment={**{name: text.replace("$", "$$") for name, text in deployable.environment.items()}, **literal},
        secrets=secret,
        callers={route.source: route.secret for context in served for route in parts.routes_to.get(context, ())},
        location=deployable.location,
        origins=origins | {name: deployable.at(f"environment.{name}") for name in deployable.environment},
        written=tuple(sorted(deployable.environment)),
        namespace=place.namespace,
        scaling=Scaling(deployable.scaling.profile, *deployable.scaling.replicas),
        machine=place.machine,
        outside=place.outside,
    )


def _identity(deployable: LinkedDeployable, place: Place, parts: Parts) -> dict[str, str]:
    found = {
        "PLAT_LANDSCAPE": parts.landscape,
        "PLAT_ENVIRONMENT": parts.environment.name,
        "PLAT_DEPLOYABLE": deployable.name,
        "PLAT_TEAM": deployable.team,
        "PLAT_CONTEXTS": ",".join(deployable.contexts),
        "HOST": place.listens_on,
    }
    if len(deployable.contexts) == 1:
        found["PLAT_CONTEXT"] = deployable.contexts[0]
    return found


def _derived(deployable: LinkedDeployable, place: Place, parts: Parts) -> Iterable[tuple[Location, variables.Variables]]:
    """Gives the variables of `deployable`, which is at `place`, with where they come from; of two for one the first counts."""
    yield deployable.location, (_identity(deployable, place, parts), {})
    if deployable.port is not None:
        yield deployable.at("port"), ({"PORT": str(place.port)}, {})
    yield _surface_location(deployable, parts), (variables.of_surface(_operations(deployable, parts)), {})
    # Where one deployable carries several contexts, each has variables of its own, named for it.
    several = len(deployable.contexts) > 1
    for context in deployable.contexts:
        yield from _of_context(context, f"{names.env_prefix(context)}_" if several else "", deployable, parts)
    with_outbox = [store for context in deployable.contexts for store in parts.stores_of.get(context, ()) if store.outbox]
    if with_outbox:
        yield with_outbox[0].location or deployable.location, (variables.of_outboxes(with_outbox), {})
    for source in sorted({*deployable.contexts, deployable.name}):
        for route in parts.routes_from.get(source, ()):
            prefix = f"{names.env_prefix(route.source)}_" if several and route.source in deployable.contexts else ""
            found = variables.of_route(route, parts.surfaces[route.destination], prefix)
            yield route.location or deployable.location, found
    for name in deployable.externals:
        yield deployable.at("externals"), (variables.of_external(parts.externals[name]), {})
    if parts.broker:
        contexts = [context for context in deployable.contexts if context in parts.users]
        places = [parts.broker.place_of(context) for context in contexts]
        yield next(filter(None, places), deployable.location), (variables.of_events(parts.broker, contexts), {})


def _of_context(
    context: str, prefix: str, deployable: LinkedDeployable, parts: Parts
) -> Iterable[tuple[Location, variables.Variables]]:
    """Gives the variables of one context that `deployable` carries."""
    stores = parts.stores_of.get(context, ())
    for count, store in enumerate(stores, 1):
        # What a store adds depends on those before it, which keep what they have.
        yield store.location or deployable.location, variables.of_datastores(stores[:count], parts.servers, prefix)
    for contract in parts.contracts_of.get(context, ()):
        found = variables.of_contract(contract, parts.servers[contract.server], prefix)
        yield contract.location or deployable.location, found
    user = parts.users.get(context)
    if parts.broker and user:
        found = variables.of_broker(parts.broker, user, parts.servers[parts.broker.server], prefix)
        yield parts.broker.place_of(context) or deployable.location, found


def _surface_location(deployable: LinkedDeployable, parts: Parts) -> Location:
    operations = _operations(deployable, parts)
    return next((item.location for item in operations if item.location), deployable.location)


def _operations(deployable: LinkedDeployable, parts: Parts) -> list[Operation]:
    operations = [operation for surface in parts.served_by.get(deployable.name, ()) for operation in surface.operations]
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
