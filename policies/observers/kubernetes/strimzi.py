"""Objects of Strimzi's that the plan does not have: the same claims as the official provider's resources make.

https://strimzi.io/docs/operators/latest/configuring. An object belongs to the `Kafka` that its label names; one that names
none is nobody's, until somebody labels it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from plat.claims import Claim
from plat.kubernetes.flows import STRIMZI
from plat.plan.model import Server
from plat.reach import Carrier
from policies.ground import Ground
from policies.observed import Observed, Properties, Unreadable
from policies.observers import kafka
from policies.observers.kubernetes.place import Place
from policies.observers.kubernetes.workloads import of_secret

API = "kafka.strimzi.io/v1"

_DECLARE = "declare the relation in a descriptor (`publishes`, `consumes`): what the broker needs for it follows"
_BROKER = "declare the broker in landscape.yaml, and its nodes in the environment"
_OURS = "label it with the landscape's own Kafka and put it into its namespace, or leave the object to Plat"
_CLUSTER = f"{STRIMZI}cluster"
_SCRAM = "scram-sha-512"

_REFUSED: Mapping[str, tuple[str, str]] = {
    f"{API}:Kafka": ("it is a broker that no descriptor declares", _BROKER),
    f"{API}:KafkaBridge": ("it lets whoever reaches it read and write with rights of its own", _DECLARE),
    f"{API}:KafkaConnect": ("it runs whatever connectors it is told to, and moves records past every user's rights", _DECLARE),
    f"{API}:KafkaConnector": ("it moves records by itself, past every user's rights", _DECLARE),
    f"{API}:KafkaMirrorMaker2": ("it copies topics to or from another broker, past every user's rights", _DECLARE),
    f"{API}:KafkaNodePool": ("it adds nodes to a broker, or takes its records onto others", _BROKER),
    f"{API}:KafkaRebalance": ("it moves the records of every context from node to node", _BROKER),
    "core.strimzi.io/v1:StrimziPodSet": ("it starts pods that nobody can judge", _DECLARE),
}


def _refused(reason: str, remedy: str) -> Callable[[Observed, Place, Ground], Iterator[Claim]]:
    def read(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
        yield resource.breach(reason, remedy, "spec")

    return read


def topic(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """A topic belongs to the context that publishes on it; by hand it could only be another object for the same one."""
    _server(resource, place, ground)
    name, field = _topic_name(resource)
    yield from kafka.records(resource, name, field, ground)


def user(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """A user is a context's identity, with its rights; whoever makes one is an administrator of the broker."""
    server = _server(resource, place, ground)
    spec = resource.properties.inner("spec")
    yield from kafka.known(resource, place.name, "metadata.name", server, ground)
    authentication = spec.inner("authentication")
    # By a certificate it is somebody else: `CN=` and its name.
    if authentication.text("type", "") != _SCRAM:
        yield resource.opaque("it does not come in as the plan's users do", _DECLARE, authentication.field("type"))
    ref = authentication.inner("password").inner("valueFrom").inner("secretKeyRef")
    if "name" in ref:
        yield from of_secret(resource, ref.text("name"), ref.field("name"), place, _carrier(place), ground)
    if "quotas" in spec:
        yield resource.opaque("it limits what a user may send, which no descriptor can say", _DECLARE, spec.field("quotas"))
    for entry in spec.inner("authorization").inners("acls"):
        yield from _rights(resource, place.name, entry, ground)


def _carrier(place: Place) -> Carrier:
    return Carrier(place.name, place.contexts)


def _rights(resource: Observed, name: str, entry: Properties, ground: Ground) -> Iterator[Claim]:
    on = entry.inner("resource")
    operations = entry.texts("operations")
    if not operations:
        raise Unreadable(entry.field("operations"), "it is not said what it lets do", _DECLARE)
    for operation in operations:
        said = kafka.Right(
            user=name,
            kind=on.text("type").lower(),
            # The whole broker has no name.
            name=on.text("name", ""),
            pattern=on.text("patternType", "literal").lower(),
            operation=operation.lower(),
            allowed=entry.text("type", "allow") == "allow",
            kind_field=on.field("type"),
            name_field=on.field("name"),
            operation_field=entry.field("operations"),
            allowed_field=entry.field("type"),
        )
        yield kafka.granted(resource, said, ground)


OBSERVERS: Mapping[str, Callable[[Observed, Place, Ground], Iterator[Claim]]] = {
    **{kind: _refused(*why) for kind, why in _REFUSED.items()},
    f"{API}:KafkaTopic": topic,
    f"{API}:KafkaUser": user,
}
"""How each of them is read, by group, version and kind."""


def identity(resource: Observed, kind: str) -> tuple[str, ...] | None:
    """Which topic an object manages, whatever it is called itself; None where it manages none."""
    return (resource.type, _topic_name(resource)[0]) if kind == f"{API}:KafkaTopic" else None


def _topic_name(resource: Observed) -> tuple[str, str]:
    """What a topic is called in the broker, and the field that says so."""
    spec = resource.properties.inner("spec")
    if "topicName" in spec:
        return spec.text("topicName"), spec.field("topicName")
    return resource.properties.inner("metadata").text("name"), "metadata.name"


def _server(resource: Observed, place: Place, ground: Ground) -> Server:
    """The broker that an object is of. Raises Unreadable where that is none of the plan's, or where nobody watches."""
    broker = ground.broker
    server = ground.servers[broker.server] if broker and broker.type == "kafka" else None
    if not server:
        raise Unreadable("spec", "the landscape has no Kafka", _DECLARE)
    if place.namespace != server.namespace:
        raise Unreadable("metadata.namespace", f"it is for an administrator of the broker alone, in {server.namespace}", _OURS)
    said = resource.properties.inner("metadata").inner("labels")
    if said.text(_CLUSTER, "") != server.name:
        raise Unreadable(said.field(_CLUSTER), "it belongs to no broker of this landscape", _OURS)
    return server
