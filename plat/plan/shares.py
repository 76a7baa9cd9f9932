"""The shares of a plan: what each stack holds where every unit has stacks of its own.

A unit's own stack holds its servers, its stores and what runs for it. What it has at the platform's servers, its rights at
the broker above all, only their administrator can make: so that no team's stack holds the platform's credentials, that
is a share of its own, the unit's access, which the platform gives it. So it is with secrets that two units have to know. Each
share is given secrets by one other share at most: the unit's own by its access, an access by the platform.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from plat.garbage import uncollected
from plat.grouping import grouped
from plat.kubernetes.flows import Flow
from plat.plan.model import PAIRING, PLATFORM, Broker, Contract, Plan, SecretRef, Texts, Unit
from plat.plan.shares_on_cluster import ClusterIndex
from plat.plan.without import broker_of, nothing_of
from plat.stacks import StackName

ACCESS = "_access"
"""Ends the name of a unit's access: no descriptor's name has an underscore."""

LATER = "PLAT_LATER"
"""A variable for the program: what of the share is left out this time, by names with commas between."""

LEAVING = "PLAT_LEAVING"
"""A variable for the program and the policy pack: the contexts that have been removed, by names with commas between."""

UNGIVEN = "PLAT_UNGIVEN"
"""A variable for the program: the share's giver has given nothing so far, so that a preview goes on without."""


@dataclass(frozen=True, slots=True)
class Head:
    """What of a share a run over many asks: when it is its turn, and by `digest` whether its stack is what it is to be.

    `unit`, `team`, `needs` and `giver` are as the share's; `digest` is of all that it becomes.
    """

    stack: StackName
    unit: str
    team: str
    needs: tuple[str, ...]
    giver: str | None
    digest: str

    @property
    def name(self) -> str:
        """The share's; empty where it holds everything."""
        return self.stack.share


@dataclass(frozen=True, slots=True)
class Share:
    """What one stack holds: `plan` is that part of the landscape's.

    Without a `name` it holds everything. `elsewhere` are servers of `plan` that another share makes: this one only works in
    them. Secrets it `generates`, `derives` from the landscape's pairing, `receives` from the share `giver`, and `gives` to who
    may read its outputs. `needs` are the shares that have to be there first. `later` is what it leaves out this time.

    On a cluster `view` is the plan as those of its objects see it that depend on others', and `flows` are the ways to what
    it holds and from there. One that `closes` servers lets nobody in whom the landscape does not have.
    """

    plan: Plan
    generates: tuple[SecretRef, ...]
    derives: tuple[SecretRef, ...]
    gives: tuple[SecretRef, ...]
    name: str = ""
    unit: str = ""
    team: str = ""
    receives: tuple[SecretRef, ...] = ()
    giver: str | None = None
    elsewhere: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()
    later: frozenset[str] = frozenset()
    view: Plan | None = None
    flows: tuple[Flow, ...] = ()
    closes: bool = False

    @property
    def known(self) -> Plan:
        """What it holds, with what that has to know of others'."""
        return self.view or self.plan

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of all that it becomes: the same digest, the same stack."""
        return self.digest_by(Texts())

    def digest_by(self, texts: Texts) -> str:
        """The same, where others' have been made by `texts` too: shares have much in common."""
        if not self.name:
            return self.plan.digest
        # What is given to another share follows from that one's plan, and from nothing in this one's.
        secrets = (self.generates, self.derives, self.receives, self.gives)
        parts = (self.plan, self.view, self.flows, secrets)
        return hashlib.sha256(texts.of(parts).encode()).hexdigest()

    def head(self, texts: Texts) -> Head:
        """Its head; `texts` are as for its digest."""
        return Head(self.stack, self.unit, self.team, self.needs, self.giver, self.digest_by(texts))

    @property
    def stack(self) -> StackName:
        """The name of the stack that holds it."""
        return StackName(self.plan.landscape, self.plan.environment, self.name)

    @property
    def leaning(self) -> tuple[str, ...]:
        """What of it may need something that another share makes: queues bound to others' exchanges, workloads."""
        # On a cluster who binds a queue makes the exchange if it is not there: nobody waits.
        broker = None if self.plan.cluster else self.plan.broker
        own = {exchange.name for exchange in broker.exchanges} if broker else set()
        bound = [queue.name for queue in broker.queues if queue.exchange not in own] if broker else []
        return (*bound, *(workload.name for workload in self.plan.workloads))

    def without(self, names: Collection[str]) -> Share:
        """The same without those of its queues and workloads that are named."""
        return dataclasses.replace(self, later=frozenset(names))

    def leaving(self, contexts: Collection[str]) -> Share:
        """Of a share that `closes` servers, the same once these contexts have nothing in them; any other as it is."""
        if not (contexts and self.closes and self.view):
            return self
        view, broker = self.view, self.view.broker
        if broker:
            broker = dataclasses.replace(
                broker,
                users=tuple(user for user in broker.users if user.context not in contexts),
                queues=tuple(queue for queue in broker.queues if queue.consumer not in contexts),
            )
        stores = tuple(store for store in view.datastores if store.context not in contexts)
        contracts = tuple(item for item in view.contracts if item.consumer not in contexts)
        return dataclasses.replace(self, view=dataclasses.replace(view, broker=broker, datastores=stores, contracts=contracts))

    @property
    def now(self) -> Plan:
        """What of `plan` it does not leave out."""
        broker = self.plan.broker
        if broker:
            broker = dataclasses.replace(broker, queues=tuple(item for item in broker.queues if item.name not in self.later))
        workloads = tuple(workload for workload in self.plan.workloads if workload.name not in self.later)
        return dataclasses.replace(self.plan, broker=broker, workloads=workloads)

    @property
    def contexts(self) -> tuple[str, ...]:
        """The contexts of which it holds something."""
        return self.plan.contexts


