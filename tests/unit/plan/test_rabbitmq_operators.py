"""A RabbitMQ that operators make has the names and the rights that the plan gives it, as on every other target."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from components.kubernetes.admission.facts import fixed, formatted
from components.kubernetes.manifest import Hidden, Manifest, revealed
from components.kubernetes.objects import objects_of
from components.kubernetes.operated import INSIDE
from plat.environment import Environment
from plat.kubernetes import labels, pods
from plat.kubernetes.flows import End, flows_of
from plat.patterns import NOTHING, any_of
from plat.plan.model import Broker, Plan, SecretRef
from plat.project import Project
from tests.thorough import values_but_thoroughly

ROOT = Path(__file__).resolve().parents[3]
LANDSCAPES = ("order-processing", "restaurant", "workforce", "e-commerce", "e-commerce-phase-1")
API = "rabbitmq.com/v1beta1"

Objects = tuple[Manifest, ...]


def operated(landscape: str, *, replicas: int = 1) -> Plan:
    plan = Project(ROOT).plan(f"{landscape}.cluster")
    assert plan.cluster
    cluster = dataclasses.replace(plan.cluster, operators=("rabbitmq",), broker_replicas=replicas)
    return dataclasses.replace(plan, cluster=cluster)


@pytest.fixture(scope="module", params=values_but_thoroughly(["order-processing"], LANDSCAPES))
def plan(request: pytest.FixtureRequest) -> Plan:
    return operated(request.param)


@pytest.fixture(scope="module")
def objects(plan: Plan) -> Objects:
    return objects_of(plan)


def broker_of(plan: Plan) -> Broker:
    assert plan.broker
    return plan.broker


def specs(objects: Objects, kind: str) -> Iterator[Any]:
    return (item.content["spec"] for item in objects if (item.api_version, item.kind) == (API, kind))


def named(objects: Objects, kind: str, name: str) -> Manifest:
    return next(item for item in objects if (item.kind, item.name) == (kind, name))


def _rendered(values: Mapping[SecretRef, str], hidden: Hidden) -> str:
    return hidden.render(values)


def test_users_hold_exactly_the_rights_of_the_plan(plan: Plan, objects: Objects) -> None:
    broker = broker_of(plan)
    administrator = plan.server(broker.server).admin_user
    given = {spec["user"]: spec["permissions"] for spec in specs(objects, "Permission") if spec["user"] != administrator}
    assert given == {
        user.name: {"configure": NOTHING, "write": any_of(user.publishes_to), "read": any_of(user.consumes_from)}
        for user in broker.users
    }
    keys = {(spec["user"], spec["permissions"]["exchange"]): spec["permissions"] for spec in specs(objects, "TopicPermission")}
    assert keys == {
        (user.name, exchange): {"exchange": exchange, "write": any_of(user.routing_keys), "read": NOTHING}
        for user in broker.users
        for exchange in user.publishes_to
    }


def test_exchanges_queues_and_bindings_are_those_of_the_plan(plan: Plan, objects: Objects) -> None:
    broker = broker_of(plan)
    assert [spec["name"] for spec in specs(objects, "Vhost")] == [broker.vhost]
    assert {(spec["name"], spec["type"]) for spec in specs(objects, "Exchange")} == {
        (exchange.name, "topic") for exchange in broker.exchanges
    }
    assert {(spec["name"], spec["type"], spec["durable"]) for spec in specs(objects, "Queue")} == {
        (name, "quorum", True) for queue in broker.queues for name in (queue.name, queue.dead_letter)
    }
    assert {(spec["source"], spec["destination"], spec["routingKey"]) for spec in specs(objects, "Binding")} == {
        (queue.exchange, queue.name, queue.routing_key) for queue in broker.queues
    }
    limits = {spec["pattern"]: spec["definition"] for spec in specs(objects, "Policy")}
    for queue in broker.queues:
        assert limits[any_of([queue.name])]["dead-letter-routing-key"] == queue.dead_letter
        assert limits[any_of([queue.dead_letter])] == {"message-ttl": queue.retention_ms}


def test_everything_inside_is_in_the_landscapes_virtual_host_of_its_own_broker(plan: Plan, objects: Objects) -> None:
    broker = broker_of(plan)
    for item in objects:
        if item.api_version == API and item.kind != "RabbitmqCluster":
            assert item.namespace == plan.server(broker.server).namespace
            assert item.content["spec"]["rabbitmqClusterReference"] == {"name": broker.server}
            if item.kind not in {"Vhost", "User"}:
                assert item.content["spec"]["vhost"] == broker.vhost


def test_what_is_inside_bears_the_labels_of_its_owner(plan: Plan, objects: Objects) -> None:
    broker = broker_of(plan)
    for exchange in broker.exchanges:
        (item,) = (item for item in objects if item.kind == "Exchange" and item.content["spec"]["name"] == exchange.name)
        assert (item.unit, item.labels[labels.TEAM]) == (exchange.owner, plan.teams[exchange.owner])


def test_nobody_works_inside_but_the_operator_and_there_is_no_job(plan: Plan, objects: Objects) -> None:
    server = plan.server(broker_of(plan).server)
    assert not [item for item in objects if item.kind == "Job" and item.resource.startswith(server.name)]
    assert not [item for item in objects if item.kind == "StatefulSet" and item.resource == server.name]
    ingress = named(objects, "NetworkPolicy", server.name).content["spec"]["ingress"]
    ours = [rule for rule in ingress if rule["from"][0]["namespaceSelector"]["matchLabels"] == here("rabbitmq-system")]
    assert ours == [
        {
            "from": [
                {
                    "namespaceSelector": {"matchLabels": here("rabbitmq-system")},
                    "podSelector": {"matchLabels": {labels.NAME: "messaging-topology-operator"}},
                }
            ],
            "ports": [{"protocol": "TCP", "port": server.extra_ports["management"]}],
        }
    ]
    # All others are the plan's ways: those of whoever has something at the broker by one rule.
    ways = [flow for flow in flows_of(plan) if flow.target == End.of_server(server)]
    assert len(ingress) == sum(not (isinstance(flow.source, End) and flow.source.is_of_a_workload) for flow in ways) + 2
    assert "egress" not in named(objects, "NetworkPolicy", server.name).content["spec"]


def here(namespace: str) -> dict[str, str]:
    return {"kubernetes.io/metadata.name": namespace}


def test_its_pods_are_as_restricted_as_all_others(plan: Plan, objects: Objects) -> None:
    server = plan.server(broker_of(plan).server)
    (spec,) = specs(objects, "RabbitmqCluster")
    template = spec["override"]["statefulSet"]["spec"]["template"]
    assert template["metadata"]["labels"] == {
        **labels.of_unit(plan, namespace_of(plan, server.namespace), server.name),
        labels.SERVER: server.name,
    }
    assert template["spec"]["automountServiceAccountToken"] is False
    assert template["spec"]["securityContext"] == pods.NOBODY
    for container in (*template["spec"]["initContainers"], *template["spec"]["containers"]):
        assert container["securityContext"] == pods.CONFINED
    # Only what bears the server's own label, which is nobody's to take, is what its Service leads to.
    assert spec["override"]["service"]["spec"]["selector"] == End.of_server(server).labels


def namespace_of(plan: Plan, name: str | None) -> Any:  # noqa: ANN401 - a namespace of the plan
    return next(namespace for namespace in plan.namespaces if namespace.name == name)


def test_passwords_are_the_generated_ones_and_stand_in_secrets_alone(plan: Plan, objects: Objects) -> None:
    for item in objects:
        refs: list[Hidden] = []
        revealed(dict(item.content), refs.append)
        # Elsewhere only a digest is seen, by which what uses them is made anew.
        assert not refs or item.kind in {"Secret", "Deployment", "Job"}, item.resource
    for user in broker_of(plan).users:
        (account,) = (item for item in objects if item.resource == f"{user.name}--user")
        hidden = named(objects, "Secret", account.content["spec"]["importCredentialsSecret"]["name"])
        assert hidden.namespace == account.namespace
        values = {user.secret: "generated"}
        texts = revealed(hidden.content["data"], partial(_rendered, values))
        assert {key: base64.b64decode(text).decode() for key, text in texts.items()} == {
            "username": user.name,
            "password": "generated",
        }


def test_a_user_and_all_its_rights_are_made_anew_with_its_password(plan: Plan, objects: Objects) -> None:
    for user in broker_of(plan).users:
        own = [item for item in objects if item.resource.startswith(f"{user.name}--") and item.api_version == API]
        assert {item.anew_with for item in own} == {(user.secret,)}
        assert {item.kind for item in own} == {"User", "Permission", *(["TopicPermission"] if user.publishes_to else [])}
        values = [{user.secret: "generated"}, {user.secret: "generated anew"}]
        shown = [revealed(item.body, partial(_rendered, known))["metadata"]["annotations"] for known in values for item in own]
        assert len({found[labels.SECRETS] for found in shown}) == len(values)
    assert not [item for item in objects if item.anew_with and item.kind not in {"User", "Permission", "TopicPermission"}]


def test_what_is_inside_stays_as_planned_whoever_asks(objects: Objects) -> None:
    for item in objects:
        if item.api_version == API and item.kind != "RabbitmqCluster":
            assert item.kind in INSIDE
            assert fixed(item) == formatted(item.content["spec"])


def test_the_administrator_is_ours_and_not_one_that_the_operator_makes_up(plan: Plan, objects: Objects) -> None:
    server = plan.server(broker_of(plan).server)
    (spec,) = specs(objects, "RabbitmqCluster")
    hidden = named(objects, "Secret", spec["secretBackend"]["externalSecret"]["name"]).content["data"]
    values = {SecretRef(server.admin_secret): "generated"}
    texts = {name: base64.b64decode(text).decode() for name, text in revealed(hidden, lambda it: it.render(values)).items()}
    assert (texts["username"], texts["password"]) == (server.admin_user, "generated")
    assert [user["name"] for user in json.loads(texts["definitions.json"])["users"]] == [server.admin_user]


@pytest.mark.parametrize("replicas", [1, 3])
def test_each_node_has_a_protected_volume_of_its_own(replicas: int) -> None:
    plan = operated("order-processing", replicas=replicas)
    objects = objects_of(plan)
    (spec,) = specs(objects, "RabbitmqCluster")
    name = broker_of(plan).server
    kept = {item.name for item in objects if item.kind == "PersistentVolumeClaim" and item.holds_data}
    assert {f"persistence-{name}-server-{node}" for node in range(replicas)} <= kept
    assert spec["replicas"] == replicas
    assert spec["rabbitmq"]["additionalConfig"].count("rabbit@") == replicas


def test_nodes_reach_each_other_where_there_are_several_and_nobody_else() -> None:
    between = [flow for flow in flows_of(operated("order-processing", replicas=3)) if flow.source == flow.target]
    assert {flow.port for flow in between} == {4369, 25672, 35672, 35673, 35674}
    assert {flow.source for flow in between} == {End("order-processing--platform", labels.SERVER, "platform--rabbitmq")}
    assert not [flow for flow in flows_of(operated("order-processing")) if flow.source == flow.target]


def test_messages_stay_when_the_stack_lets_go_of_what_holds_them(objects: Objects) -> None:
    assert {item.kind for item in objects if item.kept} == {"Vhost", "Queue"}


def test_rights_come_after_their_limits_and_bindings_after_theirs(objects: Objects) -> None:
    order = {(item.kind, item.resource): index for index, item in enumerate(objects)}
    for item in objects:
        if item.kind == "Permission" and "--administration" not in item.resource:
            before = {other.kind for other in item.after if other.api_version == API}
            user = item.content["spec"]["user"]
            limited = {other for kind, other in order if kind == "TopicPermission" and other.startswith(f"{user}--")}
            assert before == ({"User", "TopicPermission"} if limited else {"User"})
        if item.kind == "Queue":
            assert {other.kind for other in item.after if other.api_version == API} == {"Policy"}
    workloads = [item for item in objects if item.kind == "Deployment"]
    assert any(other.kind == "Permission" for item in workloads for other in item.after)


def test_names_are_such_as_the_cluster_takes_and_no_two_are_the_same(objects: Objects) -> None:
    assert [item.name for item in objects if len(item.name) > 63] == []
    assert len({(item.type_token, item.namespace, item.name) for item in objects}) == len(objects)
    assert len({(item.type_token, item.resource) for item in objects}) == len(objects)


def test_another_key_is_another_binding_since_none_can_be_changed() -> None:
    plan = operated("order-processing")
    broker = broker_of(plan)
    queues = tuple(dataclasses.replace(queue, routing_key="OrderPlaced.v2") for queue in broker.queues)
    changed = dataclasses.replace(plan, broker=dataclasses.replace(broker, queues=queues))

    def bindings(one: Plan) -> set[tuple[str, str]]:
        return {(item.resource, item.name) for item in objects_of(one) if item.kind == "Binding"}

    assert {resource for resource, _ in bindings(plan)} == {resource for resource, _ in bindings(changed)}
    assert not {name for _, name in bindings(plan)} & {name for _, name in bindings(changed)}


def test_a_cluster_without_the_operators_gets_none_of_their_objects(plan: Plan) -> None:
    plain = Project(ROOT).plan(f"{plan.landscape}.cluster")
    assert not [item for item in objects_of(plain) if item.api_version == API]


def environment(**cluster: object) -> Environment:
    targets = {"kubernetes": "kubernetes", "vm": "kubernetes"}
    return Environment.model_validate(
        {"apiVersion": "plat/v1", "kind": "Environment", "name": "trial", "targets": targets, "cluster": cluster}
    )


def test_an_environment_names_its_operators_and_an_odd_number_of_nodes() -> None:
    found = environment(operators=["rabbitmq"], **{"broker-replicas": 3}).cluster
    assert found
    assert (found.operators, found.broker_replicas) == (["rabbitmq"], 3)
    with pytest.raises(ValueError, match="half of the nodes alone could not go on"):
        environment(operators=["rabbitmq"], **{"broker-replicas": 2})
    with pytest.raises(ValueError, match="operators"):
        environment(operators=["activemq"])
