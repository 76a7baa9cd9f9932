"""Each rule has a case that it allows and one that it refuses, and says all that a reader needs."""

from __future__ import annotations

from datetime import date

import pytest

from plat.claims import (
    AccessClaim,
    BreachClaim,
    Claim,
    ContractClaim,
    DatastoreClaim,
    GrantClaim,
    OpaqueClaim,
    Origin,
    ProtectionClaim,
    RouteClaim,
    SeparationClaim,
    TopicClaim,
    WorkloadClaim,
)
from plat.findings import Location, Severity
from plat.rules import RULES, Facts, judge
from plat.rules.model import Grant

END = date(2027, 6, 30)
HERE = Origin("here", Location("shop/here.yaml", 3, 5))
THERE = Origin("there", Location("shop/there.yaml", 7, 1))

FACTS = Facts(
    teams={"orders": "orders-team", "billing": "billing-team", "invoices": "billing-team"},
    owners={"orders--postgresql": ("orders",)},
    grants=frozenset(
        {Grant("orders", "publish", "orders.events", "Placed.v1"), Grant("billing", "consume", "billing.orders.Placed.v1")}
    ),
    routes=frozenset({("billing", "orders")}),
    contracts={"order-totals": ContractClaim("order-totals", "billing", "orders--postgresql", ("totals",), END, HERE)},
)

ALLOWED: dict[str, Claim] = {
    "a context claims a datastore of its own": DatastoreClaim("billing", "billing--redis", HERE),
    "a context claims its own datastore again": DatastoreClaim("orders", "orders--postgresql", HERE),
    "a context writes to its own datastore": AccessClaim("orders", "orders--postgresql", "write", HERE),
    "a context reads by a contract in force": AccessClaim("billing", "orders--postgresql", "read", HERE, "order-totals"),
    "a context reads a view that its contract shows": AccessClaim(
        "billing", "orders--postgresql", "read", HERE, "order-totals", ("totals",)
    ),
    "a team runs its own context": WorkloadClaim("billing-api", "billing-team", ("billing",), HERE),
    "a team runs two contexts of its own in one deployable": WorkloadClaim(
        "bills", "billing-team", ("billing", "invoices"), HERE
    ),
    "a deployable carries no context": WorkloadClaim("storefront", "web-team", (), HERE),
    "a publisher publishes what it declares": GrantClaim("orders", "publish", "orders.events", HERE, ("Placed.v1",)),
    "a consumer reads its queue": GrantClaim("billing", "consume", "billing.orders.Placed.v1", HERE),
    "an exchange belongs to a context": TopicClaim("orders", "orders.events", HERE),
    "a caller calls what it declares": RouteClaim("billing", "orders", HERE),
    "a context calls itself": RouteClaim("orders", "orders", HERE),
    "what holds data is protected": ProtectionClaim("server `orders--postgresql`", "orders", True, HERE),  # noqa: FBT003
}

