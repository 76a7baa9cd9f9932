"""What the plan says of every principal at the broker. Pure; nothing is tried here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plat.plan.model import Broker, Exchange, Queue, Server
from plat.verify.model import Action, Bind, Cell, Consume, Declare, Door, Get, Publish
from plat.verify.principals import Principal

PROBE = "plat-verify"
"""A routing key that nobody declares, and the name of a queue and an exchange that nobody has."""

BROKER = "broker"
KIND = "as a whole"

_PLATS_OWN = "only Plat declares queues, exchanges and bindings"


def cells(broker: Broker, server: Server, everybody: tuple[Principal, ...]) -> Iterator[Cell]:
    """Every cell of the broker: its exchanges, its queues, and what nobody may do."""
    for exchange in broker.exchanges:
        yield from _exchange(exchange, broker, server, everybody)
    for queue in broker.queues:
        yield from _queue(queue, broker, server, everybody)
    yield from _nobody(broker, server, everybody)


def _exchange(exchange: Exchange, broker: Broker, server: Server, everybody: tuple[Principal, ...]) -> Iterator[Cell]:
    for key in exchange.routing_keys:
        door = _door(server, exchange.name, "exchange", f"publish {key}", Publish(broker.vhost, exchange.name, key))
        why = f"publishes {key}", f"only {exchange.owner} publishes {key}"
        yield from _row(door, everybody, exchange.owner, why)
    foreign = _door(server, exchange.name, "exchange", "publish any other key", Publish(broker.vhost, exchange.name, PROBE))
    yield from _row(foreign, everybody, None, ("", f"nobody declares an event with the key `{PROBE}`"))
    declare = _door(server, exchange.name, "exchange", "declare anew", Declare(broker.vhost, exchange=exchange.name))
    yield from _row(declare, everybody, None, ("", _PLATS_OWN))


def _queue(queue: Queue, broker: Broker, server: Server, everybody: tuple[Principal, ...]) -> Iterator[Cell]:
    why = f"consumes {queue.event}", f"only {queue.consumer} reads what it consumes of {queue.event}"
    for name, kind in ((queue.name, "queue"), (queue.dead_letter, "dead-letter queue")):
        consume = _door(server, name, kind, "consume", Consume(broker.vhost, name))
        yield from _row(consume, everybody, queue.consumer, why)
        declare = _door(server, name, kind, "declare anew", Declare(broker.vhost, queue=name))
        yield from _row(declare, everybody, None, ("", _PLATS_OWN))
        bind = _door(server, name, kind, "bind to another key", Bind(broker.vhost, name, queue.exchange))
        yield from _row(bind, everybody, None, ("", _PLATS_OWN))


def _nobody(broker: Broker, server: Server, everybody: tuple[Principal, ...]) -> Iterator[Cell]:
    queue = next((queue.name for queue in broker.queues), PROBE)
    rows: list[tuple[str, Action, str]] = [
        ("declare a new queue", Declare(broker.vhost, queue=PROBE), _PLATS_OWN),
        ("declare a new exchange", Declare(broker.vhost, exchange=PROBE), _PLATS_OWN),
        ("send to a queue directly", Publish(broker.vhost, "", queue), "it would bypass every exchange and its owner"),
    ]
    for right, action, why in rows:
        yield from _row(_door(server, BROKER, KIND, right, action), everybody, None, ("", why))
    if port := server.extra_ports.get("management"):
        door = Door(BROKER, KIND, "manage over HTTP", server.host, port, Get("/api/queues", api=True))
        yield from _row(door, everybody, None, ("", "only Plat administers the broker"))


def _row(door: Door, everybody: Iterable[Principal], allowed: str | None, why: tuple[str, str]) -> Iterator[Cell]:
    """A cell for each principal; `allowed` names the one that is let in; `why` says it for that one, and for the rest."""
    for principal in everybody:
        is_allowed = principal.name == allowed
        yield Cell(principal.name, door, principal.for_broker("rabbitmq"), is_allowed, why[0] if is_allowed else why[1])


def _door(server: Server, target: str, kind: str, right: str, action: Action) -> Door:
    return Door(target, kind, right, server.host, server.port, action)
