from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from plat.audit.live.rabbitmq import Definitions, findings
from plat.findings import Finding
from plat.patterns import NOTHING, any_of
from policies.ground import Ground

BROKER = "platform--rabbitmq"
EXEC = "`plat exec -l market -e local platform--rabbitmq -- rabbitmqctl"


def sound(market: Ground) -> Definitions:
    """What a broker says that has been made as the landscape says."""
    broker = market.broker
    assert broker
    inside: dict[str, Any] = {"vhost": "market"}
    rights = [
        {
            **inside,
            "user": user.name,
            "configure": NOTHING,
            "write": any_of(user.publishes_to),
            "read": any_of(user.consumes_from),
        }
        for user in broker.users
    ]
    keys = [
        {**inside, "user": user.name, "exchange": name, "write": any_of(user.routing_keys), "read": NOTHING}
        for user in broker.users
        for name in user.publishes_to
    ]
    queues = [name for queue in broker.queues for name in (queue.name, queue.dead_letter)]
    return Definitions(
        vhosts=[{"name": "market"}],
        users=[{"name": "admin", "tags": ["administrator"]}, *({"name": user.name, "tags": []} for user in broker.users)],
        permissions=[{**inside, "user": "admin", "configure": ".*", "write": ".*", "read": ".*"}, *rights],
        topic_permissions=keys,
        exchanges=[
            {**inside, "name": "", "type": "direct", "arguments": {}},
            {**inside, "name": "amq.topic", "type": "topic", "arguments": {}},
            *({**inside, "name": item.name, "type": "topic", "arguments": {}} for item in broker.exchanges),
        ],
        queues=[{**inside, "name": name, "arguments": {"x-queue-type": "quorum"}} for name in queues],
        bindings=[
            binding("", queue, queue) if source == "" else binding(source, queue, key)
            for queue, source, key in (
                *((name, "", "") for name in queues),
                *((queue.name, queue.exchange, queue.routing_key) for queue in broker.queues),
            )
        ],
    )


def binding(source: str, destination: str, key: str, kind: str = "queue") -> dict[str, Any]:
    return {
        "vhost": "market",
        "source": source,
        "destination": destination,
        "destination_type": kind,
        "routing_key": key,
        "properties_key": key.replace("#", "%23") or "~",
    }


def found(market: Ground, **more: dict[str, Any]) -> list[Finding]:
    definitions = sound(market)
    wider = {name: [*getattr(definitions, name), item] for name, item in more.items()}
    return list(findings(dataclasses.replace(definitions, **wider), market.servers[BROKER], market))


def test_what_plat_makes_is_not_reported(market: Ground) -> None:
    assert found(market) == []


@pytest.mark.parametrize(
    ("part", "item", "rules", "step"),
    [
        ("vhosts", {"name": "side"}, {"right-beyond-plan"}, f"{EXEC} delete_vhost side`"),
        ("users", {"name": "mallory", "tags": []}, {"right-beyond-plan"}, f"{EXEC} delete_user mallory`"),
        ("users", {"name": "mallory", "tags": "monitoring"}, {"way-round-the-fence"}, f"{EXEC} delete_user mallory`"),
        ("users", {"name": "billing", "tags": ["management"]}, {"way-round-the-fence"}, f"{EXEC} set_user_tags billing`"),
        (
            "permissions",
            {"vhost": "market", "user": "mallory", "configure": "", "write": "", "read": "^invoices$"},
            {"right-without-relation"},
            f"{EXEC} clear_permissions -p market mallory`",
        ),
        (
            "permissions",
            {"vhost": "market", "user": "billing", "configure": "", "write": "", "read": "inv"},
            {"way-round-the-fence"},
            "`plat up market -e local --refresh` sets them as declared",
        ),
        (
            "topic_permissions",
            {"vhost": "market", "user": "ordering", "exchange": "ordering.events", "write": ".*", "read": ""},
            {"way-round-the-fence"},
            "`plat up market -e local --refresh` sets them as declared",
        ),
        (
            "exchanges",
            {"vhost": "market", "name": "loose", "type": "fanout"},
            {"right-without-relation"},
            "as `admin`: DELETE http://127.0.0.1:{port}/api/exchanges/market/loose",
        ),
        ("queues", {"vhost": "market", "name": "spy"}, {"right-beyond-plan"}, f"{EXEC} delete_queue spy -p market`"),
        (
            "bindings",
            binding("ordering.events", "spy", "#"),
            {"right-beyond-plan"},
            "as `admin`: DELETE http://127.0.0.1:{port}/api/bindings/market/e/ordering.events/q/spy/%23",
        ),
        (
            "bindings",
            binding("ordering.events", "invoices", "OrderCancelled.v2"),
            {"right-without-relation"},
            "as `admin`: DELETE http://127.0.0.1:{port}/api/bindings/market/e/ordering.events/q/invoices/OrderCancelled.v2",
        ),
        (
            "policies",
            {"vhost": "market", "name": "copy", "pattern": "^invoices$", "definition": {"dead-letter-exchange": "loose"}},
            {"way-round-the-fence"},
            f"{EXEC} clear_policy -p market copy`",
        ),
        (
            "operator_policies",
            {"vhost": "market", "name": "all", "pattern": ".*", "definition": {"max-length": 1}},
            {"way-round-the-fence"},
            f"{EXEC} clear_operator_policy -p market all`",
        ),
        (
            "parameters",
            {"vhost": "market", "component": "shovel", "name": "out", "value": {"src-uri": "amqp://u:hidden@h"}},
            {"way-round-the-fence"},
            f"{EXEC} clear_parameter -p market shovel out`",
        ),
    ],
)
def test_what_was_made_by_hand_is_found_with_what_takes_it_away(
    market: Ground, part: str, item: dict[str, Any], rules: set[str], step: str
) -> None:
    told = found(market, **{part: item})

    assert {finding.rule for finding in told} == rules
    assert {finding.hint for finding in told} == {step.format(port=market.servers[BROKER].extra_ports["management"])}
    assert "hidden" not in "".join(finding.render() for finding in told)


def test_a_finding_says_who_may_do_what_where(market: Ground) -> None:
    item = {"vhost": "market", "user": "billing", "configure": "", "write": r"^ordering\.events$", "read": ""}
    (told,) = found(market, permissions=item)

    assert told.message.startswith("permissions of `billing` in virtual host `market` of platform--rabbitmq: `billing`")
    assert "may publish to `ordering.events`" in told.message


def test_what_is_missing_is_found(market: Ground) -> None:
    told = findings(Definitions(vhosts=[{"name": "market"}]), market.servers[BROKER], market)
    missing = {finding.subject for finding in told if finding.rule == "right-missing"}

    assert missing >= {
        "user `billing`",
        "exchange `ordering.events`",
        "queue `invoices.dead`",
        "the binding of queue `invoices` to exchange `ordering.events` by key `OrderPlaced.v1`",
        "the right of `billing` to consume from `invoices`",
        "the right of `ordering` to publish to `ordering.events` with routing key `OrderPlaced.v1`",
        "what limits the routing keys of `ordering` on exchange `ordering.events`",
    }
