"""The ways that a plan opens on its cluster: from whose pods to which port of whose, and between pods and machines.

Everything else stays closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plat.kubernetes import depth, labels
from plat.plan.model import PLATFORM, Cluster, Monitoring, Plan, Pooler, Server, Workload
from plat.plan.reaching import ways

_EPMD = 4369  # where a node of RabbitMQ asks another machine for its nodes
_ABOVE, _AT_ONCE = 10_000, 3


@dataclass(frozen=True, slots=True)
class End:
    """The pods with the label `key` of that `value` in one namespace."""

    namespace: str
    key: str
    value: str

    @classmethod
    def of_workload(cls, workload: Workload) -> End:
        """The pods of a workload."""
        return cls(workload.namespace or "", labels.WORKLOAD, workload.name)

    @classmethod
    def of_server(cls, server: Server) -> End:
        """The pod of a server."""
        return cls(server.namespace or "", labels.SERVER, server.name)

    @classmethod
    def of_pooler(cls, server: Server, pooler: Pooler) -> End:
        """The pods of a pooler, which are where its server is."""
        return cls(server.namespace or "", labels.POOLER, pooler.name)

    @classmethod
    def inside(cls, server: Server) -> End:
        """The pods that work inside of a server."""
        return cls(server.namespace or "", labels.INSIDE, server.name)

    @classmethod
    def of_entity_operator(cls, server: Server) -> End:
        """The pod that makes topics and users in a Kafka that Strimzi makes: it bears the labels that Strimzi gives it."""
        return cls(server.namespace or "", f"{STRIMZI}name", f"{server.name}-entity-operator")

    @classmethod
    def of_keda(cls, namespace: str) -> End:
        """The pods of KEDA that look how much waits at a broker."""
        return cls(namespace, *depth.PODS)

    @property
    def labels(self) -> dict[str, str]:
        """What selects them in their namespace."""
        return {self.key: self.value}

    @property
    def is_of_a_workload(self) -> bool:
        """Whether they are the pods of a workload."""
        return self.key == labels.WORKLOAD


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A machine beside the cluster, by its address."""

    address: str


@dataclass(frozen=True, slots=True)
class Flow:
    """One way, to one port. One of its two ends is on the cluster, or both are."""

    source: End | Elsewhere
    target: End | Elsewhere
    port: int


@dataclass(frozen=True, slots=True)
class Operator:
    """Pods outside of every unit that serve all of them, and by which ports of servers, by purpose or number, they come in."""

    namespace: str
    name: str
    ports: tuple[str | int, ...]
    key: str = labels.NAME

    def ports_of(self, server: Server) -> tuple[int, ...]:
        """The ports of a server by which it works inside of it."""
        return tuple(port if isinstance(port, int) else server.extra_ports[port] for port in self.ports)

    @property
    def labels(self) -> dict[str, str]:
        """What selects them in their namespace."""
        return {self.key: self.name}


RABBITMQ_OPERATOR = Operator("rabbitmq-system", "messaging-topology-operator", ("management",))
"""The messaging topology operator, as its own manifests install it."""

_INSTANCE_MANAGER = 8000  # where an instance of PostgreSQL tells how it is

CLOUDNATIVE_PG = Operator("cnpg-system", "cloudnative-pg", (_INSTANCE_MANAGER,))
"""CloudNativePG, as its own manifests install it."""

_METRICS, _METRICS_OF_A_POOLER = 9187, 9127


def prometheus(monitoring: Monitoring, *, poolers: bool = False) -> Operator:
    """Prometheus, whose operator labels its pods so, as it comes to instances of PostgreSQL, or to `poolers` of them."""
    return Operator(monitoring.namespace, "prometheus", (_METRICS_OF_A_POOLER if poolers else _METRICS,))


STRIMZI = "strimzi.io/"
"""What all labels of Strimzi's begin with."""

# Where nodes elect and follow a controller, where they and operators reach brokers, and where a node tells how it is: each
# by certificates of the cluster's own (https://strimzi.io/docs/operators/latest/deploying#con-securing-kafka-network-policies-str).
_CONTROL_PLANE, _REPLICATION, _AGENT = 9090, 9091, 8443


