"""Builds the plan: landscape + environment, everything derived here and nothing later."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from plat import names
from plat.environment import Environment
from plat.grouping import grouped, grouped_by_each
from plat.landscape import Landscape, LinkedContext, LinkedDeployable, LinkedUpstream
from plat.plan import contracts, stores
from plat.plan.intent import intended_claims, own_upstreams, stores_of
from plat.plan.kinds import STORES, any_kind, broker_server
from plat.plan.messaging import broker_of
from plat.plan.model import (
    PLATFORM,
    Datastore,
    External,
    Operation,
    Plan,
    Pooler,
    Route,
    SecretRef,
    Server,
    Surface,
)
from plat.plan.placement import placement_of
from plat.plan.problem import PlanProblem, refuse
from plat.plan.units import units_of
from plat.plan.workloads import Parts, workload_of


def build(landscape: Landscape, environment: Environment) -> Plan:
    """The plan of `landscape` in `environment`. Raises PlanProblem, NumberProblem."""
    return _Builder(landscape, environment).plan()


class _Builder:
    """What the parts of one plan share while it is built: the landscape, and where things are."""

    def __init__(self, landscape: Landscape, environment: Environment) -> None:
        self._landscape = landscape
        self._environment = environment
        self._refuse_unprovisioned()
        self._placement = placement_of(landscape, environment)

    def plan(self) -> Plan:
        datastores = tuple(stores.datastores(self._landscape))
        pooling = grouped(datastores, lambda store: store.server)
        servers = {server.name: self._with_poolers(server, pooling.get(server.name, ())) for server in self._servers()}
        agreed = tuple(contracts.contracts(self._landscape, datastores))
        broker = broker_of(self._landscape)
        surfaces = {surface.context: surface for surface in self._surfaces()}
        routes = tuple(self._routes(surfaces))
        reaching = grouped(routes, lambda route: route.destination)
        surfaces = {name: _with_callers(surface, reaching.get(name, ())) for name, surface in surfaces.items()}
        externals = {external.name: external for external in self._externals()}
        parts = Parts(
            self._landscape.name,
            self._environment,
            self._placement,
            servers,
            datastores,
            broker,
            surfaces,
            routes,
            externals,
            agreed,
        )
        targets = self._environment.targets
        seen = {target: parts.seen_from(target) for target in sorted(targets.used)}
        workloads = tuple(
            workload_of(deployable, seen[targets.of(deployable.runtime.target)]) for deployable in self._landscape.deployables
        )
        plan = Plan(
            landscape=self._landscape.name,
            environment=self._environment.name,
            teams={context.name: context.team for context in self._landscape.contexts},
            servers=tuple(servers[name] for name in sorted(servers)),
            datastores=datastores,
            contracts=agreed,
            broker=broker,
            surfaces=tuple(surfaces[name] for name in sorted(surfaces)),
            routes=routes,
            externals=tuple(parts.externals.values()),
            workloads=workloads,
            claims=intended_claims(self._landscape),
            cluster=self._placement.cluster,
            namespaces=self._placement.namespaces,
            fleet=self._placement.fleet,
            units=units_of(self._landscape),
            # All that there are: a team's first context changes nothing that all have in common.
            groups=tuple(team.name for team in self._landscape.teams) if self._placement.cluster else (),
        )
        _refuse_recoveries(plan)
        return plan

    def _externals(self) -> Iterable[External]:
        reaching = grouped_by_each(self._landscape.deployables, lambda deployable: deployable.externals)
        for item in self._landscape.externals:
            reached_by = tuple(deployable.name for deployable in reaching.get(item.name, ()))
            yield External(item.name, item.host, item.port, reached_by, item.location)

    def _refuse_unprovisioned(self) -> None:
        for context in self._landscape.contexts:
            for store in stores_of(context):
                if reason := STORES[store.type].refused.get(store.isolation):
                    refuse(store.location, reason)

    def _servers(self) -> Iterable[Server]:
        for holder in stores.holders(self._landscape):
            yield self._server(holder)
        broker = self._landscape.broker
        if broker:
            name, team = broker_server(broker.type), broker.team or self._landscape.platform_team or PLATFORM
            yield self._server(stores.Holder(name, broker.type, PLATFORM, team, "persistent", None, None, broker.location))

    def _server(self, holder: stores.Holder) -> Server:
        place = self._placement.server(holder.name, holder.kind, holder.owner)
        return Server(
            name=holder.name,
            kind=holder.kind,
            owner=holder.owner,
            team=holder.team,
            host=place.host,
            port=place.port,
            durability=holder.durability,
            admin_user=any_kind(holder.kind).administrator,
            admin_secret=SecretRef(f"server/{holder.name}"),
            version=holder.version,
            extra_ports=place.extra_ports,
            shared_database=holder.shared_database,
            location=holder.location,
            namespace=place.namespace,
            storage=holder.storage,
            machine=place.machine,
            outside=place.outside,
        )

    def _with_poolers(self, server: Server, within: Iterable[Datastore]) -> Server:
        """The server with a pooler for each mode that stores in it ask for, where an operator makes both."""
        cluster = self._placement.cluster
        if not (cluster and server.kind == "postgresql" and cluster.operates(server)):
            return server
        modes = sorted({store.pooling for store in within if store.pooling})
        return dataclasses.replace(server, poolers=tuple(_pooler(server, mode) for mode in modes))

    def _surfaces(self) -> Iterable[Surface]:
        for context in self._landscape.contexts:
            if context.exposes:
                serving = [item for item in self._landscape.deployables_of(context.name) if item.port is not None]
                if not serving:
                    refuse(context.at("exposes"), f"`{context.name}` exposes operations, but no deployable of it has a port")
                yield self._surface(context.name, context, serving[0])
        for deployable in self._landscape.deployables:
            if deployable.standalone and deployable.exposes:
                if deployable.port is None:
                    refuse(deployable.at("exposes"), f"`{deployable.name}` exposes operations, but it has no port")
                yield self._surface(deployable.name, deployable, deployable)

    def _surface(self, name: str, owner: LinkedContext | LinkedDeployable, serving: LinkedDeployable) -> Surface:
        operations = tuple(
            Operation(item, owner.exposes[item].public, (), owner.at(f"exposes.{item}")) for item in sorted(owner.exposes)
        )
        place = self._placement.workload(serving)
        return Surface(name, serving.name, place.host, place.port, operations, place.outside)

    def _routes(self, surfaces: Mapping[str, Surface]) -> Iterable[Route]:
        callers: list[tuple[str, LinkedUpstream]] = []
        for context in self._landscape.contexts:
            callers += [(context.name, upstream) for upstream in context.upstreams]
        for deployable in self._landscape.deployables:
            callers += [(deployable.name, upstream) for upstream in own_upstreams(deployable)]
        for source, upstream in callers:
            surface = surfaces[upstream.context]
            secret = SecretRef(f"route/{source}/{surface.workload}")
            yield Route(source, upstream.context, upstream.uses, secret, upstream.location)


def _pooler(server: Server, mode: str) -> Pooler:
    name = names.resource_name(*server.name.split("--"), "pooler", mode)
    return Pooler(name, mode, server.host.replace(server.name, name, 1))


def _refuse_recoveries(plan: Plan) -> None:
    """Raises PlanProblem where a server is to be recovered of which there are no copies: it would begin empty."""
    backups = plan.cluster.postgresql.backups if plan.cluster else None
    known = [server.name for server in plan.servers if plan.backups_of(server)]
    for name in sorted(set(backups.recoveries) - set(known)) if backups else ():
        msg = (
            f"stacks/environments/{plan.environment}.yaml: `recoveries` names {plan.landscape}/{name}, of which there are no "
            f"copies (there are those of: {', '.join(known) or 'none'})"
        )
        raise PlanProblem(msg)


def _with_callers(surface: Surface, routes: Iterable[Route]) -> Surface:
    operations = tuple(
        dataclasses.replace(item, callers=tuple(sorted({route.source for route in routes if item.name in route.operations})))
        for item in surface.operations
    )
    return dataclasses.replace(surface, operations=operations)
