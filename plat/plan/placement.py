"""Where servers and workloads are: on ports of this machine or of others, in the namespaces of a cluster, or some and some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Protocol

from plat import names
from plat.environment import Cluster as ClusterSettings
from plat.environment import Environment
from plat.environment import Gateway as GatewaySettings
from plat.environment import PostgreSQL as PostgreSQLSettings
from plat.landscape import Landscape, LinkedDeployable
from plat.plan import machines, stores, units
from plat.plan.kinds import BROKERS, any_kind, broker_server
from plat.plan.model import (
    LOOPBACK,
    PLATFORM,
    Admission,
    ApiServer,
    Backups,
    Cluster,
    Endpoint,
    Fleet,
    Gateway,
    Machine,
    Monitoring,
    Namespace,
    PostgreSQLCluster,
)
from plat.plan.numbers import Range, assign
from plat.plan.problem import refuse
from plat.plan.reached import reached_by

# What implementations label the pods of a gateway with (https://gateway-api.sigs.k8s.io/geps/gep-1762/).
_OF_A_GATEWAY = "gateway.networking.k8s.io/gateway-name"
_NO_ADDRESS = (
    "from a machine into the cluster: say in the environment at which address, as in "
    "`cluster: {reached: {address: 192.168.0.10}}`"
)
_NO_NETWORKS = (
    "from the cluster on a machine: say in the environment which networks machines see pods' connections come from, as in "
    "`cluster: {outgoing: [192.168.0.10/32]}`"
)
_BY_STRIMZI = (
    "from a machine into a Kafka that Strimzi makes, whose nodes have no addresses for machines: let `platform` be vm, or "
    "leave `strimzi` out of `operators`"
)
_EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - a pod or a container has one address of its own


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is reached: `host` is for those who call, `listens_on` for itself."""

    host: str
    port: int
    listens_on: str
    namespace: str | None = None
    extra_ports: Mapping[str, int] = field(default_factory=dict)
    machine: str | None = None
    outside: Endpoint | None = None


class Placement(Protocol):
    """Where things are in one environment."""

    @property
    def cluster(self) -> Cluster | None:
        """The cluster that some of them are on; None where there is none."""

    @property
    def fleet(self) -> Fleet | None:
        """The machines that contexts have for themselves; None where there are none."""

    @property
    def namespaces(self) -> tuple[Namespace, ...]:
        """The namespaces of all that was placed, by name."""

    def server(self, name: str, kind: str, owner: str) -> Place:
        """Where the server called `name` is."""

    def workload(self, deployable: LinkedDeployable) -> Place:
        """Where a workload is; its port is 0 where the deployable has none."""


def placement_of(landscape: Landscape, environment: Environment) -> Placement:
    """The places of `landscape` in `environment`. Raises PlanProblem, NumberProblem."""
    if environment.cluster is None:
        return _OnMachines(landscape, environment)
    in_cluster = _InCluster(landscape, _cluster(environment.cluster, landscape.name))
    if environment.machines is None:
        return in_cluster
    return _OnBoth(landscape, environment, environment.cluster, in_cluster, _OnMachines(landscape, environment))


def _cluster(settings: ClusterSettings, landscape: str) -> Cluster:
    watching = settings.monitoring
    return Cluster(
        kubeconfig=settings.kubeconfig,
        context=settings.context,
        domain=settings.domain,
        name_servers=tuple(settings.name_servers),
        operators=tuple(sorted(set(settings.operators))),
        keda_namespace=settings.keda_namespace,
        strimzi_namespace=settings.strimzi_namespace,
        storage_class=settings.storage_class,
        images=settings.images.model_dump(),
        admission=_admission(settings) if settings.admission else None,
        pull=settings.pull,
        broker_replicas=settings.broker_replicas,
        postgresql=_postgresql(settings.postgresql, landscape),
        api_server=ApiServer(tuple(api.networks), api.port) if (api := settings.api_server) else None,
        gateway=_gateway(settings.gateway),
        outgoing=tuple(settings.outgoing),
        monitoring=Monitoring(watching.namespace, watching.labels) if "prometheus" in settings.operators else None,
    )


def _admission(settings: ClusterSettings) -> Admission:
    provisioner = settings.provisioner
    return Admission(
        user=provisioner.user if provisioner else None,
        group=provisioner.group if provisioner else None,
        controllers=tuple(settings.controllers),
    )


