"""What changes the number of a workload's replicas on a cluster: its processors' load, or what waits for it at the broker."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from components.kubernetes.manifest import Manifest
from components.kubernetes.objects import objects_of
from plat.environment import Environment
from plat.kubernetes.depth import waiting_for
from plat.kubernetes.flows import End, Flow, flows_of
from plat.plan.model import Plan, Scaling
from tests.unit.plan.test_cluster import planned

CLUSTER = {
    "apiVersion": "plat/v1",
    "kind": "Environment",
    "name": "cluster",
    "targets": {"kubernetes": "kubernetes", "vm": "kubernetes"},
}


def with_keda(plan: Plan) -> Plan:
    assert plan.cluster is not None
    return dataclasses.replace(plan, cluster=dataclasses.replace(plan.cluster, operators=("keda",)))


def scaled(plan: Plan, name: str, scaling: Scaling) -> Plan:
    workloads = (dataclasses.replace(item, scaling=scaling) if item.name == name else item for item in plan.workloads)
    return dataclasses.replace(plan, workloads=tuple(workloads))


@pytest.fixture(scope="module")
def orders() -> Plan:
    return planned("order-processing")


def made(plan: Plan, kind: str) -> dict[str, Manifest]:
    return {item.name: item for item in objects_of(plan) if item.kind == kind}


def triggers(plan: Plan, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = made(plan, "ScaledObject")[name].content["spec"]["triggers"]
    return found


def test_without_keda_everything_follows_its_processors(orders: Plan) -> None:
    assert set(made(orders, "HorizontalPodAutoscaler")) == {"notification", "order-processing", "user-management"}
    assert made(orders, "ScaledObject") == {}
    assert not [flow for flow in flows_of(orders) if flow.source == End("keda", "app", "keda-operator")]


def test_with_keda_a_consumer_follows_its_queues_and_nothing_else_its_processors(orders: Plan) -> None:
    plan = with_keda(orders)
    assert set(made(plan, "HorizontalPodAutoscaler")) == {"order-processing", "user-management"}
    (found,) = made(plan, "ScaledObject").values()
    assert found.content["spec"]["scaleTargetRef"]["name"] == "notification"
    assert (found.content["spec"]["minReplicaCount"], found.content["spec"]["maxReplicaCount"]) == (1, 5)
    assert "replicas" not in made(plan, "Deployment")["notification"].content["spec"]
    (trigger,) = triggers(plan, "notification")
    assert trigger["metadata"]["queueName"] == "order_queue"
    assert trigger["metadata"]["host"].endswith(".svc.cluster.local:5672/order-processing")


def test_keda_gets_the_consumers_password_in_a_secret_with_nothing_else(orders: Plan) -> None:
    plan = with_keda(orders)
    (access,) = made(plan, "TriggerAuthentication").values()
    (trigger,) = triggers(plan, "notification")
    assert trigger["authenticationRef"] == {"name": access.name}
    assert "kind" not in trigger["authenticationRef"]
    hidden = made(plan, "Secret")[access.name]
    assert hidden.namespace == access.namespace == "order-processing--notification"
    assert {key: getattr(value, "refs", None) for key, value in hidden.content["data"].items()} == {
        "username": None,
        "password": ("broker/notification",),
    }


def test_no_password_stands_in_what_the_team_may_read(orders: Plan) -> None:
    plan = with_keda(orders)
    role = next(item for item in objects_of(plan) if item.kind == "Role" and item.unit == "notification")
    names = [name for rule in role.content["rules"] for name in rule.get("resourceNames", ())]
    assert names == ["notification--env"]
    assert {"apiGroups": ["keda.sh"], "resources": ["scaledobjects"], "verbs": ["get", "list", "watch"]} in role.content[
        "rules"
    ]


def test_the_broker_opens_itself_to_kedas_pods_and_nothing_else_does(orders: Plan) -> None:
    plan = with_keda(orders)
    assert plan.broker is not None
    server = plan.server(plan.broker.server)
    ways = set(flows_of(plan)) - set(flows_of(orders))
    assert ways == {Flow(End("keda", "app", "keda-operator"), End.of_server(server), server.port)}


@pytest.mark.parametrize(
    "scaling",
    [Scaling("fixed", 2, 2), Scaling("scheduled", 1, 3), Scaling("bursty", 1, 3), Scaling("queue-driven", 3, 3)],
)
def test_nothing_but_a_queue_driven_profile_with_room_follows_a_queue(orders: Plan, scaling: Scaling) -> None:
    plan = scaled(with_keda(orders), "notification", scaling)
    assert not waiting_for(plan, plan.workload("notification"))
    assert made(plan, "TriggerAuthentication") == {}


def test_who_consumes_nothing_follows_its_processors(orders: Plan) -> None:
    plan = scaled(with_keda(orders), "user-management", Scaling("queue-driven", 1, 3))
    assert "user-management" in made(plan, "HorizontalPodAutoscaler")


def test_of_kafka_it_follows_what_its_groups_have_not_read() -> None:
    plain = with_keda(planned("parcels", "tests/landscapes"))
    assert plain.broker is not None
    consumers = {item.consumer for item in plain.broker.subscriptions}
    workload = next(item for item in plain.workloads if set(item.contexts) & consumers)
    plan = scaled(plain, workload.name, Scaling("queue-driven", 1, 4))
    wanted = {(item.group, item.topic) for item in plain.broker.subscriptions if item.consumer in workload.contexts}
    found = triggers(plan, workload.name)
    assert {(item["metadata"]["consumerGroup"], item["metadata"]["topic"]) for item in found} == wanted
    assert {item["metadata"]["sasl"] for item in found} == {"scram_sha512"}


def test_an_environment_says_which_operators_its_cluster_has_and_where_keda_is() -> None:
    cluster = {"operators": ["keda"], "keda-namespace": "scalers"}
    found = Environment.model_validate({**CLUSTER, "cluster": cluster}).cluster
    assert found is not None
    assert (found.operators, found.keda_namespace) == (["keda"], "scalers")


def test_an_operator_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="operators"):
        Environment.model_validate({**CLUSTER, "cluster": {"operators": ["vertical"]}})
