"""Whom a Kafka knows and what they may do, compared with what the landscape grants there.

Asked is its own administration (https://kafka.apache.org/documentation/#security_authz). What is there is read by the
observers of the policy pack, as if a program were about to declare it.
"""

from __future__ import annotations

import logging
import shlex
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from plat.audit.live.entrance import Entrance, UnreadableServer
from plat.audit.live.judging import missing, seen, ungranted
from plat.claims import VERBS, GrantClaim
from plat.findings import Finding
from plat.plan.model import Server
from plat.rules.model import Grant
from policies.ground import Ground
from policies.observed import Observed
from policies.observers import observe

_PATIENCE = 20
_OWN_TOPICS = "__"
"""How those begin in which Kafka itself keeps something."""

_QUIET = logging.getLogger(__name__)
_QUIET.setLevel(logging.CRITICAL + 1)  # the client logs each failure, which is told below


@dataclass(frozen=True, slots=True)
class Acl:
    """One entry of the access control lists, in Kafka's words."""

    principal: str
    operation: str
    kind: str
    name: str
    pattern: str = "LITERAL"
    permission: str = "ALLOW"
    host: str = "*"


@dataclass(frozen=True, slots=True)
class Cluster:
    """What a broker says of itself."""

    acls: tuple[Acl, ...]
    users: tuple[str, ...]
    topics: tuple[str, ...]


def ask(server: Server, entrance: Entrance) -> Cluster:
    """What the broker `server` says, asked as its administrator. Raises UnreadableServer."""
    settings: dict[str, Any] = {
        "bootstrap.servers": f"{entrance.host}:{entrance.port}",
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": entrance.admin_user,
        "sasl.password": entrance.admin_password,
        "socket.timeout.ms": _PATIENCE * 1000,
    }
    # Without a name, a principal and a host it matches all of them, which the client's types do not say.
    everything = AclBindingFilter(
        ResourceType.ANY,
        None,  # type: ignore[arg-type]
        ResourcePatternType.ANY,
        None,  # type: ignore[arg-type]
        None,  # type: ignore[arg-type]
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    try:
        client = AdminClient(settings, logger=_QUIET)
        acls = _result(client.describe_acls(everything, request_timeout=_PATIENCE))
        users = _result(client.describe_user_scram_credentials(request_timeout=_PATIENCE))
        topics = client.list_topics(timeout=_PATIENCE).topics
    except KafkaException as error:
        msg = f"{server.name} does not answer its administrator at {entrance.host}:{entrance.port}: {error.args[0].str()}"
        raise UnreadableServer(msg) from None
    return Cluster(tuple(sorted(map(_acl, acls), key=str)), tuple(sorted(users)), tuple(sorted(topics)))


def _result(asked: Future[Any] | Mapping[str, Future[Any]]) -> Any:  # noqa: ANN401 - whatever was asked for
    future = asked if isinstance(asked, Future) else next(iter(asked.values()))
    return future.result(timeout=_PATIENCE + 5)


def _acl(binding: Any) -> Acl:  # noqa: ANN401 - an AclBinding, whose type says nothing of its parts
    return Acl(
        binding.principal,
        binding.operation.name,
        binding.restype.name,
        binding.name,
        binding.resource_pattern_type.name,
        binding.permission_type.name,
        binding.host,
    )


def findings(cluster: Cluster, server: Server, ground: Ground) -> Iterator[Finding]:
    """How what a broker says differs from what the landscape grants there."""
    return _Compared(cluster, server, ground).findings()


class _Compared:
    def __init__(self, cluster: Cluster, server: Server, ground: Ground) -> None:
        self._found = cluster
        self._server = server
        self._ground = ground
        self._provider = {"bootstrapServers": [f"{server.host}:{server.port}"]}

    def findings(self) -> Iterator[Finding]:
        for acl in self._found.acls:
            resource = self._right(acl)
            yield from ungranted(resource, self._ground, self._by("kafka-acls", *_removed(acl)))
        for name in self._found.users:
            # The administrator too: Plat's own logs in by the broker's file, and a second password opens the same.
            properties = {"username": name, "scramMechanism": "SCRAM-SHA-512"}
            resource = self._seen("userScramCredential:UserScramCredential", f"user `{name}`", properties)
            words = "--alter", "--delete-config", "SCRAM-SHA-512", "--entity-type", "users", "--entity-name", name
            yield from ungranted(resource, self._ground, self._by("kafka-configs", *words))
        for name in self._found.topics:
            if not name.startswith(_OWN_TOPICS):
                resource = self._seen("topic:Topic", f"topic `{name}`", {"name": name})
                step = f"{self._by('kafka-topics', '--delete', '--topic', name)}, once nobody needs what is in it"
                yield from ungranted(resource, self._ground, step)
        yield from self._missing()

    def _right(self, acl: Acl) -> Observed:
        properties = {
            "aclPrincipal": acl.principal,
            "aclHost": acl.host,
            "aclResourceType": acl.kind.capitalize(),
            "aclResourceName": acl.name,
            "resourcePatternTypeFilter": acl.pattern.capitalize(),
            "aclOperation": acl.operation.capitalize(),
            "aclPermissionType": acl.permission.capitalize(),
        }
        on = f"{acl.kind.lower()}{'s that begin with' if acl.pattern == 'PREFIXED' else ''} `{acl.name}`"
        return self._seen(
            "acl:Acl", f"{acl.permission.lower()} {acl.operation.lower()} on {on} for `{acl.principal}`", properties
        )

    def _missing(self) -> Iterator[Finding]:
        plan = self._ground.plan
        claims = (claim for acl in self._found.acls for claim in observe(self._right(acl), self._ground))
        given = {Grant(claim.who, claim.right, claim.resource) for claim in claims if isinstance(claim, GrantClaim)}
        users = {user.context: user.name for user in self._ground.broker_users.values()}
        for grant in sorted(
            {Grant(item.who, item.right, item.resource) for item in self._ground.facts.grants} - given, key=str
        ):
            what = f"the right of `{users.get(grant.who, grant.who)}` to {VERBS[grant.right]} `{grant.resource}`"
            yield missing(what, self._server.name, plan)
        for word, wanted, there in (
            ("user", sorted(users.values()), self._found.users),
            ("topic", sorted(self._ground.topics), self._found.topics),
        ):
            yield from (missing(f"{word} `{name}`", self._server.name, plan) for name in wanted if name not in there)

    def _seen(self, kind: str, called: str, properties: Mapping[str, Any]) -> Observed:
        return seen(f"kafka:index/{kind}", f"{called} in {self._server.name}", properties, self._provider)

    def _by(self, *words: str) -> str:
        plan = self._ground.plan
        return f"`plat exec -l {plan.landscape} -e {plan.environment} {self._server.name} -- {shlex.join(words)}`"


def _removed(acl: Acl) -> Iterator[str]:
    word = {"TOPIC": "--topic", "GROUP": "--group", "TRANSACTIONAL_ID": "--transactional-id"}.get(acl.kind)
    yield from ("--remove", "--force", f"--{acl.permission.lower()}-principal", acl.principal, "--operation", acl.operation)
    yield from (word, acl.name) if word else ("--cluster",)
    if acl.pattern != "LITERAL":
        yield from ("--resource-pattern-type", acl.pattern.lower())
