"""Claims of `rabbitmq:` resources: rights of users, queues with their bindings, and what moves messages by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator

from plat.claims import BrokerRight, Claim, GrantClaim, ProtectionClaim, TopicClaim
from plat.plan.model import PLATFORM, Broker
from policies.ground import Ground
from policies.observed import UNKNOWN, Observed, Properties, Unreadable
from policies.observers.common import rabbitmq_server
from policies.observers.patterns import matched_by, named_by

_DECLARE = "declare the relation in a descriptor (`publishes`, `consumes`): what the broker needs for it follows"
_EXACT = "name exactly the exchanges and queues that are meant: `^(?:a|b)$`, escaped and anchored at both ends"

_RIGHTS: dict[str, BrokerRight] = {"configure": "configure", "write": "publish", "read": "consume"}

# What a policy may say without moving a message to anybody else: limits.
_LIMITS = {
    "dead-letter-exchange",
    "dead-letter-routing-key",
    "dead-letter-strategy",
    "delivery-limit",
    "expires",
    "max-length",
    "max-length-bytes",
    "message-ttl",
    "overflow",
    "queue-mode",
}


def virtual_host(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A virtual host is the landscape's, and holds its queues."""
    broker = _broker(resource, ground)
    name = resource.properties.text("name")
    _in_vhost(name, broker, "name")
    origin = resource.origin("protect")
    yield ProtectionClaim(f"virtual host `{name}`", PLATFORM, resource.options.protect, origin)


