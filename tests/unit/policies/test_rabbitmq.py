from __future__ import annotations

from collections.abc import Callable

import pytest

from policies.observed import UNKNOWN, Observed
from tests.unit.policies.resources import BREACH, NONE, RIGHT, UNPROTECTED, UNREADABLE, Found, Market

Make = Callable[[Market], Observed]
FULFILMENT_QUEUE = "fulfilment.ordering.OrderPlaced.v1"


def permissions(market: Market, user: str, *, write: object = "^$", read: object = "^$", configure: object = "^$") -> Observed:
    rights = {"configure": configure, "write": write, "read": read}
    return market.in_rabbitmq("Permissions", user=user, vhost="market", permissions=rights)


def topics(market: Market, user: str, exchange: str, *, write: object = "^$", read: object = "^$") -> Observed:
    rights = [{"exchange": exchange, "write": write, "read": read}]
    return market.in_rabbitmq("TopicPermissions", user=user, vhost="market", permissions=rights)


def queue(market: Market, name: str, **settings: object) -> Observed:
    return market.in_rabbitmq("Queue", name=name, vhost="market", settings={"durable": True, **settings})


def binding(market: Market, destination: str, source: str, key: str, type_: str = "queue") -> Observed:
    return market.in_rabbitmq(
        "Binding", vhost="market", source=source, destination=destination, destinationType=type_, routingKey=key
    )


def policy(market: Market, pattern: object, **definition: object) -> Observed:
    settings = {"pattern": pattern, "applyTo": "queues", "priority": 0, "definition": definition}
    return market.in_rabbitmq("Policy", name="limits", vhost="market", policy=settings)


RIGHTS: dict[str, tuple[Make, Found]] = {
    "publishing on one's own exchange passes": (
        lambda m: permissions(m, "ordering", write=r"^(?:ordering\.events)$"),
        NONE,
    ),
    "reading one's own queue and its dead letters passes": (
        lambda m: permissions(m, "billing", read=r"^(?:invoices|invoices\.dead)$"),
        NONE,
    ),
    "a foreign user without any right passes": (lambda m: permissions(m, "nobody"), NONE),
    "the broker's administrator may do everything": (
        lambda m: permissions(m, "admin", configure=".*", write=".*", read=".*"),
        NONE,
    ),
    "reading another context's queue is refused": (
        lambda m: permissions(m, "ordering", read="^invoices$"),
        [(RIGHT, "permissions.read")],
    ),
    "publishing on another context's exchange is refused": (
        lambda m: permissions(m, "billing", write=r"^ordering\.events$"),
        [(RIGHT, "permissions.write")],
    ),
    "publishing past the exchanges, by the default one, is refused": (
        lambda m: permissions(m, "ordering", write=r"^amq\.default$"),
        [(RIGHT, "permissions.write")],
    ),
    "writing to one's own queue, which would let one bind it, is refused": (
        lambda m: permissions(m, "billing", write="^invoices$"),
        [(RIGHT, "permissions.write")],
    ),
    "declaring anything is refused": (
        lambda m: permissions(m, "billing", configure="^invoices$"),
        [(RIGHT, "permissions.configure")],
    ),
    "everything is refused, and what it reaches today is named": (
        lambda m: permissions(m, "billing", read=".*"),
        [*[(RIGHT, "permissions.read")] * 4, (BREACH, "permissions.read")],
    ),
    "a pattern that is not anchored is refused": (
        lambda m: permissions(m, "billing", read="^invoices"),
        [(BREACH, "permissions.read")],
    ),
    "rights of a user that no context bears are refused": (
        lambda m: permissions(m, "reporting", read="^invoices$"),
        [(RIGHT, "permissions.read")],
    ),
    "a pattern that is not known yet is refused": (
        lambda m: permissions(m, "billing", read=UNKNOWN),
        [(UNREADABLE, "permissions.read")],
    ),
    "a right that is not said at all is refused": (
        lambda m: m.in_rabbitmq("Permissions", user="billing", vhost="market", permissions={"read": ""}),
        [(UNREADABLE, "permissions.configure")],
    ),
    "another virtual host is refused": (
        lambda m: m.in_rabbitmq("Permissions", user="billing", vhost="/", permissions={}),
        [(UNREADABLE, "vhost")],
    ),
    "the routing keys of one's own events pass": (
        lambda m: topics(m, "ordering", "ordering.events", write=r"^(?:OrderCancelled\.v2|OrderPlaced\.v1)$"),
        NONE,
    ),
    "a routing key that is no event of one's own is refused": (
        lambda m: topics(m, "ordering", "ordering.events", write=r"^OrderSent\.v1$"),
        [(RIGHT, "permissions[0].write")],
    ),
    "all routing keys are refused": (
        lambda m: topics(m, "ordering", "ordering.events", write=".*"),
        [(BREACH, "permissions[0].write")],
    ),
    "routing keys of another context's exchange are refused": (
        lambda m: topics(m, "billing", "ordering.events", write=r"^OrderPlaced\.v1$"),
        [(RIGHT, "permissions[0].write")],
    ),
    "binding by a routing key is refused": (
        lambda m: topics(m, "billing", "ordering.events", read=r"^OrderPlaced\.v1$"),
        [(RIGHT, "permissions[0].read")],
    ),
}

