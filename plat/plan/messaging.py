"""The broker's part of the plan: what each context publishes, what it consumes, and all that it may do there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plat import names
from plat.durations import milliseconds
from plat.grouping import grouped
from plat.landscape import Landscape, LinkedBroker, LinkedConsumption, LinkedContext
from plat.plan.intent import live_events, routing_keys
from plat.plan.kinds import broker_server
from plat.plan.model import Broker, BrokerUser, Exchange, Queue, SecretRef, Subscription, Topic
from plat.plan.problem import refuse

# In an unsigned number of 32 bits, as RabbitMQ reads `message-ttl` (https://www.rabbitmq.com/docs/ttl).
_LONGEST_TTL = 2**32 - 1
_DAY = milliseconds("1d")
_ONE_PARTITION = 1


def broker_of(landscape: Landscape) -> Broker | None:
    """The broker of `landscape` with all that is in it; None where there is none. Raises PlanProblem."""
    broker = landscape.broker
    if not broker:
        return None
    return _kafka(landscape, broker) if broker.type == "kafka" else _rabbitmq(landscape, broker)


def _rabbitmq(landscape: Landscape, broker: LinkedBroker) -> Broker:
    contexts = landscape.contexts
    return Broker(
        type=broker.type,
        server=broker_server(broker.type),
        vhost=landscape.name,
        exchanges=tuple(
            Exchange(names.exchange_name(context.name), context.name, keys, context.at("publishes"))
            for context in contexts
            if (keys := routing_keys(context))
        ),
        queues=tuple(_queue(landscape, broker, context, item) for context in contexts for item in context.consumes),
        users=tuple(_rabbitmq_user(context) for context in contexts if takes_part(context)),
    )


def _queue(landscape: Landscape, broker: LinkedBroker, context: LinkedContext, item: LinkedConsumption) -> Queue:
    kept = _retention(landscape, broker, item)
    if kept > _LONGEST_TTL:
        event = landscape.context(item.producer).at(f"publishes.{item.event}.retention")
        refuse(event, f"rabbitmq keeps a message for {_LONGEST_TTL // _DAY}d at most: write a shorter `retention`")
    return Queue(
        name=item.queue,
        dead_letter=names.dead_letter_queue(item.queue),
        consumer=context.name,
        event=f"{item.producer}.{item.event}",
        exchange=names.exchange_name(item.producer),
        routing_key=names.routing_key(item.event, item.version),
        retention_ms=kept,
        location=item.location,
    )


def _rabbitmq_user(context: LinkedContext) -> BrokerUser:
    keys = routing_keys(context)
    queues = [name for item in context.consumes for name in (item.queue, names.dead_letter_queue(item.queue))]
    return BrokerUser(
        name=context.name,
        context=context.name,
        team=context.team,
        secret=SecretRef(f"broker/{context.name}"),
        publishes_to=(names.exchange_name(context.name),) if keys else (),
        consumes_from=tuple(sorted(queues)),
        routing_keys=keys,
    )


def _kafka(landscape: Landscape, broker: LinkedBroker) -> Broker:
    contexts = landscape.contexts
    topics = [topic for context in contexts for topic in _topics(landscape, broker, context)]
    _refuse_clashes(topics)
    return Broker(
        type=broker.type,
        server=broker_server(broker.type),
        vhost="",
        exchanges=(),
        queues=(),
        users=tuple(_kafka_user(landscape, context) for context in contexts if takes_part(context)),
        topics=tuple(topics),
        subscriptions=tuple(_subscription(landscape, context, item) for context in contexts for item in context.consumes),
    )


def _topics(landscape: Landscape, broker: LinkedBroker, context: LinkedContext) -> Iterator[Topic]:
    # A retired event's topic stays until its last record has gone, but nobody has a right on it any more.
    for name, event in sorted(context.publishes.items()):
        yield Topic(
            name=names.topic_name(landscape.name, context.name, name, event.version),
            owner=context.name,
            event=f"{context.name}.{name}",
            version=event.version,
            partitions=event.partitions or broker.partitions,
            retention_ms=milliseconds(event.retention or broker.retention),
            location=context.at(f"publishes.{name}"),
        )
    for item in context.consumes:
        yield Topic(
            name=names.dead_letter_queue(item.queue),
            owner=context.name,
            event=f"{item.producer}.{item.event}",
            version=item.version,
            partitions=_ONE_PARTITION,
            retention_ms=_retention(landscape, broker, item),
            dead_letters_of=item.queue,
            location=item.location,
        )


def _subscription(landscape: Landscape, context: LinkedContext, item: LinkedConsumption) -> Subscription:
    return Subscription(
        group=item.queue,
        topic=names.topic_name(landscape.name, item.producer, item.event, item.version),
        consumer=context.name,
        event=f"{item.producer}.{item.event}",
        dead_letter_topic=names.dead_letter_queue(item.queue),
        location=item.location,
    )


def _kafka_user(landscape: Landscape, context: LinkedContext) -> BrokerUser:
    read = [_subscription(landscape, context, item) for item in context.consumes]
    own = [names.topic_name(landscape.name, context.name, *event) for event in live_events(context)]
    dead = [item.dead_letter_topic for item in read]
    return BrokerUser(
        name=context.name,
        context=context.name,
        team=context.team,
        secret=SecretRef(f"broker/{context.name}"),
        publishes_to=tuple(sorted({*own, *dead})),
        consumes_from=tuple(sorted({*(item.topic for item in read), *dead})),
        routing_keys=(),
        groups=tuple(sorted(item.group for item in read)),
    )


def takes_part(context: LinkedContext) -> bool:
    """Whether a context publishes or consumes anything, and so has an identity at the broker."""
    return bool(live_events(context) or context.consumes)


def _retention(landscape: Landscape, broker: LinkedBroker, item: LinkedConsumption) -> int:
    return milliseconds(landscape.context(item.producer).publishes[item.event].retention or broker.retention)


def _refuse_clashes(topics: Iterable[Topic]) -> None:
    """Refuse names that Kafka keeps apart no better than its metrics do, where `.` and `_` are one (KAFKA-2337)."""
    for same in grouped(topics, lambda topic: topic.name.replace(".", "_")).values():
        if len(same) > 1 and (last := same[-1]).location:
            clash = next(topic.name for topic in same if topic is not last)
            refuse(last.location, f"kafka takes `{last.name}` and `{clash}` for one topic: give this one another `queue`")
