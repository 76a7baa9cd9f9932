"""What each stack holds: every part of a landscape in one share and no other, and no share with another unit's secrets."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator, Mapping

import pytest

from plat.plan.model import PAIRING, Plan, Texts, plain
from plat.plan.shares import ACCESS, Share, shares, whole
from tests.thorough import values_but_thoroughly
from tests.unit.divided import LANDSCAPES, QUICK, called, cases
from tests.unit.divided import planned as planned_of
from tests.unit.plan.conftest import Planned


@pytest.fixture(scope="module", params=values_but_thoroughly(QUICK, cases(LANDSCAPES)), ids=called)
def plan(request: pytest.FixtureRequest) -> Plan:
    return planned_of(request.param)


def parts(share: Share) -> Iterator[str]:
    """What a share makes, each by a name of its own."""
    plan = share.plan
    yield from (f"server {server.name}" for server in plan.servers if server.name not in share.elsewhere)
    yield from (f"store {store.name}" for store in plan.datastores)
    yield from (f"contract {contract.name}" for contract in plan.contracts)
    yield from (f"workload {workload.name}" for workload in plan.workloads)
    yield from (f"secret {ref}" for ref in share.generates)
    if plan.broker:
        yield from (f"queue {queue.name}" for queue in plan.broker.queues)
        yield from (f"exchange {exchange.name}" for exchange in plan.broker.exchanges)
        yield from (f"topic {topic.name}" for topic in plan.broker.topics)
        yield from (f"user {user.name}" for user in plan.broker.users)


def test_every_part_is_in_one_share_and_no_other(plan: Plan) -> None:
    divided = Counter(part for share in shares(plan).values() for part in parts(share))
    assert divided == Counter(parts(whole(plan)))


def test_a_units_own_stack_holds_no_secret_of_another_unit_and_none_of_the_platform(plan: Plan) -> None:
    for share in shares(plan).values():
        if share.name == share.unit and share.unit != "platform":
            held = {*share.generates, *share.receives}
            workloads = share.plan.workloads
            used = {ref for item in workloads for ref in (*item.secrets.values(), *item.callers.values())}
            used |= {server.admin_secret for server in share.plan.servers} | {item.secret for item in share.plan.datastores}
            used |= {contract.secret for contract in share.plan.contracts}
            assert held == used
            assert PAIRING not in held


def test_each_share_is_given_exactly_what_it_does_not_make_itself(plan: Plan) -> None:
    found = shares(plan)
    for share in found.values():
        made = {*share.generates, *share.derives}
        assert set(share.gives) <= made | set(share.receives)
        if share.giver:
            assert set(share.receives) <= set(found[share.giver].gives)
            assert share.giver in share.needs
        else:
            assert not share.receives


def test_only_accesses_are_given_what_the_platform_has(plan: Plan) -> None:
    reading = {share.name for share in shares(plan).values() if share.giver == "platform"}
    assert all(name.endswith(ACCESS) for name in reading)


def test_a_share_needs_shares_that_there_are(plan: Plan) -> None:
    found = shares(plan)
    assert {needed for share in found.values() for needed in share.needs} <= found.keys()


def test_a_secret_of_two_units_is_made_of_the_pairing_and_generated_by_nobody(plan: Plan) -> None:
    generated = {ref for share in shares(plan).values() for ref in share.generates}
    assert not generated & plan.pairs
    assert not set(whole(plan).generates) & plan.pairs


def test_a_consumers_queues_come_after_the_exchange_that_they_are_bound_to(planned: Planned) -> None:
    found = shares(planned())
    assert found["goods_access"].needs == ("platform", "sales_access")
    assert found["goods"].needs == ("goods_access",)
    assert found["goods_access"].leaning == ("goods.sales.OrderTaken.v2",)


def test_another_context_changes_no_share_but_those_that_it_deals_with(planned: Planned) -> None:
    before = shares(planned())
    shelves = """
apiVersion: plat/v1
kind: Context
name: shelves
team: goods-team
subdomain: supporting
purpose: Knows what lies where.
datastore: {type: redis}
deployables:
  - {name: shelves, image: registry.example/shelves:1, command: [python, -m, shelves]}
upstreams: [{context: sales, uses: [GetOrder]}]
"""
    after = shares(planned(shelves=shelves))
    changed = {name for name, share in before.items() if after[name].digest != share.digest}
    assert changed == {"sales", "sales_access"}, "its new caller's token is handed to it"


def test_what_is_left_out_is_neither_queue_nor_workload_of_the_share(planned: Planned) -> None:
    share = shares(planned())["goods_access"]
    assert share.plan.broker
    later = share.without(share.leaning).now
    assert later.broker
    assert (len(share.plan.broker.queues), later.broker.queues) == (1, ())
    assert later.broker.users == share.plan.broker.users


def provisioned(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [item.name for item in dataclasses.fields(value)]
        left_out = {"location", "origins", "written", "claims"}
        return {name: provisioned(getattr(value, name)) for name in names if name not in left_out}
    if isinstance(value, Mapping):
        return {key: provisioned(inner) for key, inner in value.items()}
    return [provisioned(item) for item in value] if isinstance(value, tuple) else value


def test_a_text_says_all_that_is_provisioned_and_what_shares_have_in_common_as_well(plan: Plan) -> None:
    texts = Texts()
    for share in (whole(plan), *shares(plan).values()):
        assert json.loads(texts.of(share.known)) == provisioned(share.known) == plain(share.known)
        assert share.digest_by(texts) == share.digest
