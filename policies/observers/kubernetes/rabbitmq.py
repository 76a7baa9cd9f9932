"""Objects of RabbitMQ's operators that the plan does not have: the same claims as the official provider's resources make.

https://www.rabbitmq.com/kubernetes/operator/using-topology-operator
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from plat.claims import Claim
from plat.plan.model import Broker
from policies.ground import Ground
from policies.observed import Observed, Properties, Unreadable
from policies.observers import rabbitmq
from policies.observers.kubernetes.place import Place

_DECLARE = "declare the relation in a descriptor (`publishes`, `consumes`): what the broker needs for it follows"
_OURS = "refer to the landscape's own RabbitmqCluster by its name, or leave the object to Plat"
_REFERENCE = "rabbitmqClusterReference"
_UNSAID = {"configure": "", "write": "", "read": ""}

API = "rabbitmq.com/v1beta1"

Reader = Callable[[Observed, Properties, Ground], Iterator[Claim]]


def cluster(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """A broker is the landscape's, and there is one."""
    yield resource.opaque("no descriptor declares this broker", "declare the broker in landscape.yaml")


def moving(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """What moves messages by itself, or makes many things at once that nobody declares."""
    yield rabbitmq.by_itself(resource)


def virtual_host(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """A virtual host is the landscape's, and holds its queues."""
    spec, broker = _spec(resource, place, ground)
    yield from rabbitmq.host(resource, spec, broker)


def user(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """A user is a context's identity, which the plan has already: by hand it would get another password, or be nobody's."""
    spec, _ = _spec(resource, place, ground)
    yield from rabbitmq.untagged(resource, spec)
    field = spec.field("importCredentialsSecret")
    yield resource.opaque("nobody can tell whose name it takes: that stands in a Secret", _DECLARE, field)


def _permission(resource: Observed, spec: Properties, ground: Ground) -> Iterator[Claim]:
    given = spec.inner("permissions")
    said = Properties({**_UNSAID, **given.plain()}, spec.field("permissions"))
    for name in _users(spec):
        yield from rabbitmq.rights(resource, name, said, ground)


def _topic_permission(resource: Observed, spec: Properties, ground: Ground) -> Iterator[Claim]:
    given = spec.inner("permissions")
    said = Properties({**_UNSAID, **given.plain()}, spec.field("permissions"))
    for name in _users(spec):
        yield from rabbitmq.topic_rights(resource, name, said, ground)


def _exchange(resource: Observed, spec: Properties, ground: Ground) -> Iterator[Claim]:
    yield from rabbitmq.source(resource, spec, spec, ground)


def _queue(resource: Observed, spec: Properties, ground: Ground) -> Iterator[Claim]:
    yield from rabbitmq.inbox(resource, spec, [spec.inner("arguments")], ground)


def _within(reader: Reader) -> Callable[[Observed, Place, Ground], Iterator[Claim]]:
    """How something in a virtual host is read: it is the landscape's virtual host, and its broker."""

    def read(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
        spec, broker = _spec(resource, place, ground)
        rabbitmq.in_vhost(spec.text("vhost", "/"), broker, spec.field("vhost"))
        yield from reader(resource, spec, ground)

    return read


OBSERVERS: Mapping[str, Callable[[Observed, Place, Ground], Iterator[Claim]]] = {
    f"{API}:Binding": _within(rabbitmq.bound),
    f"{API}:Exchange": _within(_exchange),
    f"{API}:Federation": moving,
    f"{API}:OperatorPolicy": _within(rabbitmq.limits),
    f"{API}:Permission": _within(_permission),
    f"{API}:Policy": _within(rabbitmq.limits),
    f"{API}:Queue": _within(_queue),
    f"{API}:RabbitmqCluster": cluster,
    f"{API}:SchemaReplication": moving,
    f"{API}:Shovel": moving,
    "rabbitmq.com/v1alpha1:SuperStream": moving,
    f"{API}:TopicPermission": _within(_topic_permission),
    f"{API}:User": user,
    f"{API}:Vhost": virtual_host,
}
"""How each of them is read, by group, version and kind."""

_KEYS: Mapping[str, tuple[str, ...]] = {
    f"{API}:Binding": ("source", "destination", "routingKey"),
    f"{API}:Exchange": ("name",),
    f"{API}:OperatorPolicy": ("name",),
    f"{API}:Permission": ("user",),
    f"{API}:Policy": ("name",),
    f"{API}:Queue": ("name",),
    f"{API}:TopicPermission": ("user", "exchange"),
}


def identity(resource: Observed, kind: str) -> tuple[str, ...] | None:
    """Which thing inside of the broker an object manages, whatever it is called itself; None where it manages none."""
    if kind not in _KEYS:
        return None
    spec = resource.properties.inner("spec")
    user = spec.inner("userReference").text("name", "") or spec.text("user", "")
    said = {"user": user, "exchange": spec.inner("permissions").text("exchange", "")}
    return (resource.type, spec.text("vhost", "/"), *(said.get(key) or spec.text(key, "") for key in _KEYS[kind]))


def _users(spec: Properties) -> tuple[str, ...]:
    """Whose rights these are: the operator takes the object that is referred to, or else the name."""
    names = (spec.inner("userReference").text("name", ""), spec.text("user", ""))
    found = tuple(dict.fromkeys(name for name in names if name))
    if not found:
        raise Unreadable(spec.field("user"), "it is not said whose rights these are", _DECLARE)
    return found


def _spec(resource: Observed, place: Place, ground: Ground) -> tuple[Properties, Broker]:
    """What an object says, and the broker that it says it of. Raises Unreadable where that is none of the plan's."""
    spec = resource.properties.inner("spec")
    reference = spec.inner(_REFERENCE)
    field = spec.field(_REFERENCE)
    broker = ground.broker
    server = ground.servers[broker.server] if broker and broker.type == "rabbitmq" else None
    if not broker or not server:
        raise Unreadable(field, "the landscape has no RabbitMQ", _DECLARE)
    if "connectionSecret" in reference:
        raise Unreadable(reference.field("connectionSecret"), "nobody can tell which broker that leads to", _OURS)
    said = (reference.text("name", ""), reference.text("namespace", place.namespace))
    if said != (server.name, server.namespace):
        raise Unreadable(field, f"{said[0]} in {said[1]} is no broker of this landscape", _OURS)
    return spec, broker