def _postgresql(settings: PostgreSQLSettings, landscape: str) -> PostgreSQLCluster:
    made = PostgreSQLCluster(
        settings.instances,
        settings.user,
        settings.group,
        poolers=settings.poolers,
        clients=settings.clients,
        pool=settings.pool,
    )
    if not (found := settings.backups):
        return made
    backups = Backups(
        destination=found.destination,
        endpoint=found.endpoint,
        networks=tuple(found.networks),
        port=found.port,
        authority=found.authority,
        region=found.region,
        schedule=found.schedule,
        retention=found.retention,
        recoveries={
            key.removeprefix(f"{landscape}/"): tuple(moments)
            for key, moments in found.recoveries.items()
            if key.startswith(f"{landscape}/")
        },
    )
    return replace(made, backups=backups)


def _gateway(settings: GatewaySettings | None) -> Gateway | None:
    if settings is None:
        return None
    return Gateway(
        name=settings.name,
        namespace=settings.namespace,
        domain=settings.domain,
        pods=settings.pods or {_OF_A_GATEWAY: settings.name},
        pods_namespace=settings.pods_namespace or settings.namespace,
    )


def _listeners(landscape: Landscape) -> Iterator[str]:
    yield from (holder.name for holder in stores.holders(landscape))
    if landscape.broker:
        name = broker_server(landscape.broker.type)
        yield name
        yield from (f"{name}/{purpose}" for purpose in BROKERS[landscape.broker.type].extra_ports)
    yield from (deployable.name for deployable in landscape.deployables if deployable.port is not None)


def _purposes(kind: str) -> Mapping[str, int]:
    return BROKERS[kind].extra_ports if kind in BROKERS else {}


class _OnMachines:
    """On this machine and on others, where all is told apart by its port alone; each port is one thing's everywhere."""

    def __init__(self, landscape: Landscape, environment: Environment) -> None:
        self.cluster = None
        self.namespaces: tuple[Namespace, ...] = ()
        self._targets = environment.targets
        settings, here = environment.machines, environment.local.address
        self.fleet = machines.fleet_of(landscape, self._targets, settings, here) if settings else None
        self._landscape = landscape
        self._environment = environment
        self._ports = assign(landscape.name, _listeners(landscape), Range.of_ports(environment.ports))
        self._machines = {unit: machine for machine in (self.fleet.machines if self.fleet else ()) for unit in machine.units}
        self._owners = _Owners(landscape, environment)
        self._reached = frozenset(self._from_elsewhere())

    def server(self, name: str, kind: str, owner: str) -> Place:
        extra = {purpose: self._ports[f"{name}/{purpose}"] for purpose in _purposes(kind)}
        return self._place(name, self._machine_of(owner), extra)

    def workload(self, deployable: LinkedDeployable) -> Place:
        return self._place(deployable.name, self._machine(deployable), {})

    def _place(self, name: str, machine: Machine | None, extra_ports: Mapping[str, int]) -> Place:
        port = self._ports.get(name, 0)
        if machine:
            return Place(machine.address, port, _EVERY_ADDRESS, extra_ports=extra_ports, machine=machine.name)
        # Whoever can be reached on loopback is reached nowhere else.
        address = self._environment.local.address if name in self._reached else LOOPBACK
        return Place(address, port, address, extra_ports=extra_ports)

    def _from_elsewhere(self) -> Iterator[str]:
        """What is on this machine and reached by what is not."""
        for deployable in self._landscape.deployables:
            if self._machine(deployable):
                yield from reached_by(self._landscape, deployable)

    def _machine(self, deployable: LinkedDeployable) -> Machine | None:
        if self._targets.of(deployable.runtime.target) != "vm":
            return None
        return self._machines[units.unit_of_deployable(self._landscape, deployable)]

    def _machine_of(self, owner: str) -> Machine | None:
        """The machine of a server's owner: a context, a deployable or the platform."""
        if self._owners.target(owner) != "vm":
            return None
        return self._machines[self._owners.unit(owner)]


class _Owners:
    """Whoever has servers: a context, a deployable or the platform."""

    def __init__(self, landscape: Landscape, environment: Environment) -> None:
        self._landscape = landscape
        self._targets = environment.targets
        self._contexts = {context.name: context for context in landscape.contexts}
        self._deployables = {deployable.name: deployable for deployable in landscape.deployables}

    def target(self, owner: str) -> str:
        """What it is on."""
        known = self._contexts.get(owner) or self._deployables.get(owner)
        return self._targets.of(known.runtime.target) if known else self._targets.of_platform

    def unit(self, owner: str) -> str:
        """What it is placed with."""
        if owner in self._contexts:
            return units.unit_of_context(self._landscape, owner)
        if owner in self._deployables:
            return units.unit_of_deployable(self._landscape, self._deployables[owner])
        return PLATFORM