OTHERS: dict[str, tuple[Make, Found]] = {
    "a context's user passes": (lambda m: m.in_rabbitmq("User", name="billing", password=UNKNOWN, tags=[]), NONE),
    "a user that no context bears is refused": (
        lambda m: m.in_rabbitmq("User", name="reporting", password=UNKNOWN),
        [(UNREADABLE, "name")],
    ),
    "an administrator is refused": (
        lambda m: m.in_rabbitmq("User", name="billing", tags=["administrator"]),
        [(BREACH, "tags")],
    ),
    "one who may look at everything is refused": (
        lambda m: m.in_rabbitmq("User", name="billing", tags=["monitoring"]),
        [(BREACH, "tags")],
    ),
    "tags that are not known yet are refused": (
        lambda m: m.in_rabbitmq("User", name="billing", tags=UNKNOWN),
        [(UNREADABLE, "tags")],
    ),
    "the landscape's virtual host passes": (lambda m: m.in_rabbitmq("VHost", name="market", protect=True), NONE),
    "the virtual host without protection is refused": (
        lambda m: m.in_rabbitmq("VHost", name="market"),
        [(UNPROTECTED, "protect")],
    ),
    "a second virtual host is refused": (lambda m: m.in_rabbitmq("VHost", name="side", protect=True), [(UNREADABLE, "name")]),
    "a context's exchange passes": (
        lambda m: m.in_rabbitmq("Exchange", name="ordering.events", vhost="market", settings={"type": "topic"}),
        NONE,
    ),
    "an exchange that nobody publishes on is refused": (
        lambda m: m.in_rabbitmq("Exchange", name="side.events", vhost="market", settings={"type": "topic"}),
        [(RIGHT, "name")],
    ),
    "an exchange that heeds no routing keys is refused": (
        lambda m: m.in_rabbitmq("Exchange", name="ordering.events", vhost="market", settings={"type": "fanout"}),
        [(BREACH, "settings.type")],
    ),
    "an exchange that hands on what it cannot route is refused": (
        lambda m: m.in_rabbitmq(
            "Exchange",
            name="ordering.events",
            vhost="market",
            settings={"type": "topic", "arguments": {"alternate-exchange": "amq.fanout"}},
        ),
        [(BREACH, "settings.arguments")],
    ),
    "a consumer's queue passes": (lambda m: queue(m, "invoices", argumentsJson='{"x-queue-type": "quorum"}'), NONE),
    "its dead-letter queue passes": (lambda m: queue(m, "invoices.dead"), NONE),
    "a queue that nobody declares to consume is refused": (lambda m: queue(m, "side"), [(UNREADABLE, "name")]),
    "dead letters into an exchange are refused": (
        lambda m: queue(m, "invoices", arguments={"x-dead-letter-exchange": "ordering.events"}),
        [(BREACH, "settings.arguments.x-dead-letter-exchange")],
    ),
    "dead letters into another queue are refused in JSON too": (
        lambda m: queue(m, "invoices", argumentsJson=f'{{"x-dead-letter-routing-key": "{FULFILMENT_QUEUE}"}}'),
        [(BREACH, "settings.argumentsJson.x-dead-letter-routing-key")],
    ),
    "arguments that are no JSON are refused": (
        lambda m: queue(m, "invoices", argumentsJson="{"),
        [(UNREADABLE, "settings.argumentsJson")],
    ),
    "arguments that are not known yet are refused": (
        lambda m: queue(m, "invoices", argumentsJson=UNKNOWN),
        [(UNREADABLE, "settings.argumentsJson")],
    ),
    "the binding of a declared consumption passes": (
        lambda m: binding(m, "invoices", "ordering.events", "OrderPlaced.v1"),
        NONE,
    ),
    "a binding to an event that is not consumed is refused": (
        lambda m: binding(m, "invoices", "ordering.events", "OrderCancelled.v2"),
        [(RIGHT, "source")],
    ),
    "a binding to all events is refused": (lambda m: binding(m, "invoices", "ordering.events", "#"), [(RIGHT, "source")]),
    "a binding to another context's exchange is refused": (
        lambda m: binding(m, "invoices", "fulfilment.events", "OrderSent.v1"),
        [(RIGHT, "source")],
    ),
    "a binding of the dead-letter queue is refused": (
        lambda m: binding(m, "invoices.dead", "ordering.events", "OrderPlaced.v1"),
        [(RIGHT, "source")],
    ),
    "a binding to a queue that nobody declares is refused": (
        lambda m: binding(m, "side", "ordering.events", "OrderPlaced.v1"),
        [(UNREADABLE, "destination")],
    ),
    "a binding of an exchange to an exchange is refused": (
        lambda m: binding(m, "fulfilment.events", "ordering.events", "#", "exchange"),
        [(UNREADABLE, "destinationType")],
    ),
    "limits of a declared queue pass": (
        lambda m: policy(
            m, "^invoices$", **{"dead-letter-exchange": "", "dead-letter-routing-key": "invoices.dead", "delivery-limit": "5"}
        ),
        NONE,
    ),
    "a policy for every queue is refused": (lambda m: policy(m, ".*"), [(BREACH, "policy.pattern")]),
    "a policy for a queue that nobody declares is refused": (lambda m: policy(m, "^side$"), [(UNREADABLE, "policy.pattern")]),
    "a policy that federates is refused": (
        lambda m: policy(m, "^invoices$", **{"federation-upstream-set": "all"}),
        [(BREACH, "policy.definition.federation-upstream-set")],
    ),
    "a policy that drops messages into another context's queue is refused": (
        lambda m: policy(m, "^invoices$", **{"dead-letter-exchange": "", "dead-letter-routing-key": FULFILMENT_QUEUE}),
        [(BREACH, "policy.definition.dead-letter-routing-key")],
    ),
    "a shovel is refused": (lambda m: m.in_rabbitmq("Shovel", name="s", vhost="market"), [(BREACH, "")]),
    "an upstream of a federation is refused": (
        lambda m: m.in_rabbitmq("FederationUpstream", name="u", vhost="market"),
        [(BREACH, "")],
    ),
    "a broker that the landscape does not know is refused": (
        lambda m: m.resource(
            "rabbitmq:index/user:User", {"name": "billing"}, m.provider("rabbitmq", endpoint="http://127.0.0.1:15672")
        ),
        [(UNREADABLE, "provider.endpoint")],
    ),
    "an endpoint that is no URL is refused": (
        lambda m: m.resource(
            "rabbitmq:index/user:User", {"name": "billing"}, m.provider("rabbitmq", endpoint="http://[127.0.0.1:x")
        ),
        [(UNREADABLE, "provider.endpoint")],
    ),
}

CASES = {**RIGHTS, **OTHERS}


@pytest.mark.parametrize(("make", "expected"), CASES.values(), ids=CASES.keys())
def test_inside_of_rabbitmq(market: Market, make: Make, expected: Found) -> None:
    assert market.found(make(market)) == expected


def test_a_right_without_a_relation_names_who_holds_it_and_what_to_declare(market: Market) -> None:
    assert market.messages(permissions(market, "ordering", read="^invoices$")) == (
        "error[right-without-relation]: rabbitmq:Permissions `thing`: `ordering` (orders-team) may consume from `invoices`, "
        "which no relation in the landscape declares\n"
        "    declare the relation (`publishes`, `consumes`, `upstreams` or `externals` in the descriptor) "
        "and let the right follow from it"
    )
