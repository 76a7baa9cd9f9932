"""Claims of `kafka:` resources: topics, users, and the rights that are given to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Right:
    """One entry of an access control list: `kind`, `pattern` and `operation` in Kafka's words, each with its field."""

    user: str
    kind: str
    name: str
    pattern: str
    operation: str
    allowed: bool
    kind_field: str
    name_field: str
    operation_field: str
    allowed_field: str


def topic(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A topic belongs to the context that publishes on it, and holds its records."""
    kafka_server(resource, ground)
    yield from records(resource, resource.properties.text("name"), "name", ground)


def records(resource: Observed, name: str, field: str, ground: Ground) -> Iterator[Claim]:
    """The claims of a topic called `name`, as `field` of a resource says."""
    planned = ground.topics.get(name)
    owner = planned.owner if planned else ""
    yield TopicClaim(owner, name, resource.origin(field))
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
    name, who = properties.text("aclResourceName"), properties.text("aclPrincipal")
    if who == f"{_USER}*" or not who.startswith(_USER):
        yield resource.breach("it is for more than one user", "name one user, as `User:<context>`", "aclPrincipal")
        return
    said = Right(
        user=who.removeprefix(_USER),
        kind=properties.text("aclResourceType").lower(),
        name=name,
        pattern=properties.text("resourcePatternTypeFilter", "Literal").lower(),
        operation=properties.text("aclOperation").lower(),
        allowed=properties.text("aclPermissionType").lower() == "allow",
        kind_field="aclResourceType",
        name_field="aclResourceName",
        operation_field="aclOperation",
        allowed_field="aclPermissionType",
    )
    yield granted(resource, said, ground)


def granted(resource: Observed, right: Right, ground: Ground) -> Claim:
    """The claim of one right, whatever kind of resource gives it."""
    # A literal `*` is a wildcard, for names and for principals (KIP-290).
    if right.pattern != "literal" or right.name == "*":
        return resource.breach("it covers names that it does not name, those to come as well", _EXACT, right.name_field)
    if not right.allowed:
        return resource.opaque("it takes rights away, which no descriptor can say", _DECLARE, right.allowed_field)
    if right.kind not in {"topic", "group"}:
        return resource.breach("it opens the broker's administration", _DECLARE, right.kind_field)
    planned = ground.broker_users.get(right.user)
    who = planned.context if planned else right.user
    on = names.group_right(right.name) if right.kind == "group" else right.name
    given = _RIGHTS.get(right.operation, "configure")
    if right.operation == "describe":
        # Whoever may write or read may describe: it tells nothing else of what is there.
        given = "publish" if Grant(who, "publish", on) in ground.facts.grants else "consume"
    return GrantClaim(who, given, on, resource.origin(right.operation_field))


def _known(resource: Observed, field: str, server: Server, ground: Ground) -> Iterator[Claim]:
    yield from known(resource, resource.properties.text(field), field, server, ground)


def known(resource: Observed, name: str, field: str, server: Server, ground: Ground) -> Iterator[Claim]:
    """That `name` is an identity which a context has at the broker, and not its administrator's."""
    if name == server.admin_user:
        yield resource.breach("it bears the administrator's name, who may do everything", _DECLARE, field)
    elif name not in ground.broker_users:
        yield resource.opaque("no context that publishes or consumes bears this name", _DECLARE, field)
