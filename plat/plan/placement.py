"""Where servers and workloads are: on loopback ports of this machine, or in the namespaces of a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from plat import names
from plat.environment import Cluster as ClusterSettings
from plat.environment import Environment
from plat.environment import Gateway as GatewaySettings
from plat.landscape import Landscape, LinkedDeployable
from plat.plan import ports, stores
from plat.plan.kinds import BROKERS, any_kind
from plat.plan.messaging import broker_server
from plat.plan.model import PLATFORM, Admission, ApiServer, Cluster, Gateway, Namespace, PostgreSQLCluster

LOOPBACK = "127.0.0.1"
# What implementations label the pods of a gateway with (https://gateway-api.sigs.k8s.io/geps/gep-1762/).
_OF_A_GATEWAY = "gateway.networking.k8s.io/gateway-name"
_EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - a pod has one address of its own


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is reached: `host` is for those who call, `listens_on` for itself."""

    host: str
    port: int
    listens_on: str
    namespace: str | None = None
    extra_ports: Mapping[str, int] = field(default_factory=dict)


class Placement(Protocol):
    """Where things are in one environment."""

    @property
    def cluster(self) -> Cluster | None:
        """The cluster that it is; None for this machine."""

    @property
    def namespaces(self) -> tuple[Namespace, ...]:
        """The namespaces of all that was placed, by name."""

    def server(self, name: str, kind: str, owner: str) -> Place:
        """Where the server called `name` is."""

    def workload(self, deployable: LinkedDeployable) -> Place:
        """Where a workload is; its port is 0 where the deployable has none."""


def placement_of(landscape: Landscape, environment: Environment) -> Placement:
    """The places of `landscape` in `environment`. Raises `ports.PortProblem`."""
    if environment.cluster is None:
        return _ThisMachine(ports.assign(landscape.name, _listeners(landscape), environment.ports))
    settings = environment.cluster
    cluster = Cluster(
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
        postgresql=PostgreSQLCluster(**settings.postgresql.model_dump()),
        api_server=ApiServer(tuple(api.networks), api.port) if (api := settings.api_server) else None,
        gateway=_gateway(settings.gateway),
    )
    return _InCluster(landscape, cluster)


def _admission(settings: ClusterSettings) -> Admission:
    provisioner = settings.provisioner
    return Admission(
        user=provisioner.user if provisioner else None,
        group=provisioner.group if provisioner else None,
        controllers=tuple(settings.controllers),
    )


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


@dataclass(frozen=True, slots=True)
class _ThisMachine:
    """Everything on loopback, told apart by its port alone."""

    ports: Mapping[str, int]
    cluster: None = None
    namespaces: tuple[Namespace, ...] = ()

    def server(self, name: str, kind: str, owner: str) -> Place:  # noqa: ARG002 - here nobody's place depends on its owner
        extra = {purpose: self.ports[f"{name}/{purpose}"] for purpose in _purposes(kind)}
        return Place(LOOPBACK, self.ports[name], LOOPBACK, extra_ports=extra)

    def workload(self, deployable: LinkedDeployable) -> Place:
        return Place(LOOPBACK, self.ports.get(deployable.name, 0), LOOPBACK)


class _InCluster:
    """A namespace for each unit; everything has a name of its own, and the port that is usual for it."""

    def __init__(self, landscape: Landscape, cluster: Cluster) -> None:
        self.cluster = cluster
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
        for context in self._landscape.contexts:
            if context.name == unit:
                return Namespace(name, unit, context.team, (unit,), context.location)
        deployable = next(item for item in self._landscape.deployables if item.name == unit)
        return Namespace(name, unit, deployable.team, deployable.contexts, deployable.location)
