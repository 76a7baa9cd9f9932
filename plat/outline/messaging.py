"""The broker and all that is in it, told."""

from __future__ import annotations

from collections.abc import Iterator

from plat.durations import shown
from plat.outline.model import Line
from plat.outline.tell import Owned, tell
from plat.plan.kinds import any_kind
from plat.plan.model import Broker, BrokerUser, Exchange, Plan, Queue, Subscription, Topic, plain


@tell.register
def _broker(broker: Broker, plan: Plan) -> Iterator[Owned]:
    server = plan.server(broker.server)
    vhost = f", virtual host {broker.vhost}" if broker.vhost else ""
    text = f"{any_kind(broker.type).title} in server {server.name}{vhost}"
    details = {"type": broker.type, "server": broker.server, "vhost": broker.vhost}
    yield Owned(None, Line("broker", broker.server, text, server.location, details))


@tell.register
def _exchange(exchange: Exchange, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    text = f"{exchange.name}, to publish {', '.join(exchange.routing_keys)}"
    yield Owned(exchange.owner, Line("exchange", exchange.name, text, exchange.location, plain(exchange)))


@tell.register
def _queue(queue: Queue, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    text = f"{queue.name}: {queue.event}, from {queue.exchange} by {queue.routing_key}, kept {shown(queue.retention_ms)}"
    yield Owned(queue.consumer, Line("queue", queue.name, text, queue.location, plain(queue)))
    text = f"{queue.dead_letter}: what could not be handled of {queue.name}"
    details = {"queue": queue.name}
    yield Owned(queue.consumer, Line("dead letters", queue.dead_letter, text, queue.location, details))


@tell.register
def _topic(topic: Topic, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    kept = f"{topic.partitions} partition(s), kept {shown(topic.retention_ms)}"
    if topic.dead_letters_of:
        kind, what = "dead letters", f"what {topic.dead_letters_of} could not handle"
    else:
        kind, what = "topic", f"{topic.event} v{topic.version}"
    text = f"{topic.name}: {what}, {kept}"
    yield Owned(topic.owner, Line(kind, topic.name, text, topic.location, plain(topic)))


@tell.register
def _subscription(subscription: Subscription, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    text = f"{subscription.group}: {subscription.event}, reads {subscription.topic}"
    line = Line("consumer group", subscription.group, text, subscription.location, plain(subscription))
    yield Owned(subscription.consumer, line)


@tell.register
def _user(user: BrokerUser, plan: Plan) -> Iterator[Owned]:
    # An identity follows from all that its context publishes and consumes: the first of it stands for the rest.
    place = plan.broker.place_of(user.context) if plan.broker else None
    yield Owned(user.context, Line("broker user", user.name, f"{user.name}: with a password of its own", place, plain(user)))
