"""The plan: what each context gets, with every name, port, right and variable already decided.

All of it is plain frozen data in a stable order, so that the same descriptors give the same bytes. No secret stands
here: a secret is a `SecretRef`, a name for a value that the program generates and only its holders receive.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from json.encoder import encode_basestring_ascii
from operator import attrgetter
from typing import Any, NamedTuple, NewType

from plat.claims import Claim
from plat.findings import Location
from plat.grouping import grouped, grouped_by_each

SecretRef = NewType("SecretRef", str)
"""Names one generated secret, e.g. `datastore/order-processing-postgresql`."""

LOOPBACK = "127.0.0.1"
"""Where what runs on this machine listens, but for what machines have a way to."""

PLATFORM = "platform"
"""The owner written on what belongs to no context: the broker and its administration."""

PAIRING = SecretRef("landscape/pairing")
"""What the secrets that two units share are made from: the platform's alone."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is released and owned together: a context, or a deployable beside contexts with those that it hosts, or `PLATFORM`.

    `deployables` are all that run for it.
    """

    name: str
    team: str
    contexts: tuple[str, ...]
    deployables: tuple[str, ...]
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace of the cluster: a unit's, which is a context, a deployable beside contexts, or `PLATFORM`.

    `contexts` are those that the unit owns or carries; where the unit is `PLATFORM`, there are none.
    """

    name: str
    unit: str
    team: str
    contexts: tuple[str, ...]
    location: Location | None = None


_OPERATED: Mapping[str, str] = {"kafka": "strimzi", "postgresql": "cloudnative-pg", "rabbitmq": "rabbitmq"}


@dataclass(frozen=True, slots=True)
class Backups:
    """An object store to which servers are copied, and the `secrets` by which they come in: a key's name, and the key.

    It answers at the URL `endpoint`, with `networks` and `port`; without networks that is somewhere outside. `authority` is
    the certificate (PEM) that vouches for it, None for one that everybody trusts. `schedule` has six fields, seconds first.
    `recoveries` are the moments, or `latest`, to which a server was recovered, by its name.
    """

    destination: str
    endpoint: str
    networks: tuple[str, ...]
    port: int
    authority: str | None
    region: str
    schedule: str
    retention: str
    recoveries: Mapping[str, tuple[str, ...]]

    @property
    def secrets(self) -> tuple[SecretRef, SecretRef]:
        """They are given, not generated."""
        return SecretRef("backups/access-key"), SecretRef("backups/secret-key")


@dataclass(frozen=True, slots=True)
class PostgreSQLCluster:
    """A PostgreSQL that an operator makes: how many instances, as whom the image runs it, and where copies of it go.

    A pooler has so many `poolers` instances, each of which takes so many `clients` and keeps, for each account and database,
    so many connections: its `pool`.
    """

    instances: int = 1
    user: int = 0
    group: int = 0
    backups: Backups | None = None
    poolers: int = 2
    clients: int = 500
    pool: int = 10