def whole(plan: Plan) -> Share:
    """All of `plan` as one share."""
    pairs = plan.pairs
    generates = tuple(sorted({PAIRING, *(ref for ref in plan.secrets if ref not in pairs)}))
    return Share(plan, generates, tuple(sorted(pairs)), plan.secrets)


@uncollected()
def shares(plan: Plan) -> Mapping[str, Share]:
    """The shares of `plan` by name."""
    index = _Index(plan)
    platform = next(unit for unit in plan.units if unit.name == PLATFORM)
    found = list(_of_platform(index, platform))
    for unit in plan.units:
        if unit is not platform:
            found += _Divided(index, unit).shares()
    return {share.name: share for share in sorted(found, key=lambda share: share.name)}


def _of_platform(index: _Index, unit: Unit) -> Iterator[Share]:
    plan, cluster = index.plan, index.cluster
    servers = tuple(server for server in plan.servers if server.owner == PLATFORM)
    broker = broker_of(plan.broker, ()) if plan.broker else None
    part = nothing_of(plan, servers=servers, broker=broker)
    generates = tuple(sorted((PAIRING, *(server.admin_secret for server in servers))))
    share = Share(part, generates, (), generates, PLATFORM, PLATFORM, unit.team)
    if not cluster:
        yield share
        return
    yield dataclasses.replace(share, **cluster.of_platform(part))
    if servers:
        closed = nothing_of(plan, servers=servers)
        yield Share(
            closed,
            generates=(),
            derives=(),
            gives=(),
            name=f"{PLATFORM}{ACCESS}",
            unit=PLATFORM,
            team=unit.team,
            receives=tuple(sorted(server.admin_secret for server in servers)),
            giver=PLATFORM,
            elsewhere=frozenset(server.name for server in servers),
            needs=(PLATFORM,),
            closes=True,
            **cluster.of_everybody(closed),
        )


class _Index:
    """What of a plan every unit looks up, so that a unit costs the same in a small landscape and in a large one."""

    def __init__(self, plan: Plan) -> None:
        broker = plan.broker
        self.plan = plan
        self.pairs = plan.pairs
        self.units = {context: unit.name for unit in plan.units for context in unit.contexts}
        self.platform_team = next(unit.team for unit in plan.units if unit.name == PLATFORM)
        self.platforms = {server.name for server in plan.servers if server.owner == PLATFORM}
        self.servers = grouped(plan.servers, lambda server: server.owner)
        self.contracts = grouped(plan.contracts, lambda contract: contract.provider)
        self.publishers = {exchange.name: exchange.owner for exchange in broker.exchanges} if broker else {}
        self.cluster = ClusterIndex(plan, self.platforms) if plan.cluster else None


