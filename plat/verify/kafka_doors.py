"""What the plan says of every principal at a Kafka broker. Pure; nothing is tried here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plat.plan.model import Broker, Server, Subscription, Topic
from plat.verify.model import AtKafka, Cell, Door
from plat.verify.principals import Principal

PROBE = "plat-verify"
"""A topic and a user that nobody has."""

BROKER = "broker"
KIND = "as a whole"

_PLATS_OWN = "only Plat makes and changes topics"
_ADMINISTRATION = "only Plat administers the broker"


def cells(broker: Broker, server: Server, everybody: tuple[Principal, ...]) -> Iterator[Cell]:
    """Every cell of the broker: its topics, its consumer groups, and what nobody may do."""
    for topic in broker.topics:
        yield from _topic(topic, broker, server, everybody)
    for subscription in broker.subscriptions:
        yield from _group(subscription, server, everybody)
    yield from _nobody(server, everybody)


def _topic(topic: Topic, broker: Broker, server: Server, everybody: tuple[Principal, ...]) -> Iterator[Cell]:
    users = broker.users
    writers = {user.context: f"publishes {topic.event}" for user in users if topic.name in user.publishes_to}
    readers = {user.context: f"consumes {topic.event}" for user in users if topic.name in user.consumes_from}
    kind = "dead letters" if topic.dead_letters_of else "topic"
    rows: list[tuple[str, AtKafka, dict[str, str], str]] = [
        ("produce", AtKafka("produce", topic.name), writers, f"only {topic.owner} writes to it, if its event is not retired"),
        ("read", AtKafka("read", topic.name), readers, "only who consumes its event reads it"),
        ("see that it is there", AtKafka("describe", topic.name), {**readers, **writers}, "it neither writes nor reads it"),
        ("change its settings", AtKafka("alter", topic.name), {}, _PLATS_OWN),
        ("delete its records", AtKafka("delete-records", topic.name), {}, _PLATS_OWN),
    ]
    for right, action, allowed, else_ in rows:
        yield from _row(Door(topic.name, kind, right, server.host, server.port, action), everybody, allowed, else_)


def _group(item: Subscription, server: Server, everybody: tuple[Principal, ...]) -> Iterator[Cell]:
    allowed = {item.consumer: f"reads {item.event} as {item.group}"}
    action = AtKafka("commit", item.group, item.topic)
    door = Door(item.group, "consumer group", "commit how far it has read", server.host, server.port, action)
    yield from _row(door, everybody, allowed, f"only {item.consumer} reads as this group")


def _nobody(server: Server, everybody: tuple[Principal, ...]) -> Iterator[Cell]:
    rows = {
        "create a topic": AtKafka("create-topic", PROBE),
        "change rights": AtKafka("change-rights", PROBE),
        "change users": AtKafka("change-users", PROBE),
        "see its settings": AtKafka("settings", PROBE),
    }
    for right, action in rows.items():
        yield from _row(Door(BROKER, KIND, right, server.host, server.port, action), everybody, {}, _ADMINISTRATION)
    # Under the administrator's name, with whatever password one holds.
    as_admin = Door(
        BROKER, KIND, "come in as its administrator", server.host, server.port, AtKafka("come-in", server.admin_user)
    )
    controller = Door(
        BROKER,
        KIND,
        "talk to its controller",
        server.host,
        server.extra_ports["controller"],
        AtKafka("come-in", server.admin_user),
    )
    for door in (as_admin, controller):
        yield from _row(door, everybody, {}, _ADMINISTRATION)


def _row(door: Door, everybody: Iterable[Principal], allowed: dict[str, str], else_: str) -> Iterator[Cell]:
    """A cell for each principal; `allowed` says of those that are let in why, `else_` of the rest why not."""
    for principal in everybody:
        why = allowed.get(principal.name)
        yield Cell(principal.name, door, principal.for_broker("kafka"), why is not None, why or else_)
