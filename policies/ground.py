"""What the pack judges by: the landscape's plan and facts, indexed by what resources call things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from components.kubernetes.manifest import Manifest
from components.kubernetes.objects import of_share
from components.kubernetes.operated import OPERATED, has_account, has_volume, pods_of, secrets_of
from plat import names
from plat.grouping import grouped
from plat.plan.model import (
    PLATFORM,
    Broker,
    BrokerUser,
    Contract,
    Datastore,
    Exchange,
    Namespace,
    Plan,
    Queue,
    Server,
    Topic,
    Workload,
)
from plat.plan.shares import Share, whole
from plat.reach import Reach
from plat.rules import Facts
from plat.whereabouts import Whereabouts, whereabouts
from policies.machines import Machines

EVERYBODY = "PUBLIC"


@dataclass(frozen=True)
class Ground:
    """One landscape in one environment, as the judge of its resources knows it.

    `share` is what of it the stack holds whose resources are judged; None for all of it, which may be divided into `parts`.
    """

    plan: Plan
    facts: Facts
    share: Share | None = None
    parts: tuple[Share, ...] = ()

    @classmethod
    def of(cls, plan: Plan, share: Share | None = None, parts: Iterable[Share] = ()) -> Ground:
        """The ground that `plan` gives for the stack of `share`, or for all that is divided into `parts`."""
        return cls(plan, Facts.of(plan.teams, plan.claims), share if share and share.name else None, tuple(parts))

    @cached_property
    def reach(self) -> Reach:
        """Reads what texts lead to."""
        return Reach(self.plan, self.facts)

    @cached_property
    def servers(self) -> dict[str, Server]:
        """Servers by name."""
        return {server.name: server for server in self.plan.servers}

    @cached_property
    def poolers(self) -> frozenset[str]:
        """What stands before servers, by name."""
        return frozenset(pooler.name for server in self.plan.servers for pooler in server.poolers)

    @cached_property
    def workloads(self) -> dict[str, Workload]:
        """Workloads by name."""
        return {workload.name: workload for workload in self.plan.workloads}

    @cached_property
    def namespaces(self) -> dict[str, Namespace]:
        """Namespaces by name."""
        return {namespace.name: namespace for namespace in self.plan.namespaces}

    @cached_property
    def objects(self) -> dict[tuple[str, str | None, str], Manifest]:
        """What there is to be on the plan's cluster, of the stack or in all, by type, namespace and name."""
        if not self.plan.cluster:
            return {}
        parts = (self.share,) if self.share else self.parts or (whole(self.plan),)
        return {(item.type_token, item.namespace, item.name): item for part in parts for item in of_share(part)}

    @cached_property
    def machines(self) -> Machines:
        """What the plan becomes on its machines."""
        return Machines(self.plan)

    def makes(self, namespace: str) -> bool:
        """Whether the stack is to make this namespace; those that nobody has planned are none of it."""
        return self.share is None or any(item.name == namespace for item in self.share.plan.namespaces)

    def fences(self, namespace: str) -> tuple[tuple[str, str, str], ...]:
        """What has to stand in a planned namespace, and over all of them, as type, namespace and name."""
        if namespace not in self.namespaces:
            return ()
        return tuple((kind, where or "", name) for kind, where, name in self._fences if where in {None, namespace})

    @cached_property
    def _fences(self) -> tuple[tuple[str, str | None, str], ...]:
        return tuple(key for key, manifest in self.objects.items() if manifest.is_fence)

    def pods(self, namespace: str | None) -> tuple[tuple[str, Mapping[str, str]], ...]:
        """The labels of the planned pods of a namespace, by the name of what makes them."""
        return self._pods.get(namespace, ())

    @cached_property
    def _pods(self) -> dict[str | None, tuple[tuple[str, Mapping[str, str]], ...]]:
        found: dict[str | None, list[tuple[str, Mapping[str, str]]]] = {}
        for item in self.objects.values():
            template = item.content.get("spec", {}).get("template", {})
            # What is made of an object by other templates than those of pods is no pod.
            pods = template.get("metadata", {}).get("labels") or pods_of(item)
            if pods:
                found.setdefault(item.namespace, []).append((item.name, pods))
        return {namespace: tuple(pods) for namespace, pods in found.items()}

    @cached_property
    def _operated(self) -> tuple[Manifest, ...]:
        return tuple(item for item in self.objects.values() if item.kind in OPERATED)

    def server_of_volume(self, namespace: str | None, name: str) -> Server | None:
        """The planned server whose volume this claim is, an operator's too; None for anything else."""
        server = self.servers.get(name)
        if server and server.namespace == namespace:
            return server
        owners = (item for item in self._operated if item.namespace == namespace and has_volume(item, name))
        return next((self.servers.get(item.resource) for item in owners), None)

    def is_operators_account(self, namespace: str | None, name: str) -> bool:
        """Whether servers that an operator makes run as this account."""
        return any(item.namespace == namespace and has_account(item, name) for item in self._operated)

    @cached_property
    def secrets_of_operators(self) -> frozenset[tuple[str | None, str]]:
        """The Secrets that operators make of what the plan has, by namespace and name."""
        return frozenset((item.namespace, name) for item in self.objects.values() for name in secrets_of(item))

    @cached_property
    def exchanges(self) -> dict[str, Exchange]:
        """Exchanges by name."""
        return {exchange.name: exchange for exchange in self.broker.exchanges} if self.broker else {}

    @cached_property
    def queues(self) -> dict[str, Queue]:
        """Queues by name, dead-letter queues by their own."""
        queues = self.broker.queues if self.broker else ()
        return {name: queue for queue in queues for name in (queue.name, queue.dead_letter)}

    @cached_property
    def topics(self) -> dict[str, Topic]:
        """Topics by name, those of dead letters too."""
        return {topic.name: topic for topic in self.broker.topics} if self.broker else {}

    @cached_property
    def broker_users(self) -> dict[str, BrokerUser]:
        """Identities at the broker by name."""
        return {user.name: user for user in self.broker.users} if self.broker else {}

    @cached_property
    def owners_of_names(self) -> dict[str, str]:
        """To whom each thing belongs, by the name that resources begin theirs with."""
        return {
            **self.machines.owners,
            **{context: context for context in self.plan.contexts},
            **{workload.name: ",".join(workload.contexts) for workload in self.plan.workloads},
            **{server.name: server.owner for server in self.plan.servers},
            **{name: exchange.owner for name, exchange in self.exchanges.items()},
            **{name: topic.owner for name, topic in self.topics.items()},
            **{name: queue.consumer for name, queue in self.queues.items()},
        }

    @property
    def broker(self) -> Broker | None:
        """The broker, where the landscape has one."""
        return self.plan.broker

    @cached_property
    def whereabouts(self) -> Whereabouts:
        """What addresses mean."""
        return whereabouts(self.plan)

    @cached_property
    def _databases(self) -> dict[tuple[str, str], tuple[Datastore, ...]]:
        return grouped(self.plan.datastores, lambda store: (store.server, store.database))

    @cached_property
    def _contracts(self) -> dict[tuple[str, str, str], Contract]:
        return {(item.server, item.database, item.schema): item for item in self.plan.contracts}

    @cached_property
    def _readers(self) -> dict[tuple[str, str], Contract]:
        return {(item.server, item.role): item for item in self.plan.contracts}

    @cached_property
    def _roles(self) -> dict[str, str]:
        identifiers = {names.sql_identifier(context): context for context in self.plan.contexts}
        return {**identifiers, **{store.role: store.context for store in self.plan.datastores}}

    def server_at(self, kind: str, host: str, port: int) -> Server | None:
        """The planned server of that kind that listens there; None where there is none."""
        server = self.whereabouts.server_at(host, port)
        return server if server and server.kind == kind else None

    def broker_managed_at(self, host: str, port: int) -> Server | None:
        """The planned broker whose administration listens there; None where there is none."""
        server = self.whereabouts.administered_at(host, port)
        return server if server and server.extra_ports.get("management") == port else None

    def stores_in_database(self, server: Server, database: str) -> tuple[Datastore, ...]:
        """The planned datastores in this database of this server: one, or those that have their schemas in it."""
        return self._databases.get((server.name, database), ())

    def stores_in(self, server: Server) -> tuple[Datastore, ...]:
        """All planned datastores of this server."""
        return tuple(store for store in self.plan.datastores if store.server == server.name)

    def contract_in(self, server: Server, database: str, schema: str) -> Contract | None:
        """The planned contract whose views stand in that schema; None where there is none."""
        return self._contracts.get((server.name, database, schema))

    def contract_of_role(self, server: Server, role: str) -> Contract | None:
        """The planned contract by which `role` reads in this server; None where there is none."""
        return self._readers.get((server.name, role))

    def role_stores(self, server: Server, role: str) -> tuple[Datastore, ...]:
        """The planned datastores of this server that the plan gives to `role`."""
        return tuple(store for store in self.stores_in(server) if store.role == role)

    def context_of_role(self, role: str) -> str:
        """The context that `role` stands for; where it stands for none its name, marked if a context is called so."""
        unknown = f"role {role}" if role in self.plan.teams else role
        return EVERYBODY if role.lower() == "public" else self._roles.get(role, unknown)

    def owner_of(self, server: Server) -> str:
        """The context that owns `server`, or the platform."""
        return server.owner if server.owner in self.plan.teams else PLATFORM
