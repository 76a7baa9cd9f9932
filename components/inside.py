"""What is inside of a server as one document, which `python -m providers.cluster` carries out beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from components.kubernetes.manifest import Hidden, revealed, secret
from plat.plan.model import Broker, BrokerUser, Contract, Datastore, Plan, SecretRef, Server

Step = dict[str, Any]

_REPLICA = "streaming_replica"
"""As whom the instances of a PostgreSQL that CloudNativePG makes follow the primary: by a certificate that they alone have."""

_POOLER = "cnpg_pooler_pgbouncer"
"""As whom its poolers ask who may come in: by a certificate too, and a function that CloudNativePG makes in each database."""


class Extent(Enum):
    """How far what a plan has inside of a server goes."""

    ALL = auto()
    """There is nothing else: whoever is not named is let in no more."""

    PART = auto()
    """There may be more, which is somebody else's."""

    NAMES = auto()
    """Nothing is made; whoever is not named is let in no more."""


@dataclass(frozen=True, slots=True)
class Task:
    """All that a plan has inside of one server. `shape` changes with it, but not with the values of secrets."""

    document: Hidden
    shape: str


def task_of(plan: Plan, server: Server, extent: Extent = Extent.ALL) -> Task:
    """What `plan` has inside of `server`, as far as `extent` goes."""
    steps = list(_STEPS[extent](plan, server))
    secrets = tuple(sorted({server.admin_secret, *_refs(steps)}))
    document = Hidden(secrets, lambda values: _document(server, steps, values))
    return Task(document, hashlib.sha256(_shape(server, steps).encode()).hexdigest()[:8])


def _all(plan: Plan, server: Server) -> Iterator[Step]:
    yield from _part(plan, server)
    yield from _names(plan, server)


def _names(plan: Plan, server: Server) -> Iterator[Step]:
    broker = plan.broker
    if broker and broker.server == server.name:
        users = sorted(user.name for user in broker.users)
        if broker.type == "kafka":
            yield _step("OnlyKafka", users=users)
            return
        bindings = sorted([queue.exchange, queue.name, queue.routing_key] for queue in broker.queues)
        yield _step("OnlyRabbitMQ", vhost=broker.vhost, users=users, bindings=bindings)
        return
    accounts = [*_own(plan, server), *(store.role for store in plan.datastores if store.server == server.name)]
    accounts += [contract.role for contract in plan.contracts if contract.server == server.name]
    yield _step("OnlyAccounts", kind=server.kind, accounts=sorted(accounts))


def _own(plan: Plan, server: Server) -> Iterator[str]:
    """The accounts by which what runs a PostgreSQL comes in."""
    if server.kind == "postgresql" and plan.cluster and plan.cluster.operates(server):
        yield _REPLICA
    if server.poolers and any(store.pooling for store in plan.datastores if store.server == server.name):
        yield _POOLER


def _part(plan: Plan, server: Server) -> Iterator[Step]:
    broker = plan.broker
    if broker and broker.server == server.name:
        yield _kafka(broker) if broker.type == "kafka" else _rabbitmq(broker)
        return
    stores = [store for store in plan.datastores if store.server == server.name]
    contracts = [contract for contract in plan.contracts if contract.server == server.name]
    own = [*_own(plan, server)]
    # Before everybody is kept out of the database that it enters.
    yield from (_step("PostgresReplica", name=name) for name in own if name == _REPLICA)
    yield from _STORES[server.kind](server, stores)
    if _POOLER in own:
        pooled = sorted({store.database for store in stores if store.pooling})
        yield _step("PostgresPooler", name=_POOLER, databases=pooled)
    for store in stores:
        if store.outbox:
            schema = {"tableSchema": store.schema} if store.schema else {}
            known = {"kind": server.kind, "database": store.database, "table": store.outbox, "owner": store.role}
            yield _step("Outbox", **known, **schema)
    yield from (_contract(contract) for contract in contracts)


_STEPS = {Extent.ALL: _all, Extent.PART: _part, Extent.NAMES: _names}