REFUSED: dict[str, tuple[Claim, str, str]] = {
    "a second owner of a datastore": (
        DatastoreClaim("billing", "orders--postgresql", HERE),
        "datastore-ownership",
        (
            "datastore `orders--postgresql` is claimed by `billing` (billing-team) and `orders` (orders-team): a datastore "
            "has one owner. Contexts that share one are coupled through its tables: a change by one breaks the others, and "
            "a failure takes all down"
        ),
    ),
    "a reading without a contract": (
        AccessClaim("invoices", "orders--postgresql", "read", HERE),
        "datastore-ownership",
        (
            "`invoices` (billing-team) reads from datastore `orders--postgresql`, which belongs to `orders` (orders-team), "
            "and there is no contract"
        ),
    ),
    "a contract that is another consumer's": (
        AccessClaim("invoices", "orders--postgresql", "read", HERE, "order-totals"),
        "datastore-ownership",
        (
            "`invoices` (billing-team) reads from datastore `orders--postgresql`, which belongs to `orders` (orders-team), "
            "and contract `order-totals` is not in force for this"
        ),
    ),
    "a contract for reading, used to write": (
        AccessClaim("billing", "orders--postgresql", "write", HERE, "order-totals", ("orders",)),
        "datastore-ownership",
        (
            "`billing` (billing-team) writes to datastore `orders--postgresql` (tables orders), which belongs to `orders` "
            "(orders-team), and contract `order-totals` lets it read and nothing else"
        ),
    ),
    "a contract for one view, used to read a table": (
        AccessClaim("billing", "orders--postgresql", "read", HERE, "order-totals", ("orders", "totals")),
        "datastore-ownership",
        (
            "`billing` (billing-team) reads from datastore `orders--postgresql` (tables orders, totals), which belongs to "
            "`orders` (orders-team), and contract `order-totals` does not show orders"
        ),
    ),
    "an owner inside of another's datastore": (
        AccessClaim("PUBLIC", "orders--postgresql", "own", HERE),
        "datastore-ownership",
        (
            "`PUBLIC` (no context of this landscape) takes ownership in datastore `orders--postgresql`, which belongs to "
            "`orders` (orders-team), and there is no contract"
        ),
    ),
    "a datastore of nobody": (
        AccessClaim("billing", "legacy--mysql", "read", HERE),
        "datastore-ownership",
        (
            "`billing` (billing-team) reads from datastore `legacy--mysql`, which belongs to no context of this landscape, "
            "and there is no contract"
        ),
    ),
    "a deployable with another team's context": (
        WorkloadClaim("orders-api", "orders-team", ("orders", "billing"), HERE),
        "deployable-ownership",
        (
            "deployable `orders-api` of team `orders-team` carries `orders` (orders-team), `billing` (billing-team): it "
            "crosses the ownership of teams. If two teams own pieces of one deployable, its boundary is lying: neither can "
            "release, change or answer for it alone"
        ),
    ),
    "a deployable with a context that is none": (
        WorkloadClaim("orders-api", "orders-team", ("sales",), HERE),
        "deployable-ownership",
        "deployable `orders-api` carries `sales`, which is no context of this landscape: nobody owns what it does",
    ),
    "a routing key that is not declared": (
        GrantClaim("orders", "publish", "orders.events", HERE, ("Placed.v1", "Lost.v1")),
        "right-without-relation",
        (
            "`orders` (orders-team) may publish to `orders.events` with routing key `Lost.v1`, which no relation in the "
            "landscape declares"
        ),
    ),
    "a queue of another consumer": (
        GrantClaim("orders", "consume", "billing.orders.Placed.v1", HERE),
        "right-without-relation",
        "`orders` (orders-team) may consume from `billing.orders.Placed.v1`, which no relation in the landscape declares",
    ),
    "configuring anything": (
        GrantClaim("billing", "configure", "billing.orders.Placed.v1", HERE),
        "right-without-relation",
        "`billing` (billing-team) may configure `billing.orders.Placed.v1`, which no relation in the landscape declares",
    ),
    "an exchange of nobody": (
        TopicClaim("", "side.events", HERE),
        "right-without-relation",
        "topic `side.events` belongs to no context of this landscape",
    ),
    "a call against the declared direction": (
        RouteClaim("orders", "billing", HERE),
        "right-without-relation",
        "`orders` (orders-team) reaches `billing` (billing-team), which no relation in the landscape declares",
    ),
    "a way round": (
        BreachClaim("`tags`", "a tag gives administration", "leave it empty", HERE),
        "way-round-the-fence",
        "`tags` opens a way round the fences: a tag gives administration",
    ),
    "data without protection": (
        ProtectionClaim("server `orders--postgresql`", "orders", False, HERE),  # noqa: FBT003
        "datastore-unprotected",
        (
            "server `orders--postgresql` holds data of `orders` (orders-team) and is not protected: an ordinary update "
            "could delete it"
        ),
    ),
    "something that nobody can read": (
        OpaqueClaim("`owner`", "it is not known before the update", "write a literal", HERE),
        "unreadable-resource",
        "`owner` cannot be judged: it is not known before the update",
    ),
}


@pytest.mark.parametrize("claim", ALLOWED.values(), ids=ALLOWED.keys())
def test_allowed(claim: Claim) -> None:
    assert judge([claim], FACTS) == ()


