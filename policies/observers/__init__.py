"""Observers: each reads the claims that resources of one type make. A type without an observer does not pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from plat.claims import Claim, OpaqueClaim
from plat.plan.model import Server
from policies.ground import Ground
from policies.observed import Observed, Properties, Unreadable
from policies.observers import engine, kafka, kubernetes, machines, postgresql, processes, rabbitmq, servers
from policies.observers.common import (
    kafka_provided,
    kafka_server,
    local_server,
    postgresql_provided,
    postgresql_server,
    rabbitmq_provided,
    rabbitmq_server,
)

Place = Callable[[Observed, Ground], str]


@dataclass(frozen=True, slots=True)
class Kind:
    """How one type of resource is read.

    `place` and `keys` (properties) together say which real thing a resource manages; without `keys` it manages none.
    """

    claims: Callable[[Observed, Ground], Iterator[Claim]]
    place: Place = lambda _resource, ground: ground.plan.stack
    keys: tuple[str, ...] = ()


def _in_postgresql(resource: Observed, ground: Ground) -> str:
    return postgresql_server(resource, ground).name


def _in_rabbitmq(resource: Observed, ground: Ground) -> str:
    return rabbitmq_server(resource, ground).name


def _in_kafka(resource: Observed, ground: Ground) -> str:
    return kafka_server(resource, ground).name


_ACL = ("aclPrincipal", "aclHost", "aclResourceType", "aclResourceName", "aclOperation", "aclPermissionType")


def _in(kind: str) -> Place:
    """In the server of that kind that a resource of our own plugin names."""
    return lambda resource, ground: local_server(resource.properties, kind, ground).name


def _in_part(resource: Observed, ground: Ground) -> str:
    """In the server that a resource of our own plugin names, or in the schema of it that is named."""
    properties = resource.properties
    return f"{local_server(properties, properties.text('kind'), ground).name}/{properties.text('tableSchema', '')}"


KINDS: Mapping[str, Kind] = {
    "pulumi:pulumi:Stack": Kind(engine.nothing),
    "pulumi:pulumi:StackReference": Kind(engine.other_stack),
    "pulumi:providers:pulumi": Kind(engine.other_stacks),
    "pulumi:providers:kubernetes": Kind(kubernetes.provider),
    "pulumi:providers:kafka": Kind(engine.kafka_provider),
    "pulumi:providers:postgresql": Kind(engine.postgresql_provider),
    "pulumi:providers:rabbitmq": Kind(engine.rabbitmq_provider),
    "pulumi:providers:platlocal": Kind(engine.local_provider),
    "pulumi:providers:random": Kind(engine.nothing),
    **dict.fromkeys(machines.PROVIDERS, Kind(machines.provider)),
    "postgresql:index/role:Role": Kind(postgresql.role, _in_postgresql, ("name",)),
    "postgresql:index/database:Database": Kind(postgresql.database, _in_postgresql, ("name",)),
    "postgresql:index/schema:Schema": Kind(postgresql.schema, _in_postgresql, ("database", "name")),
    "postgresql:index/grant:Grant": Kind(postgresql.grant),
    "postgresql:index/grantRole:GrantRole": Kind(postgresql.grant_role),
    "postgresql:index/defaultPrivileg:DefaultPrivileg": Kind(postgresql.grant),
    "postgresql:index/defaultPrivileges:DefaultPrivileges": Kind(postgresql.grant),
    "postgresql:index/extension:Extension": Kind(postgresql.extension, _in_postgresql, ("database", "name")),
    "rabbitmq:index/vHost:VHost": Kind(rabbitmq.virtual_host, _in_rabbitmq, ("name",)),
    "rabbitmq:index/user:User": Kind(rabbitmq.user, _in_rabbitmq, ("name",)),
    "rabbitmq:index/permissions:Permissions": Kind(rabbitmq.permissions, _in_rabbitmq, ("vhost", "user")),
    "rabbitmq:index/topicPermissions:TopicPermissions": Kind(rabbitmq.topic_permissions, _in_rabbitmq, ("vhost", "user")),
    "rabbitmq:index/exchange:Exchange": Kind(rabbitmq.exchange, _in_rabbitmq, ("vhost", "name")),
    "rabbitmq:index/queue:Queue": Kind(rabbitmq.queue, _in_rabbitmq, ("vhost", "name")),
    "rabbitmq:index/binding:Binding": Kind(rabbitmq.binding, _in_rabbitmq, ("vhost", "source", "destination", "routingKey")),
    "rabbitmq:index/policy:Policy": Kind(rabbitmq.policy, _in_rabbitmq, ("vhost", "name")),
    "rabbitmq:index/operatorPolicy:OperatorPolicy": Kind(rabbitmq.policy, _in_rabbitmq, ("vhost", "name")),
    "rabbitmq:index/shovel:Shovel": Kind(rabbitmq.moving),
    "rabbitmq:index/federationUpstream:FederationUpstream": Kind(rabbitmq.moving),
    "kafka:index/topic:Topic": Kind(kafka.topic, _in_kafka, ("name",)),
    "kafka:index/userScramCredential:UserScramCredential": Kind(kafka.user, _in_kafka, ("username", "scramMechanism")),
    "kafka:index/acl:Acl": Kind(kafka.right, _in_kafka, _ACL),
    "kafka:index/quota:Quota": Kind(kafka.quota, _in_kafka, ("entityType", "entityName")),
    "platlocal:index:Server": Kind(servers.server, keys=("name",)),
    "platlocal:index:Process": Kind(processes.process, keys=("name",)),
    "platlocal:index:MySQLDatabase": Kind(servers.mysql_database, _in("mysql"), ("database",)),
    "platlocal:index:MySQLUser": Kind(servers.mysql_user, _in("mysql"), ("user",)),
    "platlocal:index:RedisUser": Kind(servers.redis_user, _in("redis"), ("user",)),
    "platlocal:index:MongoDBUser": Kind(servers.mongodb_user, _in("mongodb"), ("database", "user")),
    "platlocal:index:PostgresFence": Kind(servers.postgres_fence, _in("postgresql"), ("database",)),
    "platlocal:index:Outbox": Kind(servers.outbox, _in_part, ("database",)),
    "platlocal:index:PostgresContract": Kind(servers.postgres_contract, _in("postgresql"), ("database", "name")),
    "platlocal:index:PostgresSchema": Kind(servers.postgres_schema, _in("postgresql"), ("database", "name")),
}
"""Every type that the pack can read, by its token."""

HARMLESS_PACKAGES = ("plat:", "random:")
"""Packages none of whose types own or touch anything: our components, random values."""

Identity = tuple[str, ...]


def observe(resource: Observed, ground: Ground) -> tuple[Claim, ...]:
    """All claims that `resource` makes; what could not be read is a claim as well."""
    claims: list[Claim] = []
    try:
        for claim in _of_type(resource, ground):
            claims.append(claim)  # noqa: PERF402 - what was read before something unreadable counts too
    except Unreadable as problem:
        claims.append(OpaqueClaim(f"`{problem.field}`", problem.reason, problem.remedy, resource.origin(problem.field)))
    return (*claims, *engine.options(resource, ground))


_PROVIDED: Mapping[str, Callable[[Properties, Ground], Server]] = {
    "pulumi:providers:kafka": kafka_provided,
    "pulumi:providers:postgresql": postgresql_provided,
    "pulumi:providers:rabbitmq": rabbitmq_provided,
}


def provided(resource: Observed, ground: Ground) -> Identity | None:
    """Which server a provider leads into; None for what leads into none, or where that cannot be told."""
    lead = _PROVIDED.get(resource.type)
    try:
        return (resource.type, lead(resource.properties, ground).name) if lead else None
    except Unreadable:
        return None


def identity(resource: Observed, ground: Ground) -> Identity | None:
    """Which real thing `resource` manages; None where it manages none, or where that cannot be told."""
    if resource.type.startswith(kubernetes.PREFIX):
        return kubernetes.identity(resource, ground)
    if resource.type.startswith(machines.PREFIXES):
        return machines.identity(resource, ground)
    kind = KINDS.get(resource.type)
    if not kind or not kind.keys:
        return None
    try:
        keys = [resource.properties.text(key) for key in kind.keys]
        return (resource.type, kind.place(resource, ground), *keys)
    except Unreadable:
        return None


def _of_type(resource: Observed, ground: Ground) -> Iterator[Claim]:
    kind = KINDS.get(resource.type)
    if resource.type.startswith(kubernetes.PREFIX):
        yield from kubernetes.observe(resource, ground)
    elif resource.type.startswith(machines.PREFIXES):
        yield from machines.observe(resource, ground)
    elif kind:
        yield from kind.claims(resource, ground)
    elif not resource.type.startswith(HARMLESS_PACKAGES):
        yield resource.opaque(
            "no observer of the policy pack knows this type, and what nobody can read may do anything",
            "express it in a descriptor, or add an observer for the type to policies/observers",
        )