class _InCluster:
    """A namespace for each unit; everything has a name of its own, and the port that is usual for it."""

    def __init__(self, landscape: Landscape, cluster: Cluster) -> None:
        self.cluster = cluster
        self.fleet = None
        self._landscape = landscape
        self._used: dict[str, Namespace] = {}

    @property
    def namespaces(self) -> tuple[Namespace, ...]:
        return tuple(self._used[name] for name in sorted(self._used))

    def server(self, name: str, kind: str, owner: str) -> Place:
        namespace = self._namespace(owner)
        return Place(self._host(name, namespace), any_kind(kind).port, _EVERY_ADDRESS, namespace, _purposes(kind))

    def workload(self, deployable: LinkedDeployable) -> Place:
        unit = deployable.name if deployable.standalone else deployable.contexts[0]
        namespace = self._namespace(unit)
        return Place(self._host(deployable.name, namespace), deployable.port or 0, _EVERY_ADDRESS, namespace)

    def _host(self, service: str, namespace: str) -> str:
        return f"{service}.{namespace}.svc.{self.cluster.domain}"

    def _namespace(self, unit: str) -> str:
        name = names.resource_name(self._landscape.name, unit)
        if name not in self._used:
            self._used[name] = self._described(name, unit)
        return name

    def _described(self, name: str, unit: str) -> Namespace:
        if unit == PLATFORM:
            return Namespace(name, unit, self._landscape.platform_team or PLATFORM, ())
        with suppress(KeyError):
            context = self._landscape.context(unit)
            return Namespace(name, unit, context.team, (unit,), context.location)
        deployable = self._landscape.deployable(unit)
        return Namespace(name, unit, deployable.team, deployable.contexts, deployable.location)


class _OnBoth:
    """Some on a cluster and some on machines beside it, each as if alone, and what is between the two.

    Of what is on the cluster only that has an address outside which a machine has a way to.
    """

    def __init__(
        self,
        landscape: Landscape,
        environment: Environment,
        settings: ClusterSettings,
        in_cluster: _InCluster,
        on_machines: _OnMachines,
    ) -> None:
        self.cluster = in_cluster.cluster
        self.fleet = on_machines.fleet
        self._in_cluster = in_cluster
        self._on_machines = on_machines
        self._landscape = landscape
        self._targets = environment.targets
        self._owners = _Owners(landscape, environment)
        self._places = dict(self._placed())
        self._settings = settings
        self._outside = dict(self._endpoints())

    @property
    def namespaces(self) -> tuple[Namespace, ...]:
        return self._in_cluster.namespaces

    def server(self, name: str, kind: str, owner: str) -> Place:
        if self._owners.target(owner) == "vm":
            return self._on_machines.server(name, kind, owner)
        return replace(self._in_cluster.server(name, kind, owner), outside=self._outside.get(name))

    def workload(self, deployable: LinkedDeployable) -> Place:
        if self._targets.of(deployable.runtime.target) == "vm":
            return self._on_machines.workload(deployable)
        return replace(self._in_cluster.workload(deployable), outside=self._outside.get(deployable.name))

    def _placed(self) -> Iterator[tuple[str, tuple[str, int]]]:
        """By name, the target of everything that may be reached, and the port that it takes at on a cluster."""
        for holder in stores.holders(self._landscape):
            yield holder.name, (self._owners.target(holder.owner), any_kind(holder.kind).port)
        if broker := self._landscape.broker:
            yield broker_server(broker.type), (self._targets.of_platform, BROKERS[broker.type].outside)
        for deployable in self._landscape.deployables:
            yield deployable.name, (self._targets.of(deployable.runtime.target), deployable.port or 0)

    def _endpoints(self) -> Iterator[tuple[str, Endpoint]]:
        """Where machines reach what they have to on the cluster. Raises PlanProblem where the environment does not say."""
        from_machines: set[str] = set()
        for deployable in self._landscape.deployables:
            here = self._targets.of(deployable.runtime.target)
            for name in reached_by(self._landscape, deployable):
                there, _ = self._places[name]
                if here == "vm" and there == "kubernetes":
                    self._require(deployable, name, self._settings.reached, _NO_ADDRESS)
                    by_strimzi = "strimzi" in self._settings.operators and name == broker_server("kafka")
                    self._require(deployable, name, not by_strimzi, _BY_STRIMZI)
                    from_machines.add(name)
                elif here == "kubernetes" and there == "vm":
                    self._require(deployable, name, self._settings.outgoing, _NO_NETWORKS)
        if reached := self._settings.reached:
            ports = assign(self._landscape.name, from_machines, Range.of_ports(reached.ports))
            for name, port in ports.items():
                yield name, Endpoint(reached.address, port, self._places[name][1])

    @staticmethod
    def _require(deployable: LinkedDeployable, name: str, said: object, needed: str) -> None:
        if not said:
            refuse(deployable.location, f"`{deployable.name}` reaches `{name}`, {needed}")