@pytest.mark.parametrize(("claim", "rule", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(claim: Claim, rule: str, message: str) -> None:
    found = [(finding.rule, finding.message, finding.severity, finding.location) for finding in judge([claim], FACTS)]
    assert found == [(rule, message, Severity.ERROR, HERE.location)]


def test_every_refusal_says_what_to_do() -> None:
    assert [claim for claim, _, _ in REFUSED.values() if not all(finding.hint for finding in judge([claim], FACTS))] == []


def test_two_owners_are_found_without_facts_and_the_first_place_is_shown_too() -> None:
    claims = [DatastoreClaim("orders", "shared--mysql", HERE), DatastoreClaim("billing", "shared--mysql", THERE)]
    (finding,) = judge(claims, FACTS)
    assert {finding.location, *finding.related} == {HERE.location, THERE.location}


def test_two_teams_on_one_deployable_are_both_told() -> None:
    claims = [
        WorkloadClaim("bills", "billing-team", ("billing",), HERE),
        WorkloadClaim("bills", "orders-team", ("orders",), THERE),
    ]
    assert [finding.message for finding in judge(claims, FACTS)] == [
        "deployable `bills` is claimed by several teams (billing-team, orders-team): it belongs to one",
        "deployable `bills` is claimed by several teams (billing-team, orders-team): it belongs to one",
    ]


def test_findings_do_not_depend_on_the_order_of_claims() -> None:
    claims = [claim for claim, _, _ in REFUSED.values()]
    assert judge(claims, FACTS) == judge(reversed(claims), FACTS)


def test_the_facts_of_a_landscape_follow_from_what_it_intends() -> None:
    intended = [*ALLOWED.values()]
    facts = Facts.of(FACTS.teams, intended)
    assert facts.owners == {"billing--redis": ("billing",), "orders--postgresql": ("orders",)}
    assert facts.grants == FACTS.grants
    assert ("billing", "orders") in facts.routes
    assert facts.workloads["bills"] == ("billing", "invoices")


def test_every_rule_explains_itself() -> None:
    assert [rule.id for rule in RULES if not (rule.title and rule.why and rule.fix and rule.source)] == []


def test_rules_have_names_of_their_own() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


APART = Facts.of(
    FACTS.teams,
    [
        DatastoreClaim("orders", "orders--postgresql", THERE),
        TopicClaim("orders", "orders.events", THERE),
        WorkloadClaim("bills", "billing-team", ("billing", "invoices"), THERE),
        SeparationClaim("invoices", "orders", "each keeps its own prices", THERE),
    ],
)


@pytest.mark.parametrize(
    "claim",
    [
        RouteClaim("invoices", "orders", HERE),
        RouteClaim("orders", "invoices", HERE),
        RouteClaim("bills", "orders", HERE),
        AccessClaim("invoices", "orders--postgresql", "read", HERE),
        GrantClaim("invoices", "consume", "orders.events", HERE, ("Placed.v1",)),
        GrantClaim("invoices", "publish", "orders.events", HERE),
    ],
    ids=repr,
)
def test_what_separate_ways_forbid_is_refused_with_that_reason(claim: Claim) -> None:
    (finding,) = judge([claim], APART)
    assert finding.message.endswith(" go separate ways (each keeps its own prices)")
    assert {"`invoices`", "`orders`"} <= set(finding.message.rpartition("; ")[2].split())


@pytest.mark.parametrize(
    "claim", [RouteClaim("billing", "orders", HERE), AccessClaim("billing", "orders--postgresql", "own", HERE)]
)
def test_separate_ways_are_no_reason_for_others(claim: Claim) -> None:
    (finding,) = judge([claim], APART)
    assert "separate ways" not in finding.message


def test_a_contract_is_in_force_up_to_its_last_day() -> None:
    teams = {"orders": "orders-team", "billing": "billing-team"}
    agreed = ContractClaim("order-totals", "billing", "orders--postgresql", ("totals",), END, HERE)

    assert set(Facts.of(teams, [agreed], END).contracts) == {"order-totals"}
    assert set(Facts.of(teams, [agreed], date(2027, 7, 1)).contracts) == set()