@dataclass(frozen=True, slots=True)
class Monitoring:
    """Where Prometheus is, and the labels by which it knows what it reads."""

    namespace: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ApiServer:
    """Where the cluster's API is, for those few pods that ask it."""

    networks: tuple[str, ...]
    port: int


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway of the Gateway API, below whose `domain` deployables are reached.

    `pods` are the labels of those in `pods_namespace` that its traffic comes from.
    """

    name: str
    namespace: str
    domain: str
    pods: Mapping[str, str]
    pods_namespace: str


@dataclass(frozen=True, slots=True)
class Admission:
    """Whom a cluster's own policies let do what: who provisions (one of `user`, `group`), and who carries out.

    Without either it is whoever may change those policies. `controllers` are namespaces whose service accounts make out of
    one object others.
    """

    user: str | None
    group: str | None
    controllers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """The Kubernetes that a plan is for: how it is reached, how its names end, who answers for them, what its pods run.

    `name_servers` are networks; without any it is the cluster's own pods that answer. `images` are by kind of server, and
    `plat` for the platform's own; `pull` says when nodes fetch one, in Kubernetes' words. `operators` are those that the
    cluster has; where one makes the broker, it has `broker_replicas` nodes, and `postgresql` says what a PostgreSQL is. KEDA
    is in `keda_namespace`, Strimzi's cluster operator in `strimzi_namespace`. Without a `gateway` nothing but machines reaches
    it from outside, which see what comes from there as from one of the networks `outgoing`; without `admission` it has no
    policies that refuse what is not planned, without `monitoring` nobody reads its metrics.
    """

    kubeconfig: str | None
    context: str | None
    domain: str
    name_servers: tuple[str, ...]
    storage_class: str | None
    images: Mapping[str, str]
    pull: str
    operators: tuple[str, ...] = ()
    broker_replicas: int = 1
    keda_namespace: str = "keda"
    strimzi_namespace: str = "strimzi"
    admission: Admission | None = None
    gateway: Gateway | None = None
    postgresql: PostgreSQLCluster = PostgreSQLCluster()
    api_server: ApiServer | None = None
    outgoing: tuple[str, ...] = ()
    monitoring: Monitoring | None = None

    def operates(self, server: Server) -> bool:
        """Whether an operator makes the server: one that keeps what is in it."""
        return self.operator_of(server) is not None

    def operator_of(self, server: Server) -> str | None:
        """The operator that makes the server, as environments call it; None where none does."""
        operator = _OPERATED.get(server.kind)
        keeps = server.namespace is not None and server.durability == "persistent"
        return operator if keeps and operator in self.operators else None

    def nodes_of(self, server: Server) -> int:
        """How many nodes a server has."""
        if not self.operates(server):
            return 1
        return self.postgresql.instances if server.kind == "postgresql" else self.broker_replicas

    def needed_of(self, server: Server) -> int:
        """How many of these have to be ready before a server confirms anything: a primary and one more, or more than half."""
        nodes = self.nodes_of(server)
        return min(nodes, 2) if server.kind == "postgresql" else nodes // 2 + 1


@dataclass(frozen=True, slots=True)
class Hypervisor:
    """The libvirt that makes a machine: where disks and network are, what these begin with, how its processor is made."""

    name: str
    uri: str
    pool: str
    network: str
    gateway: str
    prefix: int
    image: str
    domain: str
    data_image: str | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine with a Docker Engine, for `units` of one `team`: contexts, deployables beside contexts, or `PLATFORM`.

    It is made by a `hypervisor` with so many `cpus`, `memory` (MiB) and `disk` (MiB); or it is there already, and then known
    by its `host_key` and entered with the key in the file `key`, relative to the project. `name_servers` are those that it
    asks; without any, nobody knows which.
    """

    name: str
    team: str
    units: tuple[str, ...]
    dedicated: bool
    address: str
    port: int
    user: str
    cpus: int
    memory: int
    disk: int
    name_servers: tuple[str, ...]
    hypervisor: Hypervisor | None = None
    host_key: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Fleet:
    """The machines of a plan, by name; from where SSH on them is reached, and what is public; what their containers run.

    `neighbour` is the address that what runs on this machine comes from.
    """

    machines: tuple[Machine, ...]
    administration: tuple[str, ...]
    public: tuple[str, ...]
    images: Mapping[str, str]
    neighbour: str

    def machine(self, name: str) -> Machine:
        """The machine of that name. Raises KeyError where there is none."""
        for machine in self.machines:
            if machine.name == name:
                return machine
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where something on a cluster is for who is elsewhere; its pods take at their port `behind` what comes there."""

    host: str
    port: int
    behind: int


@dataclass(frozen=True, slots=True)
class Scaling:
    """How many replicas of a workload run: from `low` to `high`, by the scaling profile of its descriptor."""

    profile: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Pooler:
    """What keeps few connections to a server for many clients, in its place and at its port.

    `mode` is how long one of them is one client's: for a `session`, or for a `transaction`.
    """

    name: str
    mode: str
    host: str


@dataclass(frozen=True, slots=True)
class Server:
    """One server process (or cluster) with an administrator of its own.

    `owner` is a context, `PLATFORM`, or the deployable whose contexts have schemas of their own in its `shared_database`;
    `extra_ports` are the further ports that the kind needs, by purpose. On a cluster it has a `namespace`, on a machine that
    `machine`'s name; `storage` is the size of its volume where the descriptor says one. `host` and `port` are for who is on
    the same target and `outside`, where there is one, for machines beside a cluster (`plat.plan.seen`); `poolers` are for
    who is on the cluster.
    """

    name: str
    kind: str
    owner: str
    team: str
    host: str
    port: int
    durability: str
    admin_user: str
    admin_secret: SecretRef
    version: str | None = None
    extra_ports: Mapping[str, int] = field(default_factory=dict)
    shared_database: str | None = None
    location: Location | None = None
    namespace: str | None = None
    storage: str | None = None
    machine: str | None = None
    outside: Endpoint | None = None
    poolers: tuple[Pooler, ...] = ()

    @property
    def target(self) -> str:
        """What it is on: `kubernetes`, `vm` or `local`."""
        return "kubernetes" if self.namespace else "vm" if self.machine else "local"

    def pooled(self, mode: str | None) -> Server:
        """It as who wants connections for that long reaches it: by a pooler, or itself where there is none of that mode."""
        pooler = self.pooler(mode)
        return dataclasses.replace(self, host=pooler.host) if pooler else self

    def pooler(self, mode: str | None) -> Pooler | None:
        """Its pooler of that mode; None where there is none."""
        return next((pooler for pooler in self.poolers if pooler.mode == mode), None)


@dataclass(frozen=True, slots=True)
class Datastore:
    """The store of one context inside a server: `role` is the only one besides the administrator that may enter.

    Where `schema` is given, only that part of the database is the context's, and others have theirs beside it. `outbox` is
    the table for events that wait to be published; None where the context asks for none. `pooling` is for how long it wants
    connections; None where it wants them for itself.
    """

    name: str
    context: str
    team: str
    type: str
    server: str
    database: str
    role: str
    secret: SecretRef
    schema: str | None = None
    outbox: str | None = None
    pooling: str | None = None
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A published view, its columns with their PostgreSQL types in the order in which they are promised."""

    name: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """A data contract: `views` in a `schema` of their own beside the provider's `datastore`, made as its role `owner`.

    What the provider keeps for itself is in its `provider_schema`. `role` is the consumer's for this contract alone;
    `expires` is the last day (YYYY-MM-DD) on which the server lets it in.
    """

    name: str
    provider: str
    consumer: str
    datastore: str
    server: str
    database: str
    schema: str
    provider_schema: str
    owner: str
    role: str
    secret: SecretRef
    views: tuple[View, ...]
    expires: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """Where one context publishes: a topic exchange, named by its owner."""

    name: str
    owner: str
    routing_keys: tuple[str, ...]
    location: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable queue that one context reads, bound to one event of one publisher, and its dead-letter queue."""

    name: str
    dead_letter: str
    consumer: str
    event: str
    exchange: str
    routing_key: str
    retention_ms: int
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """Where one version of one event stands in Kafka, or what one consumer group of `owner` could not handle of it.

    Records are kept for `retention_ms`, read or not; `dead_letters_of` is that group, None for the event itself.
    """

    name: str
    owner: str
    event: str
    version: int
    partitions: int
    retention_ms: int
    dead_letters_of: str | None = None
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A consumer group by which one context reads one topic, and the topic for what it cannot handle."""

    group: str
    topic: str
    consumer: str
    event: str
    dead_letter_topic: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class BrokerUser:
    """One context's identity at the broker, and all that it may do there.

    In RabbitMQ it publishes to exchanges and consumes from queues; in Kafka both are topics, and `groups` are its own.
    """

    name: str
    context: str
    team: str
    secret: SecretRef
    publishes_to: tuple[str, ...]
    consumes_from: tuple[str, ...]
    routing_keys: tuple[str, ...]
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Broker:
    """The landscape's message broker: the platform team's.

    RabbitMQ has a virtual host for the landscape, with exchanges and queues; Kafka has topics and subscriptions, and no
    `vhost`.
    """

    type: str
    server: str
    vhost: str
    exchanges: tuple[Exchange, ...]
    queues: tuple[Queue, ...]
    users: tuple[BrokerUser, ...]
    topics: tuple[Topic, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()

    def user_of(self, context: str) -> BrokerUser | None:
        """The identity of `context`; None where it neither publishes nor consumes."""
        return self._users.get(context)

    def queues_of(self, context: str) -> tuple[Queue, ...]:
        """The queues that `context` reads."""
        return self._queues.get(context, ())

    def exchanges_of(self, context: str) -> tuple[Exchange, ...]:
        """The exchanges that `context` owns."""
        return self._exchanges.get(context, ())

    def topics_of(self, context: str) -> tuple[Topic, ...]:
        """The topics that `context` owns: its events', and those of what it could not handle."""
        return self._topics.get(context, ())

    def subscriptions_of(self, context: str) -> tuple[Subscription, ...]:
        """What `context` reads of Kafka."""
        return self._subscriptions.get(context, ())

    def place_of(self, context: str) -> Location | None:
        """Where the first of all that `context` publishes or consumes stands; None where it does neither."""
        places = [
            *(exchange.location for exchange in self.exchanges_of(context)),
            *(topic.location for topic in self.topics_of(context)),
            *(queue.location for queue in self.queues_of(context)),
            *(subscription.location for subscription in self.subscriptions_of(context)),
        ]
        return next(filter(None, places), None)

    @cached_property
    def _users(self) -> Mapping[str, BrokerUser]:
        return {user.context: user for user in self.users}

    @cached_property
    def _topics(self) -> Mapping[str, tuple[Topic, ...]]:
        return grouped(self.topics, lambda topic: topic.owner)

    @cached_property
    def _subscriptions(self) -> Mapping[str, tuple[Subscription, ...]]:
        return grouped(self.subscriptions, lambda subscription: subscription.consumer)

    @cached_property
    def _queues(self) -> Mapping[str, tuple[Queue, ...]]:
        return grouped(self.queues, lambda queue: queue.consumer)

    @cached_property
    def _exchanges(self) -> Mapping[str, tuple[Exchange, ...]]:
        return grouped(self.exchanges, lambda exchange: exchange.owner)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a context's synchronous surface, and who may call it."""

    name: str
    public: bool
    callers: tuple[str, ...]
    location: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Surface:
    """What a context exposes over HTTP, and the workload and port that serve it; `outside` is as a server's."""

    context: str
    workload: str
    host: str
    port: int
    operations: tuple[Operation, ...]
    outside: Endpoint | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One caller's way to a surface, with the credential that the callee knows it by."""

    source: str
    destination: str
    operations: tuple[str, ...]
    secret: SecretRef
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class External:
    """A system outside of the landscape, and the workloads that may reach it."""

    name: str
    host: str
    port: int
    reached_by: tuple[str, ...]
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    """One deployable: what runs, for whom, and the variables that it gets.

    `environment` holds literals, which may refer to another variable as `$(NAME)`; `secrets` names the generated values;
    `callers` are the routes whose credentials this workload must be able to recognise; `origins` tells of each variable
    which place in a descriptor makes it, and `written` are those whose text stands there. `host` is what it listens on; on a
    cluster it has a `namespace`, on a machine that `machine`'s name; `outside` is as a server's.
    """

    name: str
    team: str
    contexts: tuple[str, ...]
    target: str
    image: str | None
    command: tuple[str, ...]
    host: str
    port: int | None
    environment: Mapping[str, str]
    secrets: Mapping[str, SecretRef]
    callers: Mapping[str, SecretRef]
    location: Location | None = None
    origins: Mapping[str, Location] = field(default_factory=dict, compare=False)
    written: tuple[str, ...] = field(default=(), compare=False)
    namespace: str | None = None
    scaling: Scaling | None = None
    machine: str | None = None
    outside: Endpoint | None = None


@dataclass(frozen=True)
class Plan:
    """Everything that one landscape becomes in one environment; `groups` are the teams that its cluster knows as such."""

    landscape: str
    environment: str
    teams: Mapping[str, str]
    servers: tuple[Server, ...]
    datastores: tuple[Datastore, ...]
    broker: Broker | None
    surfaces: tuple[Surface, ...]
    routes: tuple[Route, ...]
    externals: tuple[External, ...]
    workloads: tuple[Workload, ...]
    claims: tuple[Claim, ...]
    contracts: tuple[Contract, ...] = ()
    cluster: Cluster | None = None
    namespaces: tuple[Namespace, ...] = ()
    fleet: Fleet | None = None
    units: tuple[Unit, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def stack(self) -> str:
        """The name of the Pulumi stack that holds all of this plan; what runs here is kept by this name in any case."""
        return f"{self.landscape}.{self.environment}"

    @property
    def contexts(self) -> tuple[str, ...]:
        """All contexts, by name."""
        return tuple(sorted(self.teams))

    @property
    def secrets(self) -> tuple[SecretRef, ...]:
        """Every secret that the program has to make, each once, in order."""
        refs = {server.admin_secret for server in self.servers}
        refs |= {store.secret for store in self.datastores}
        refs |= {contract.secret for contract in self.contracts}
        refs |= {user.secret for user in self.broker.users} if self.broker else set()
        return tuple(sorted(refs | self.pairs))

    @property
    def pairs(self) -> frozenset[SecretRef]:
        """Those that two units have to know: of a route caller and callee, of a contract consumer and provider."""
        return frozenset((*(route.secret for route in self.routes), *(contract.secret for contract in self.contracts)))

    @property
    def targets(self) -> tuple[str, ...]:
        """Every target that something of it is on, by name."""
        return tuple(sorted({server.target for server in self.servers} | {workload.target for workload in self.workloads}))

    def at(self, target: str) -> Plan:
        """What of it is on one target: servers with all that is in them, for whomever it is, and workloads."""
        servers = tuple(server for server in self.servers if server.target == target)
        names = {server.name for server in servers}
        return dataclasses.replace(
            self,
            servers=servers,
            datastores=tuple(store for store in self.datastores if store.server in names),
            contracts=tuple(contract for contract in self.contracts if contract.server in names),
            broker=self.broker if self.broker and self.broker.server in names else None,
            workloads=tuple(workload for workload in self.workloads if workload.target == target),
        )

    @property
    def given(self) -> tuple[SecretRef, ...]:
        """Every secret that the program is given, by the stack's configuration."""
        return next((backups.secrets for backups in map(self.backups_of, self.servers) if backups), ())

    def backups_of(self, server: Server) -> Backups | None:
        """Where copies of a server go; None where there are none."""
        if self.cluster and server.kind == "postgresql" and self.cluster.operates(server):
            return self.cluster.postgresql.backups
        return None

    def server(self, name: str) -> Server:
        """The server of that name. Raises KeyError where there is none."""
        return self._servers[name]

    def workload(self, name: str) -> Workload:
        """The workload of that name. Raises KeyError where there is none."""
        return self._workloads[name]

    def host_of(self, workload: Workload) -> str:
        """Where a workload is reached: what is published at a machine listens, in its container, everywhere."""
        return self.fleet.machine(workload.machine).address if self.fleet and workload.machine else workload.host

    def workloads_of(self, context: str) -> tuple[Workload, ...]:
        """The workloads that carry `context`."""
        return self._workloads_of.get(context, ())

    def calling(self, source: str) -> tuple[Workload, ...]:
        """The workloads that call what a route from `source`, a workload or a context, leads to."""
        found = self.workloads_of(source)
        own = self._workloads.get(source)
        return found if own is None or own in found else (*found, own)

    def servers_of(self, workload: Workload) -> tuple[Server, ...]:
        """The servers that `workload` has something in: its contexts' datastores and contracts, and the broker."""
        names = {store.server for context in workload.contexts for store in self.datastores_of(context)}
        names |= {contract.server for context in workload.contexts for contract in self.contracts_of(context)}
        if self.broker and any(self.broker_user(context) for context in workload.contexts):
            names.add(self.broker.server)
        return tuple(self.server(name) for name in sorted(names & self._servers.keys()))

    def datastores_of(self, context: str) -> tuple[Datastore, ...]:
        """The datastores that `context` owns, the primary one first."""
        return self._datastores_of.get(context, ())

    def contracts_of(self, consumer: str) -> tuple[Contract, ...]:
        """The contracts by which `consumer` reads."""
        return self._contracts_of.get(consumer, ())

    def broker_user(self, context: str) -> BrokerUser | None:
        """The broker identity of `context`; None where it neither publishes nor consumes."""
        return self.broker.user_of(context) if self.broker else None

    def surface(self, context: str) -> Surface | None:
        """What `context` exposes; None where it exposes nothing."""
        return self._surfaces.get(context)

    @cached_property
    def _servers(self) -> Mapping[str, Server]:
        return {server.name: server for server in self.servers}

    @cached_property
    def _workloads(self) -> Mapping[str, Workload]:
        return {workload.name: workload for workload in self.workloads}

    @cached_property
    def _workloads_of(self) -> Mapping[str, tuple[Workload, ...]]:
        return grouped_by_each(self.workloads, lambda workload: workload.contexts)

    @cached_property
    def _datastores_of(self) -> Mapping[str, tuple[Datastore, ...]]:
        return grouped(self.datastores, lambda store: store.context)

    @cached_property
    def _contracts_of(self) -> Mapping[str, tuple[Contract, ...]]:
        return grouped(self.contracts, lambda contract: contract.consumer)

    @cached_property
    def _surfaces(self) -> Mapping[str, Surface]:
        return {surface.context: surface for surface in self.surfaces}

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of all that is provisioned: equal plans, equal digests. Where things stand in a file is left out."""
        return hashlib.sha256(Texts().of(self).encode()).hexdigest()


_NOT_PROVISIONED = frozenset(("location", "origins", "written", "claims"))


def plain(value: Any) -> Any:  # noqa: ANN401 - any value of the plan
    """A plan, or a part of one, as plain values in a stable order, without what is not provisioned: places and claims."""
    return json.loads(Texts().of(value))


class Texts:
    """The texts of plans and of parts of them, as JSON without what is not provisioned; of what many have in common once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, str]] = {}

    def of(self, value: Any) -> str:  # noqa: ANN401 - any value of the plan
        """Equal values, equal texts."""
        (text,) = self._of_all([value])
        return text

    def _of_all(self, values: Iterable[Any]) -> list[str]:
        # Most are words or empty, and a call for each of them would be most of what this takes.
        texts = []
        for value in values:
            kind = value.__class__
            if kind is str:
                texts.append(encode_basestring_ascii(value))
            elif kind is tuple:
                texts.append(f"[{','.join(self._of_all(value))}]" if value else "[]")
            elif kind in _AS_THEY_ARE:
                texts.append(_AS_THEY_ARE[kind](value))
            elif fields := _provisioned(kind):
                texts.append(self._of_fields(fields, value))
            elif isinstance(value, Mapping):
                keys = sorted(value)
                inner = self._of_all([value[key] for key in keys])
                pairs = [f"{key}:{text}" for key, text in zip(self._of_all(keys), inner, strict=True)]
                texts.append(f"{{{','.join(pairs)}}}")
            elif isinstance(value, tuple | list):
                texts.append(f"[{','.join(self._of_all(value))}]")
            else:
                texts.append(json.dumps(value))
        return texts

    def _of_fields(self, fields: _Fields, value: Any) -> str:  # noqa: ANN401 - any dataclass
        if known := self._known.get(id(value)):
            return known[1]
        text = fields.form % tuple(self._of_all(fields.values(value)))
        # Kept with what it is of: an id is another's once that is gone.
        self._known[id(value)] = (value, text)
        return text


_AS_THEY_ARE: Mapping[type[object], Callable[[Any], str]] = {
    int: str,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
}
"""What JSON writes without more ado."""


class _Fields(NamedTuple):
    """The fields of a dataclass that are provisioned: what gives their values, and the JSON that these stand in."""

    values: Callable[[Any], Sequence[Any]]
    form: str


@cache
def _provisioned(kind: type[object]) -> _Fields | None:
    """Those of a type; None where that is no dataclass."""
    if not dataclasses.is_dataclass(kind):
        return None
    names = [item.name for item in dataclasses.fields(kind) if item.name not in _NOT_PROVISIONED]
    form = f"{{{','.join(f'{encode_basestring_ascii(name)}:%s' for name in names)}}}"
    # Of one name alone it gives no sequence.
    return _Fields(attrgetter(*names) if len(names) > 1 else lambda value: [getattr(value, name) for name in names], form)