class _Divided:
    """The shares of one unit of a plan."""

    def __init__(self, index: _Index, unit: Unit) -> None:
        self._index = index
        self._plan = index.plan
        self._unit = unit

    def shares(self) -> Iterator[Share]:
        own = self._own()
        access = self._access(own.receives)
        if own.receives or access.plan.secrets or access.needs != (PLATFORM,):
            yield access
            yield dataclasses.replace(own, giver=access.name if own.receives else None, needs=(access.name, *own.needs))
        else:
            yield own

    @property
    def _teams(self) -> Mapping[str, str]:
        return {context: self._plan.teams[context] for context in self._unit.contexts}

    @cached_property
    def _broker(self) -> Broker | None:
        """The broker with what it has there; None where that is nothing."""
        broker = broker_of(self._plan.broker, self._unit.contexts) if self._plan.broker else None
        return broker if broker and broker.users else None

    def _access(self, gives: tuple[SecretRef, ...]) -> Share:
        plan, contexts, broker, cluster = self._plan, self._unit.contexts, self._broker, self._index.cluster
        stores = [
            store for context in contexts for store in plan.datastores_of(context) if store.server in self._index.platforms
        ]
        entered = {store.server for store in stores} | ({broker.server} if broker else set())
        part = nothing_of(
            plan,
            teams=self._teams,
            servers=tuple(plan.server(name) for name in sorted(entered)),
            datastores=tuple(stores),
            contracts=self._contracts(entered),
            broker=broker,
        )
        made = {store.secret for store in stores} | ({user.secret for user in broker.users} if broker else set())
        published = (contract.secret for contract in part.contracts)
        # On a cluster who binds a queue makes the exchange if it is not there.
        sources = () if cluster else tuple(f"{name}{ACCESS}" for name in self._sources(broker))
        return Share(
            part,
            generates=tuple(sorted(made)),
            derives=self._pairs({*gives, *published}),
            gives=gives,
            name=f"{self._unit.name}{ACCESS}",
            unit=self._unit.name,
            team=self._index.platform_team,
            receives=tuple(sorted({PAIRING, *(server.admin_secret for server in part.servers)})),
            giver=PLATFORM,
            elsewhere=frozenset(entered),
            needs=(PLATFORM, *sources),
            **(cluster.of_access(part) if cluster else {}),
        )

    def _own(self) -> Share:
        plan, unit, cluster = self._plan, self._unit, self._index.cluster
        owners = dict.fromkeys((*unit.contexts, *unit.deployables))
        servers = tuple(server for owner in owners for server in self._index.servers.get(owner, ()))
        names = {server.name for server in servers}
        stores = [store for context in unit.contexts for store in plan.datastores_of(context) if store.server in names]
        contracts = self._contracts(names)
        workloads = tuple(plan.workload(name) for name in unit.deployables)
        part = nothing_of(
            plan,
            teams=self._teams,
            servers=servers,
            datastores=tuple(stores),
            contracts=contracts,
            workloads=workloads,
            namespaces=cluster.namespaces_of(unit) if cluster else (),
        )
        made = {server.admin_secret for server in servers} | {store.secret for store in stores}
        held = {ref for item in workloads for ref in (*item.secrets.values(), *item.callers.values())}
        held |= {contract.secret for contract in contracts} | made
        providers = {self._index.units[item.provider] for context in unit.contexts for item in plan.contracts_of(context)}
        return Share(
            part,
            generates=tuple(sorted(made)),
            derives=(),
            gives=tuple(sorted(held)),
            name=unit.name,
            unit=unit.name,
            team=unit.team,
            receives=tuple(sorted(held - made)),
            # Policies of admission stand before anything that they judge.
            needs=(*((PLATFORM,) if cluster else ()), *sorted(providers - {unit.name})),
            **(cluster.of_unit(part, unit, self._broker) if cluster else {}),
        )

    def _contracts(self, servers: Collection[str]) -> tuple[Contract, ...]:
        """The contracts by which others read of it in these servers."""
        found = (contract for context in self._unit.contexts for contract in self._index.contracts.get(context, ()))
        return tuple(contract for contract in found if contract.server in servers)

    def _pairs(self, refs: Iterable[SecretRef]) -> tuple[SecretRef, ...]:
        return tuple(sorted(ref for ref in refs if ref in self._index.pairs))

    def _sources(self, broker: Broker | None) -> Iterable[str]:
        """The units whose exchanges its queues are bound to."""
        queues = broker.queues if broker else ()
        publishers = {self._index.publishers[queue.exchange] for queue in queues}
        return sorted({self._index.units[publisher] for publisher in publishers} - {self._unit.name})
