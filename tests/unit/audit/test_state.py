from __future__ import annotations

import dataclasses

import pytest

from plat.audit.state import findings
from plat.findings import Finding
from plat.plan.shares import shares
from policies.ground import Ground
from tests.unit.audit.states import State

STACK = "market.local"


@pytest.fixture
def port(market: Ground) -> int:
    return market.servers["platform--rabbitmq"].extra_ports["management"]


def found(market: Ground, *states: State, units: bool = False) -> list[Finding]:
    exported = {state.stack: state.exported for state in states}
    return list(findings(exported, market.plan, shares(market.plan) if units else None))


def rules(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(item.rule, item.subject) for item in findings]


def test_what_the_landscape_has_is_not_reported(market: Ground, port: int) -> None:
    state = State(STACK)
    broker, billing = state.rabbitmq(port), state.context("billing")
    state.queue("invoices", broker, billing)
    state.queue("invoices.dead", broker, billing)

    assert found(market, state) == []


def test_what_the_pack_would_refuse_now_is_reported_by_its_own_rules(market: Ground, port: int) -> None:
    state = State(STACK)
    broker, billing = state.rabbitmq(port), state.context("billing")
    state.queue("spied", broker, billing)
    rights = {"configure": "^$", "write": "^$", "read": ".*"}
    inputs = {"user": "billing", "vhost": "market", "permissions": rights}
    state.add("rabbitmq:index/permissions:Permissions", "billing--permissions", billing, provider=broker, inputs=inputs)
    told = found(market, state)

    assert ("unreadable-resource", "rabbitmq:Queue `spied`") in rules(told)
    assert ("way-round-the-fence", "rabbitmq:Permissions `billing--permissions`") in rules(told)
    assert all(item.message.startswith("market.local: rabbitmq:") for item in told)
    assert "hidden-password" not in "".join(item.render() for item in told)


def test_a_fence_that_is_not_there_is_reported(market: Ground, port: int) -> None:
    state = State(STACK)
    broker, ordering = state.rabbitmq(port), state.context("ordering")
    rights = {"configure": "^$", "write": r"^(?:ordering\.events)$", "read": "^$"}
    inputs = {"user": "ordering", "vhost": "market", "permissions": rights}
    state.add("rabbitmq:index/permissions:Permissions", "ordering--permissions", ordering, provider=broker, inputs=inputs)

    assert [item.message.partition("fences: ")[2] for item in found(market, state)] == [
        "no TopicPermissions limit its routing keys, and without them RabbitMQ allows all"
    ]


def test_what_a_context_that_is_gone_has_left_is_told_from_the_data_that_is_kept_of_it(market: Ground, port: int) -> None:
    state = State(STACK)
    broker, gone = state.rabbitmq(port), state.context("loyalty")
    state.queue("loyalty.ordering.OrderPlaced.v1", broker, gone)
    store = state.add("plat:index:ContextDatastore", "loyalty--redis", gone)
    state.add("platlocal:index:Server", "loyalty--redis", store, protect=True, retainOnDelete=True, inputs={"name": "loyalty"})
    told = found(market, state)

    assert [(item.rule, str(item.severity), item.subject) for item in told] == [
        ("left-over", "error", "rabbitmq:Queue `loyalty.ordering.OrderPlaced.v1`"),
        ("kept-data", "warning", "platlocal:Server `loyalty--redis`"),
    ]
    assert "`plat up market -e local`" in told[0].hint


def test_protection_makes_no_data_of_what_is_of_a_context_that_is_there(market: Ground, port: int) -> None:
    state = State(STACK)
    broker, billing = state.rabbitmq(port), state.context("billing")
    state.queue("spied", broker, billing, protect=True, retainOnDelete=True)

    assert rules(found(market, state)) == [("unreadable-resource", "rabbitmq:Queue `spied`")]


def test_a_deployable_that_is_gone_is_left_over(market: Ground) -> None:
    state = State(STACK)
    labels = {"team": "billing-team", "contexts": "billing"}
    inputs = {"name": "billing-reports", "labels": labels, "command": ["true"]}
    state.add("platlocal:index:Process", "billing-reports", state.context("billing"), inputs=inputs)

    assert rules(found(market, state)) == [("left-over", "platlocal:Process `billing-reports`")]


def test_what_an_update_was_to_delete_is_left_over(market: Ground, port: int) -> None:
    state = State(STACK)
    state.queue("invoices", state.rabbitmq(port), state.context("billing"), delete=True)

    assert rules(found(market, state)) == [("left-over", "rabbitmq:Queue `invoices`")]


def test_what_the_last_refresh_has_seen_to_differ_is_reported(market: Ground, port: int) -> None:
    state = State(STACK)
    state.queue("invoices", state.rabbitmq(port), state.context("billing"), outputs={"drift": ["it is another one"]})
    (told,) = found(market, state)

    assert (told.rule, told.message) == ("drifted", "market.local: rabbitmq:Queue `invoices`: it is another one")


def test_a_secret_that_stays_encrypted_is_unknown_and_no_error(market: Ground) -> None:
    state = State(STACK)
    inputs = {"endpoint": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}}
    state.add("pulumi:providers:rabbitmq", "broker", inputs=inputs)

    assert [item.rule for item in found(market, state)] == ["unreadable-resource"]


def test_what_two_stacks_hold_is_reported_once(market: Ground, port: int) -> None:
    states = [State("market.billing_access.local"), State("market.fulfilment_access.local")]
    for state in states:
        state.queue("invoices", state.rabbitmq(port), state.context("billing"))
    told = found(market, *states, units=True)

    twice = [item for item in told if item.rule == "held-twice"]
    (only,) = twice
    assert only.message == (
        "market.fulfilment_access.local: rabbitmq:Queue `invoices`: it is in stack `market.billing_access.local` too, as "
        "rabbitmq:Queue `invoices`, and the last one to write would win"
    )


def test_a_stack_that_no_share_has_is_left_over_with_all_that_is_in_it(market: Ground, port: int) -> None:
    state = State("market.loyalty_access.local")
    broker, gone = state.rabbitmq(port), state.context("loyalty")
    state.queue("loyalty.queue", broker, gone)
    state.add("postgresql:index/database:Database", "loyalty", gone, protect=True, retainOnDelete=True)
    told = found(market, state, State("market.old.local"), units=True)

    assert [(item.rule, str(item.severity), item.subject) for item in told] == [
        ("left-over", "error", "rabbitmq:Queue `loyalty.queue`"),
        ("kept-data", "warning", "postgresql:Database `loyalty`"),
        ("left-over", "warning", "market.old.local"),
    ]


def test_the_stack_of_a_whole_landscape_is_left_over_where_each_unit_has_its_own(market: Ground, port: int) -> None:
    state = State(STACK)
    state.queue("invoices", state.rabbitmq(port), state.context("billing"))

    assert rules(found(market, state, units=True)) == [("left-over", "rabbitmq:Queue `invoices`")]


def test_one_landscapes_findings_do_not_depend_on_the_order_of_stacks(market: Ground, port: int) -> None:
    plan = dataclasses.replace(market.plan)
    states = [State("market.billing_access.local"), State("market.fulfilment_access.local")]
    for state in states:
        state.queue("invoices", state.rabbitmq(port), state.context("billing"))
    one, other = ({item.stack: item.exported for item in order} for order in (states, states[::-1]))

    assert list(findings(one, plan, shares(plan))) == list(findings(other, plan, shares(plan)))