def _postgresql(server: Server, stores: Sequence[Datastore]) -> Iterator[Step]:
    if server.shared_database:
        yield _step("PostgresDatabase", name=server.shared_database, owner=server.admin_user)
        yield _step("PostgresFence", database=server.shared_database)
    for store in stores:
        yield _step("PostgresRole", name=store.role, password=secret(store.secret))
        if store.schema:
            yield _step("PostgresSchema", database=store.database, name=store.schema, role=store.role)
        else:
            yield _step("PostgresDatabase", name=store.database, owner=store.role)
            yield _step("PostgresFence", database=store.database, owner=store.role)


def _mysql(server: Server, stores: Sequence[Datastore]) -> Iterator[Step]:  # noqa: ARG001 - every kind has one signature
    for store in stores:
        yield _step("MySQLDatabase", database=store.database)
        yield _step("MySQLUser", user=store.role, password=secret(store.secret), database=store.database)


def _mongodb(server: Server, stores: Sequence[Datastore]) -> Iterator[Step]:  # noqa: ARG001 - every kind has one signature
    for store in stores:
        yield _step("MongoDBUser", user=store.role, password=secret(store.secret), database=store.database)


def _redis(server: Server, stores: Sequence[Datastore]) -> Iterator[Step]:  # noqa: ARG001 - every kind has one signature
    for store in stores:
        yield _step("RedisUser", user=store.role, password=secret(store.secret))


_STORES = {"mongodb": _mongodb, "mysql": _mysql, "postgresql": _postgresql, "redis": _redis}


def _contract(contract: Contract) -> Step:
    views = [
        {"name": view.name, "columns": [{"name": name, "type": kind} for name, kind in view.columns]}
        for view in contract.views
    ]
    return _step(
        "PostgresContract",
        database=contract.database,
        name=contract.schema,
        owner=contract.owner,
        reader=contract.role,
        password=secret(contract.secret),
        expires=contract.expires,
        views=views,
    )


def _rabbitmq(broker: Broker) -> Step:
    return _step(
        "RabbitMQ",
        vhost=broker.vhost,
        # What its queues are bound to too: another share may make that later.
        exchanges=sorted({*(exchange.name for exchange in broker.exchanges), *(queue.exchange for queue in broker.queues)}),
        queues=[
            {
                "name": queue.name,
                "deadLetter": queue.dead_letter,
                "exchange": queue.exchange,
                "routingKey": queue.routing_key,
                "retentionMs": queue.retention_ms,
            }
            for queue in broker.queues
        ],
        users=[_user(user) for user in broker.users],
    )


def _kafka(broker: Broker) -> Step:
    return _step(
        "Kafka",
        topics=[
            {"name": topic.name, "partitions": topic.partitions, "retentionMs": topic.retention_ms} for topic in broker.topics
        ],
        users=[_user(user) for user in broker.users],
    )


def _user(user: BrokerUser) -> Step:
    return {
        "name": user.name,
        "password": secret(user.secret),
        "publishesTo": list(user.publishes_to),
        "consumesFrom": list(user.consumes_from),
        "routingKeys": list(user.routing_keys),
        "groups": list(user.groups),
    }


def _step(kind: str, /, **inputs: Any) -> Step:  # noqa: ANN401 - the inputs of any type
    return {"type": kind, "inputs": inputs}


def _refs(steps: Sequence[Step]) -> set[SecretRef]:
    found: set[SecretRef] = set()
    revealed(steps, lambda hidden: found.update(hidden.refs))
    return found


def _server(server: Server) -> Step:
    management = server.extra_ports.get("management")
    known: Step = {"host": server.host, "port": server.port, "adminUser": server.admin_user}
    return {**known, "adminPassword": secret(server.admin_secret), **({"management": management} if management else {})}


def _document(server: Server, steps: Sequence[Step], values: Mapping[SecretRef, str]) -> str:
    document = {"server": _server(server), "steps": list(steps)}
    return json.dumps(revealed(document, lambda hidden: hidden.render(values)), sort_keys=True)


def _shape(server: Server, steps: Sequence[Step]) -> str:
    document = {"server": _server(server), "steps": list(steps)}
    return json.dumps(revealed(document, lambda hidden: list(hidden.refs)), sort_keys=True)
