"""Claims of `rabbitmq:` resources: rights of users, queues with their bindings, and what moves messages by itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

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
    yield from host(resource, resource.properties, _broker(resource, ground))


def host(resource: Observed, given: Properties, broker: Broker) -> Iterator[Claim]:
    """The landscape's virtual host and no other, protected, as who deletes it deletes the queues in it."""
    name = given.text("name")
    in_vhost(name, broker, given.field("name"))
    yield ProtectionClaim(f"virtual host `{name}`", PLATFORM, resource.options.protect, resource.origin("protect"))


def user(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A user is a context's identity, without any tag: every tag opens the broker's administration."""
    _broker(resource, ground)
    yield from untagged(resource, resource.properties)
    if resource.properties.text("name") not in ground.broker_users:
        yield resource.opaque("no context that publishes or consumes bears this name", _DECLARE, "name")


def untagged(resource: Observed, given: Properties) -> Iterator[Claim]:
    """A user without any tag, as every tag opens the broker's administration."""
    if given.texts("tags"):
        yield resource.breach("a tag gives a user the broker's administration", "leave `tags` empty", given.field("tags"))


def permissions(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """Permissions are rights on the exchanges and queues that their patterns match."""
    broker = _broker(resource, ground)
    properties = resource.properties
    in_vhost(properties.text("vhost", "/"), broker, "vhost")
    yield from rights(resource, properties.text("user"), properties.inner("permissions"), ground)


def rights(resource: Observed, name: str, given: Properties, ground: Ground) -> Iterator[Claim]:
    """What the user `name` may do by the patterns that are `given`."""
    if ground.broker and name == ground.servers[ground.broker.server].admin_user:
        return  # The administrator may do everything anyway; it needs this to declare what the landscape declares.
    for key, right in _RIGHTS.items():
        pattern = given.text(key)
        names = named_by(pattern)
        if names is None:
            yield resource.breach("it matches names that it does not name, those to come as well", _EXACT, given.field(key))
            names = matched_by(pattern, (*ground.exchanges, *ground.queues))
        for item in names:
            origin = resource.origin(given.field(key))
            yield GrantClaim(_context(name, ground), right, item, origin, _keys(right, item, ground))


def topic_permissions(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """Topic permissions limit by which routing keys a user publishes, and by which it may bind."""
    broker = _broker(resource, ground)
    in_vhost(resource.properties.text("vhost", "/"), broker, "vhost")
    name = resource.properties.text("user")
    for given in resource.properties.inners("permissions"):
        yield from topic_rights(resource, name, given, ground)


def topic_rights(resource: Observed, name: str, given: Properties, ground: Ground) -> Iterator[Claim]:
    """By which routing keys the user `name` may publish on one exchange, and bind to it."""
    who, exchange = _context(name, ground), given.text("exchange")
    for key in ("write", "read"):
        keys = named_by(given.text(key))
        origin = resource.origin(given.field(key))
        if keys is None:
            yield resource.breach("it matches routing keys that it does not name", _EXACT, given.field(key))
        elif keys:
            yield GrantClaim(who, _RIGHTS[key], exchange, origin, keys)


def exchange(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """An exchange belongs to the context that publishes on it, and hands messages to queues alone."""
    broker = _broker(resource, ground)
    in_vhost(resource.properties.text("vhost", "/"), broker, "vhost")
    yield from source(resource, resource.properties, resource.properties.inner("settings"), ground)


def source(resource: Observed, given: Properties, settings: Properties, ground: Ground) -> Iterator[Claim]:
    """Where a context publishes: the exchange whose name is `given`."""
    name = given.text("name")
    planned = ground.exchanges.get(name)
    yield TopicClaim(planned.owner if planned else "", name, resource.origin(given.field("name")))
    if planned and settings.text("type") != "topic":
        yield resource.breach("only a topic exchange heeds routing keys", 'set `type: "topic"`', settings.field("type"))
    if any(True for _ in settings.inner("arguments")):
        yield resource.breach("arguments can hand messages on to another exchange", _DECLARE, settings.field("arguments"))


def queue(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A queue is a planned one, and drops its messages nowhere but into its own dead-letter queue."""
    broker = _broker(resource, ground)
    in_vhost(resource.properties.text("vhost", "/"), broker, "vhost")
    settings = resource.properties.inner("settings")
    arguments = (settings.inner("arguments"), _from_json(settings, "settings", "argumentsJson"))
    yield from inbox(resource, resource.properties, arguments, ground)


def inbox(resource: Observed, given: Properties, arguments: Iterable[Properties], ground: Ground) -> Iterator[Claim]:
    """What a context reads: the queue whose name is `given`, with its arguments."""
    planned = ground.queues.get(given.text("name"))
    if not planned:
        yield resource.opaque("no descriptor declares who consumes from this queue", _DECLARE, given.field("name"))
    for each in arguments:
        yield from _dead_letters(resource, each, "x-dead-letter-", planned.dead_letter if planned else "")


def binding(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A binding gives the consumer of a queue what an exchange publishes under a key."""
    broker = _broker(resource, ground)
    in_vhost(resource.properties.text("vhost", "/"), broker, "vhost")
    yield from bound(resource, resource.properties, ground)


def bound(resource: Observed, given: Properties, ground: Ground) -> Iterator[Claim]:
    """What comes into a queue."""
    origin, key = given.text("source"), given.text("routingKey", "")
    if given.text("destinationType") != "queue":
        reason = "it binds an exchange to an exchange, which no relation declares"
        yield resource.opaque(reason, _DECLARE, given.field("destinationType"))
        return
    queue = ground.queues.get(given.text("destination"))
    if not queue:
        reason = "no descriptor declares who consumes from this queue"
        yield resource.opaque(reason, _DECLARE, given.field("destination"))
    elif (queue.name, queue.exchange, queue.routing_key) != (given.text("destination"), origin, key):
        yield GrantClaim(queue.consumer, "consume", origin, resource.origin(given.field("source")), (key,))


def policy(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A policy sets limits on planned queues, and moves messages into their own dead-letter queues alone."""
    broker = _broker(resource, ground)
    in_vhost(resource.properties.text("vhost", "/"), broker, "vhost")
    yield from limits(resource, resource.properties.inner("policy"), ground)


def limits(resource: Observed, settings: Properties, ground: Ground) -> Iterator[Claim]:
    """What a policy does to the queues that its pattern names."""
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
    yield by_itself(resource)


def by_itself(resource: Observed) -> Claim:
    """The claim about whatever reads and writes with rights of its own."""
    return resource.breach("it moves messages by itself, past every user's rights", _DECLARE)


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


def in_vhost(name: str, broker: Broker, field: str) -> None:
    """Raises Unreadable where `name` is not the landscape's virtual host."""
    if name != broker.vhost:
        raise Unreadable(
            field, f"the landscape's virtual host is `{broker.vhost}`, and no descriptor speaks of another", _DECLARE
        )