def user(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A user is a context's identity, without any tag: every tag opens the broker's administration."""
    _broker(resource, ground)
    if resource.properties.texts("tags"):
        yield resource.breach("a tag gives a user the broker's administration", "leave `tags` empty", "tags")
    if resource.properties.text("name") not in ground.broker_users:
        yield resource.opaque("no context that publishes or consumes bears this name", _DECLARE, "name")


def permissions(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """Permissions are rights on the exchanges and queues that their patterns match."""
    broker = _broker(resource, ground)
    _in_vhost(resource.properties.text("vhost", "/"), broker, "vhost")
    name = resource.properties.text("user")
    if name == ground.servers[broker.server].admin_user:
        return  # The administrator may do everything anyway; it needs this to declare what the landscape declares.
    rights = resource.properties.inner("permissions")
    for key, right in _RIGHTS.items():
        pattern = rights.text(key)
        names = named_by(pattern)
        if names is None:
            yield resource.breach("it matches names that it does not name, those to come as well", _EXACT, rights.field(key))
            names = matched_by(pattern, (*ground.exchanges, *ground.queues))
        for item in names:
            yield GrantClaim(
                _context(name, ground), right, item, resource.origin(rights.field(key)), _keys(right, item, ground)
            )


def topic_permissions(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """Topic permissions limit by which routing keys a user publishes, and by which it may bind."""
    broker = _broker(resource, ground)
    _in_vhost(resource.properties.text("vhost", "/"), broker, "vhost")
    who = _context(resource.properties.text("user"), ground)
    for rights in resource.properties.inners("permissions"):
        exchange = rights.text("exchange")
        for key in ("write", "read"):
            keys = named_by(rights.text(key))
            origin = resource.origin(rights.field(key))
            if keys is None:
                yield resource.breach("it matches routing keys that it does not name", _EXACT, rights.field(key))
            elif keys:
                yield GrantClaim(who, _RIGHTS[key], exchange, origin, keys)


def exchange(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """An exchange belongs to the context that publishes on it, and hands messages to queues alone."""
    broker = _broker(resource, ground)
    _in_vhost(resource.properties.text("vhost", "/"), broker, "vhost")
    name = resource.properties.text("name")
    planned = ground.exchanges.get(name)
    yield TopicClaim(planned.owner if planned else "", name, resource.origin("name"))
    settings = resource.properties.inner("settings")
    if planned and settings.text("type") != "topic":
        yield resource.breach("only a topic exchange heeds routing keys", 'set `type: "topic"`', settings.field("type"))
    if any(True for _ in settings.inner("arguments")):
        yield resource.breach("arguments can hand messages on to another exchange", _DECLARE, settings.field("arguments"))


def queue(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A queue is a planned one, and drops its messages nowhere but into its own dead-letter queue."""
    broker = _broker(resource, ground)
    _in_vhost(resource.properties.text("vhost", "/"), broker, "vhost")
    name = resource.properties.text("name")
    planned = ground.queues.get(name)
    if not planned:
        yield resource.opaque("no descriptor declares who consumes from this queue", _DECLARE, "name")
    settings = resource.properties.inner("settings")
    for arguments in (settings.inner("arguments"), _from_json(settings, "settings", "argumentsJson")):
        own = planned.dead_letter if planned else ""
        yield from _dead_letters(resource, arguments, "x-dead-letter-", own)


def binding(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A binding gives the consumer of a queue what an exchange publishes under a key."""
    broker = _broker(resource, ground)
    properties = resource.properties
    _in_vhost(properties.text("vhost", "/"), broker, "vhost")
    source, key = properties.text("source"), properties.text("routingKey", "")
    if properties.text("destinationType") != "queue":
        yield resource.opaque("it binds an exchange to an exchange, which no relation declares", _DECLARE, "destinationType")
        return
    queue = ground.queues.get(properties.text("destination"))
    if not queue:
        yield resource.opaque("no descriptor declares who consumes from this queue", _DECLARE, "destination")
    elif (queue.name, queue.exchange, queue.routing_key) != (properties.text("destination"), source, key):
        yield GrantClaim(queue.consumer, "consume", source, resource.origin("source"), (key,))


def policy(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A policy sets limits on planned queues, and moves messages into their own dead-letter queues alone."""
    broker = _broker(resource, ground)
    _in_vhost(resource.properties.text("vhost", "/"), broker, "vhost")
    settings = resource.properties.inner("policy")
    names = named_by(settings.text("pattern"))
    if names is None:
        yield resource.breach("it applies to what it does not name", _EXACT, settings.field("pattern"))
    elif unknown := [name for name in names if name not in ground.queues]:
        yield resource.opaque(f"`{unknown[0]}` is no queue of a descriptor", _DECLARE, settings.field("pattern"))
    definition = settings.inner("definition")
    if strange := [key for key in definition if key not in _LIMITS]:
        yield resource.breach(
            f"`{strange[0]}` can move messages to where no relation leads", _DECLARE, definition.field(strange[0])
        )
    own = {ground.queues[name].dead_letter for name in names or () if name in ground.queues}
    yield from _dead_letters(resource, definition, "dead-letter-", own.pop() if len(own) == 1 else "")


def moving(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """Shovels and federation read and write by themselves, with rights of their own."""
    _broker(resource, ground)
    yield resource.breach("it moves messages by itself, past every user's rights", _DECLARE)


def _dead_letters(resource: Observed, arguments: Properties, prefix: str, own: str) -> Iterator[Claim]:
    exchange, key = f"{prefix}exchange", f"{prefix}routing-key"
    if exchange in arguments and arguments.text(exchange):
        yield resource.breach(
            "it moves messages to an exchange", "use the queue's own dead letters", arguments.field(exchange)
        )
    if key in arguments and (not own or arguments.text(key) != own):
        yield resource.breach("it moves messages to another queue", "use the queue's own dead letters", arguments.field(key))


def _from_json(settings: Properties, path: str, name: str) -> Properties:
    if name not in settings:
        return Properties({})
    try:
        values = json.loads(settings.text(name))
    except ValueError:
        values = UNKNOWN
    return Properties({name: values}, path).inner(name)


def _keys(right: BrokerRight, exchange: str, ground: Ground) -> tuple[str, ...]:
    # Permissions do not speak of routing keys: those that the relation declares are what topic permissions leave.
    planned = ground.exchanges.get(exchange)
    return planned.routing_keys if planned and right == "publish" else ()


def _context(name: str, ground: Ground) -> str:
    planned = ground.broker_users.get(name)
    return planned.context if planned else name


def _broker(resource: Observed, ground: Ground) -> Broker:
    rabbitmq_server(resource, ground)
    if not ground.broker:
        raise Unreadable("provider", "the landscape has no broker", _DECLARE)
    return ground.broker


def _in_vhost(name: str, broker: Broker, field: str) -> None:
    if name != broker.vhost:
        raise Unreadable(
            field, f"the landscape's virtual host is `{broker.vhost}`, and no descriptor speaks of another", _DECLARE
        )