def strimzi(cluster: Cluster) -> Operator:
    """Strimzi's cluster operator, wherever the environment says that it is."""
    ports = (_CONTROL_PLANE, _REPLICATION, _AGENT)
    return Operator(cluster.strimzi_namespace, "cluster-operator", ports, key=f"{STRIMZI}kind")


def flows_of(plan: Plan) -> tuple[Flow, ...]:
    """Every way that `plan` opens on its cluster, each once."""
    return tuple(dict.fromkeys(_flows(plan)))


def end_of(plan: Plan, thing: Server | Workload) -> End | Elsewhere:
    """What a server or a workload is to the cluster. Raises ValueError for what is on neither it nor a machine."""
    if thing.namespace:
        return End.of_server(thing) if isinstance(thing, Server) else End.of_workload(thing)
    if plan.fleet and thing.machine:
        return Elsewhere(plan.fleet.machine(thing.machine).address)
    msg = f"{thing.name} is neither on a cluster nor on a machine"
    raise ValueError(msg)


def pods_of(plan: Plan, workload: Workload) -> dict[str, str]:
    """The labels of the pods of a workload: which they are, and by which servers of the platform's let them in.

    Those know nobody by name: another one who has something there changes nothing at them.
    """
    shared = (server for server in plan.servers_of(workload) if server.owner == PLATFORM and server.namespace)
    return {**End.of_workload(workload).labels, **{labels.AT[server.kind]: server.name for server in shared}}


def command_ports(server: Server) -> range:
    """Where `rabbitmqctl` in one node's pod hears from the other nodes: a port for each that runs at one time.

    https://www.rabbitmq.com/docs/networking#ports has ten of them.
    """
    first = server.extra_ports["distribution"] + _ABOVE
    return range(first, first + _AT_ONCE)


def administration(server: Server) -> tuple[int, ...]:
    """The ports by which what is inside of `server` is made."""
    management = server.extra_ports.get("management")
    return (server.port, management) if management else (server.port,)


def _flows(plan: Plan) -> Iterator[Flow]:
    for server in plan.at("kubernetes").servers:
        yield from (Flow(End.inside(server), End.of_server(server), port) for port in administration(server))
        # Nodes find and reach each other; to itself a pod needs no way.
        own = End.of_server(server)
        yield from (Flow(own, own, port) for port in _between_nodes(plan, server))
        if plan.cluster and plan.cluster.operator_of(server) == "strimzi":
            yield Flow(End.of_entity_operator(server), own, _REPLICATION)
        yield from (Flow(End.of_pooler(server, pooler), own, server.port) for pooler in server.poolers)
    for way in ways(plan):
        source, target = end_of(plan, way.source), end_of(plan, way.target)
        if isinstance(source, End):
            yield Flow(source, target, way.port)
        elif isinstance(target, End) and way.target.outside:
            # A policy judges what comes once its address has been translated.
            yield Flow(source, target, way.target.outside.behind)
    yield from _to_poolers(plan)
    yield from _to_the_broker(plan)


def _to_poolers(plan: Plan) -> Iterator[Flow]:
    for workload in plan.at("kubernetes").workloads:
        stores = [store for context in workload.contexts for store in plan.datastores_of(context)]
        for store, server in ((store, plan.server(store.server)) for store in stores):
            if pooler := server.pooler(store.pooling):
                yield Flow(End.of_workload(workload), End.of_pooler(server, pooler), server.port)


def _between_nodes(plan: Plan, server: Server) -> tuple[int, ...]:
    if plan.cluster is None or plan.cluster.nodes_of(server) == 1:
        return ()
    match server.kind:
        case "postgresql":
            return (server.port, _INSTANCE_MANAGER)
        case "kafka":
            return (_CONTROL_PLANE, _REPLICATION)
        case _:
            return (_EPMD, server.extra_ports["distribution"], *command_ports(server))


def _to_the_broker(plan: Plan) -> Iterator[Flow]:
    if plan.cluster and plan.broker and any(depth.waiting_for(plan, workload) for workload in plan.workloads):
        server = plan.server(plan.broker.server)
        yield Flow(End.of_keda(plan.cluster.keda_namespace), End.of_server(server), server.port)
