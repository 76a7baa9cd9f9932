"""Claims of `kafka:` resources: topics, users, and the rights that are given to them."""

from __future__ import annotations

from collections.abc import Iterator

from plat import names
from plat.claims import BrokerRight, Claim, GrantClaim, ProtectionClaim, TopicClaim
from plat.plan.model import Server
from plat.rules.model import Grant
from policies.ground import Ground
from policies.observed import Observed
from policies.observers.common import kafka_server

_DECLARE = "declare the relation in a descriptor (`publishes`, `consumes`): what the broker needs for it follows"
_EXACT = "name exactly the topic or the group that is meant, with the pattern type Literal"
_USER = "User:"

_RIGHTS: dict[str, BrokerRight] = {"write": "publish", "read": "consume"}


def topic(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A topic belongs to the context that publishes on it, and holds its records."""
    kafka_server(resource, ground)
    name = resource.properties.text("name")
    planned = ground.topics.get(name)
    owner = planned.owner if planned else ""
    yield TopicClaim(owner, name, resource.origin("name"))
    yield ProtectionClaim(f"topic `{name}`", owner, resource.options.protect, resource.origin("protect"))


def user(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A credential is a context's identity, and nobody else's."""
    server = kafka_server(resource, ground)
    yield from _known(resource, "username", server, ground)


def quota(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A quota limits a context's own identity."""
    server = kafka_server(resource, ground)
    if resource.properties.text("entityType") != "user":
        yield resource.opaque("it limits what bears no context's name", _DECLARE, "entityType")
    else:
        yield from _known(resource, "entityName", server, ground)


def right(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """An access control list gives one user one right on one topic or one group, which a relation declares."""
    kafka_server(resource, ground)
    properties = resource.properties
    name, kind = properties.text("aclResourceName"), properties.text("aclResourceType").lower()
    who = properties.text("aclPrincipal")
    # A literal `*` is a wildcard, for names and for principals (KIP-290).
    if properties.text("resourcePatternTypeFilter", "Literal").lower() != "literal" or name == "*":
        yield resource.breach("it covers names that it does not name, those to come as well", _EXACT, "aclResourceName")
        return
    if who == f"{_USER}*" or not who.startswith(_USER):
        yield resource.breach("it is for more than one user", "name one user, as `User:<context>`", "aclPrincipal")
        return
    if properties.text("aclPermissionType").lower() != "allow":
        yield resource.opaque("it takes rights away, which no descriptor can say", _DECLARE, "aclPermissionType")
    elif kind not in {"topic", "group"}:
        yield resource.breach("it opens the broker's administration", _DECLARE, "aclResourceType")
    else:
        yield _grant(resource, who.removeprefix(_USER), name, kind, ground)


def _grant(resource: Observed, user: str, name: str, kind: str, ground: Ground) -> Claim:
    planned = ground.broker_users.get(user)
    who = planned.context if planned else user
    on = names.group_right(name) if kind == "group" else name
    operation = resource.properties.text("aclOperation").lower()
    right = _RIGHTS.get(operation, "configure")
    if operation == "describe":
        # Whoever may write or read may describe: it tells nothing else of what is there.
        right = "publish" if Grant(who, "publish", on) in ground.facts.grants else "consume"
    return GrantClaim(who, right, on, resource.origin("aclOperation"))


def _known(resource: Observed, field: str, server: Server, ground: Ground) -> Iterator[Claim]:
    name = resource.properties.text(field)
    if name == server.admin_user:
        yield resource.breach("it bears the administrator's name, who may do everything", _DECLARE, field)
    elif name not in ground.broker_users:
        yield resource.opaque("no context that publishes or consumes bears this name", _DECLARE, field)
