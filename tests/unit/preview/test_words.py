"""Steps of Pulumi's in the words of the domain."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plat.landscape import Landscape
from plat.plan.model import Plan
from plat.preview.model import Approval, Report, Right, Risk, Runs, Touched
from tests.unit.preview.shop import CONTEXT, ROOT, log_of, of_one_stack, of_units, step, together

QUEUE = "goods.sales.OrderTaken.v2"
PERMISSIONS = "rabbitmq:index/permissions:Permissions"
TOPICS = "rabbitmq:index/topicPermissions:TopicPermissions"
PROCESS = "platlocal:index:Process"
READS_QUEUE = {
    "user": "goods",
    "permissions": {"configure": "^$", "write": "^$", "read": r"^(?:goods\.sales\.OrderTaken\.v2)$"},
}
READS_NOTHING = {"user": "goods", "permissions": {"configure": "^$", "write": "^$", "read": "^$"}}
PUBLISHES = {"user": "sales", "permissions": [{"exchange": "sales.events", "write": r"^(?:OrderTaken\.v2)$", "read": "^$"}]}
PUBLISHES_NOTHING = {"user": "sales", "permissions": [{"exchange": "sales.events", "write": "^$", "read": "^$"}]}
BINDING = {
    "source": "sales.events",
    "destination": QUEUE,
    "destinationType": "queue",
    "routingKey": "OrderTaken.v2",
    "vhost": "shop",
}


def reasons(report: Report) -> dict[str, tuple[str, ...]]:
    return {approval.team: approval.reasons for approval in report.approvals}


def test_a_right_to_consume_concerns_both_sides(plan: Plan, landscape: Landscape) -> None:
    log = log_of(step("update", PERMISSIONS, "goods--permissions", READS_NOTHING, READS_QUEUE), owner="goods")
    report = of_one_stack(plan, landscape, log)

    assert report.appearing == (Right("goods", f"consume from {QUEUE}", "sales"),)
    assert report.disappearing == ()
    assert reasons(report) == {
        "goods-team": ("owns goods",),
        "sales-team": (f"goods may consume from {QUEUE}",),
    }


def test_a_right_that_is_taken_away_disappears(plan: Plan, landscape: Landscape) -> None:
    log = log_of(step("update", PERMISSIONS, "goods--permissions", READS_QUEUE, READS_NOTHING), owner="goods")
    report = of_one_stack(plan, landscape, log)

    assert report.disappearing == (Right("goods", f"consume from {QUEUE}", "sales"),)
    assert reasons(report)["sales-team"] == (f"goods may no longer consume from {QUEUE}",)


def test_rights_that_stay_are_not_told(plan: Plan, landscape: Landscape) -> None:
    log = log_of(step("update", PERMISSIONS, "goods--permissions", READS_QUEUE, READS_QUEUE, keys=["vhost"]), owner="goods")
    report = of_one_stack(plan, landscape, log)

    assert (report.appearing, report.disappearing) == ((), ())
    assert report.contexts == (
        Touched("goods", "goods-team", ("`goods--permissions` (rights at the broker) changes: vhost",)),
    )


def test_a_pattern_that_names_nothing_exactly_is_told_as_it_is(plan: Plan, landscape: Landscape) -> None:
    wide = {"user": "goods", "permissions": {"configure": "^$", "write": "^$", "read": "^order"}}
    log = log_of(step("create", PERMISSIONS, "goods--permissions", None, wide), owner="goods")

    assert of_one_stack(plan, landscape, log).appearing == (Right("goods", "consume from whatever matches `^order`"),)


def test_who_reads_what_may_no_longer_be_published_must_approve(plan: Plan, landscape: Landscape) -> None:
    log = log_of(step("update", TOPICS, "sales--topics", PUBLISHES, PUBLISHES_NOTHING), owner="sales")

    assert reasons(of_one_stack(plan, landscape, log)) == {
        "goods-team": ("goods reads sales.OrderTaken, which sales may no longer publish",),
        "sales-team": ("owns sales",),
    }


def test_a_binding_is_what_somebody_receives(plan: Plan, landscape: Landscape) -> None:
    log = log_of(step("create", "rabbitmq:index/binding:Binding", f"{QUEUE}--binding", None, BINDING), owner="goods")

    assert of_one_stack(plan, landscape, log).appearing == (
        Right("goods", f"receive OrderTaken.v2 of sales.events in {QUEUE}", "sales"),
    )


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        (PROCESS, lambda variables: {"environment": variables}),
        (
            "kubernetes:apps/v1:Deployment",
            lambda variables: {
                "spec": {
                    "template": {
                        "spec": {
                            "containers": [{"env": [{"name": name, "value": value} for name, value in variables.items()]}]
                        }
                    }
                }
            },
        ),
        (
            "docker:index/container:Container",
            lambda variables: {"envs": [f"{name}={value}" for name, value in variables.items()]},
        ),
    ],
)
def test_a_route_is_read_out_of_the_variables_on_every_target(
    plan: Plan,
    landscape: Landscape,
    type_: str,
    inputs: Any,  # noqa: ANN401 - a function
) -> None:
    called = {"SALES_URL": "http://goods:$(SALES_TOKEN)@127.0.0.1:23777", "PLAT_SURFACE": "{}"}
    log = log_of(step("update", type_, "goods", inputs({}), inputs(called), keys=["environment"]), owner="goods")
    report = of_one_stack(plan, landscape, log)

    assert report.appearing == (Right("goods", "call sales", "sales"),)
    assert report.deployables == (Runs("goods", "goods-team", "changed, and started anew"),)
    assert reasons(report)["sales-team"] == ("goods may call sales",)


def test_who_may_call_an_operation_is_read_out_of_the_surface(plan: Plan, landscape: Landscape) -> None:
    surface = {"GetOrder": {"callers": ["goods"], "public": False}, "TakeOrder": {"callers": [], "public": True}}
    old, new = {"environment": {"PLAT_SURFACE": "{}"}}, {"environment": {"PLAT_SURFACE": json.dumps(surface)}}
    log = log_of(step("update", PROCESS, "sales-api", old, new), owner="sales")
    report = of_one_stack(plan, landscape, log)

    assert report.appearing == (
        Right("everybody", "call TakeOrder of sales"),
        Right("goods", "call GetOrder of sales", "sales"),
    )
    assert reasons(report) == {
        "goods-team": ("goods may call GetOrder of sales",),
        "sales-team": ("owns sales", "goods may call GetOrder of sales"),
    }


def test_rights_are_read_out_of_variables_where_nothing_else_shows_them(plan: Plan, landscape: Landscape) -> None:
    workload = plan.workload("sales-api")
    variables = [{"name": name, "value": value} for name, value in workload.environment.items()]
    pods = {"spec": {"template": {"spec": {"containers": [{"env": variables}]}}}}
    log = log_of(step("create", "kubernetes:apps/v1:Deployment", "sales-api", None, pods), owner="sales")

    assert {(right.who, right.what) for right in of_one_stack(plan, landscape, log).appearing} == {
        ("everybody", "call TakeOrder of sales"),
        ("goods", "call GetOrder of sales"),
        ("sales", "publish to sales.events with OrderTaken.v2"),
        ("sales", "read from and write to sales--postgresql"),
        ("sales", "read from and write to sales--redis"),
    }


def test_what_a_variable_and_a_permission_both_say_is_one_right(plan: Plan, landscape: Landscape) -> None:
    variables = {"PLAT_CONSUMES": plan.workload("goods").environment["PLAT_CONSUMES"]}
    log = log_of(
        step("create", PROCESS, "goods", None, {"environment": variables}),
        step("create", PERMISSIONS, "goods--permissions", None, READS_QUEUE),
        owner="goods",
    )

    assert of_one_stack(plan, landscape, log).appearing == (Right("goods", f"consume from {QUEUE}", "sales"),)


def test_the_rights_of_kafka_are_read_out_of_its_rules(plan: Plan, landscape: Landscape) -> None:
    def rule(operation: str, kind: str, name: str) -> dict[str, str]:
        return {"aclPrincipal": "User:goods", "aclOperation": operation, "aclResourceType": kind, "aclResourceName": name}

    steps = [
        step("create", "kafka:index/acl:Acl", f"goods--{kind}-{operation}", None, rule(operation, kind, "a.b"))
        for operation, kind in (("Read", "Topic"), ("Describe", "Topic"), ("Write", "Topic"), ("Read", "Group"))
    ]

    assert of_one_stack(plan, landscape, log_of(*steps, owner="goods")).appearing == (
        Right("goods", "consume from a.b"),
        Right("goods", "publish to a.b"),
        Right("goods", "read group a.b"),
    )


def test_an_operators_resource_gives_the_same_rights(plan: Plan, landscape: Landscape) -> None:
    spec = {"spec": {"user": "goods", "permissions": READS_QUEUE["permissions"]}}
    log = log_of(step("create", "kubernetes:rabbitmq.com/v1beta1:Permission", "goods--p", None, spec), owner="goods")

    assert of_one_stack(plan, landscape, log).appearing == (Right("goods", f"consume from {QUEUE}", "sales"),)


@pytest.mark.parametrize("type_", ["postgresql:index/role:Role", "platlocal:index:RedisUser"])
def test_a_datastores_account_is_a_right(plan: Plan, landscape: Landscape, type_: str) -> None:
    log = log_of(step("create", type_, "sales--postgresql--role", None, {"name": "sales"}), owner="sales")

    assert of_one_stack(plan, landscape, log).appearing == (Right("sales", "read from and write to sales--postgresql"),)


@pytest.mark.parametrize(
    ("protected", "retained", "happens"),
    [
        (True, True, "it is protected: `plat up` refuses this, and deletes nothing of it"),
        (False, True, "it leaves Plat's care, and is kept as it is"),
        (False, False, "it is deleted with all that is in it"),
    ],
)
def test_data_at_risk_is_told_with_what_happens_to_it(
    plan: Plan, landscape: Landscape, *, protected: bool, retained: bool, happens: str
) -> None:
    name, old = "sales--postgresql--database", {"name": "sales"}
    gone = step("delete", "postgresql:index/database:Database", name, old, protected=protected, retained=retained)
    report = of_one_stack(plan, landscape, log_of(gone, owner="sales"))

    assert report.data == (Risk("database `sales--postgresql--database`", "sales", happens),)
    assert reasons(report)["goods-team"] == (
        "goods calls GetOrder of sales; consumes OrderTaken of sales, whose data is at risk",
    )


def test_a_replaced_server_loses_its_data(plan: Plan, landscape: Landscape) -> None:
    log = log_of(step("replace", "platlocal:index:Server", "sales--redis", {"a": 1}, {"a": 2}), owner="sales")

    (risk,) = of_one_stack(plan, landscape, log).data
    assert risk.happens == "it is deleted with all that is in it, and made anew, empty"


def test_deployables_are_started_and_stopped(plan: Plan, landscape: Landscape) -> None:
    logs = [
        log_of(step("create", PROCESS, "goods", None, {"name": "goods"}), owner="goods"),
        log_of(step("delete", PROCESS, "sales-api", {"name": "sales-api"}), owner="sales"),
    ]

    assert of_one_stack(plan, landscape, together(*logs)).deployables == (
        Runs("goods", "goods-team", "started"),
        Runs("sales-api", "sales-team", "stopped"),
    )


def test_what_stands_below_no_context_is_known_by_its_name_or_the_platforms(plan: Plan, landscape: Landscape) -> None:
    password = "random:index/randomPassword:RandomPassword"
    log = log_of(
        step("create", password, "datastore/sales--redis", chain=ROOT),
        step("update", "platlocal:index:Server", "platform--rabbitmq", {"a": 1}, {"a": 2}, chain=ROOT, keys=["a"]),
    )

    report = of_one_stack(plan, landscape, log)
    assert [(touched.name, touched.team) for touched in report.contexts] == [
        ("platform", "platform-team"),
        ("sales", "sales-team"),
    ]
    assert reasons(report)["platform-team"] == ("answers for the platform",)


def test_what_no_descriptor_speaks_of_any_more_the_platforms_team_answers_for(plan: Plan, landscape: Landscape) -> None:
    log = log_of(step("delete", PROCESS, "billing", {"name": "billing"}), owner="billing")
    report = of_one_stack(plan, landscape, log)

    assert report.approvals == (
        Approval("platform-team", None, ("answers for what is left of billing, of which no descriptor speaks any more",)),
    )


def test_the_engines_own_things_and_our_components_are_not_told(plan: Plan, landscape: Landscape) -> None:
    log = log_of(
        step("create", "pulumi:providers:rabbitmq", "platform--rabbitmq"), step("create", "plat:index:Publications", "goods")
    )
    report = of_one_stack(plan, landscape, log)

    assert (report.contexts, report.approvals) == ((), ())
    assert len(report.stacks[0].changes) == 2


def test_each_units_stacks_come_to_one_report(plan: Plan, landscape: Landscape) -> None:
    access, own = "shop.goods_access.test", "shop.goods.test"
    logs = {
        "goods_access": log_of(
            step("update", PERMISSIONS, "goods--permissions", READS_NOTHING, READS_QUEUE, stack=access), owner="goods"
        ),
        "goods": log_of(step("update", PROCESS, "goods", {"a": 1}, {"a": 2}, stack=own, chain=CONTEXT), owner="goods"),
    }
    report = of_units(plan, landscape, logs)

    assert [touched.name for touched in report.contexts] == ["goods"]
    assert [stack.stack for stack in report.stacks if stack.changes] == [own, access]
    assert {stack.state for stack in report.stacks} == {"done", "current"}
    assert report.complete
