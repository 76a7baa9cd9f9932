"""A Kafka that Strimzi makes has the names and the rights that the plan gives it, as on every other target."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from components.kubernetes.manifest import Hidden, Manifest, revealed
from components.kubernetes.objects import objects_of
from plat.environment import Environment
from plat.kubernetes import labels
from plat.kubernetes.flows import End, flows_of
from plat.plan.model import ApiServer, Broker, Plan, SecretRef, Server
from plat.project import Project
from tests.thorough import values_but_thoroughly

ROOT = Path(__file__).resolve().parents[3]
LANDSCAPES = ("parcel-shipping", "parcel-shipping-year-1", "parcel-shipping-year-2")
API = "kafka.strimzi.io/v1"
ASKED = {"to": [{"ipBlock": {"cidr": "10.0.0.1/32"}}], "ports": [{"protocol": "TCP", "port": 6443}]}

Objects = tuple[Manifest, ...]


def operated(landscape: str, *, replicas: int = 1) -> Plan:
    plan = Project(ROOT).plan(f"{landscape}.cluster")
    assert plan.cluster
    api = ApiServer(("10.0.0.1/32",), 6443)
    cluster = dataclasses.replace(plan.cluster, operators=("strimzi",), broker_replicas=replicas, api_server=api)
    return dataclasses.replace(plan, cluster=cluster)


@pytest.fixture(scope="module", params=values_but_thoroughly(["parcel-shipping"], LANDSCAPES))
def plan(request: pytest.FixtureRequest) -> Plan:
    return operated(request.param)


@pytest.fixture(scope="module")
def objects(plan: Plan) -> Objects:
    return objects_of(plan)


def broker_of(plan: Plan) -> Broker:
    assert plan.broker
    return plan.broker


def server_of(plan: Plan) -> Server:
    return plan.server(broker_of(plan).server)


def of_kind(objects: Objects, kind: str) -> Iterator[Manifest]:
    return (item for item in objects if (item.api_version, item.kind) == (API, kind))


def spec(objects: Objects, kind: str) -> Any:  # noqa: ANN401 - any field of it
    (item,) = of_kind(objects, kind)
    return item.content["spec"]


def named(objects: Objects, kind: str, name: str) -> Manifest:
    return next(item for item in objects if (item.kind, item.name) == (kind, name))


def _rendered(values: Mapping[SecretRef, str], hidden: Hidden) -> str:
    return hidden.render(values)


def test_users_hold_exactly_the_rights_of_the_plan_by_literal_names(plan: Plan, objects: Objects) -> None:
    administrator = server_of(plan).admin_user
    given = {
        user.name: {
            (entry["resource"]["type"], entry["resource"]["name"], operation)
            for entry in user.content["spec"]["authorization"]["acls"]
            for operation in entry["operations"]
        }
        for user in of_kind(objects, "KafkaUser")
        if user.name != administrator
    }
    assert given == {
        user.name: {
            *(("topic", name, right) for name in user.publishes_to for right in ("Describe", "Write")),
            *(("topic", name, right) for name in user.consumes_from for right in ("Describe", "Read")),
            *(("group", name, "Read") for name in user.groups),
        }
        for user in broker_of(plan).users
    }
    entries = [
        entry
        for user in of_kind(objects, "KafkaUser")
        for entry in user.content["spec"].get("authorization", {"acls": []})["acls"]
    ]
    assert {(entry["type"], entry["resource"]["patternType"]) for entry in entries} == {("allow", "literal")}
    assert "*" not in {entry["resource"]["name"] for entry in entries}


def test_topics_are_those_of_the_plan(plan: Plan, objects: Objects) -> None:
    specs = [item.content["spec"] for item in of_kind(objects, "KafkaTopic")]
    assert {(one["topicName"], one["partitions"], one["config"]["retention.ms"]) for one in specs} == {
        (topic.name, topic.partitions, str(topic.retention_ms)) for topic in broker_of(plan).topics
    }
    for topic in broker_of(plan).topics:
        (item,) = (item for item in of_kind(objects, "KafkaTopic") if item.resource == topic.name)
        assert (item.unit, item.labels[labels.TEAM]) == (topic.owner, plan.teams[topic.owner])


def test_everything_is_of_the_one_kafka_in_the_platforms_namespace_alone(plan: Plan, objects: Objects) -> None:
    server = server_of(plan)
    for item in objects:
        if item.api_version == API:
            assert item.namespace == server.namespace
            assert item.kind == "Kafka" or item.labels["strimzi.io/cluster"] == server.name
    kafka = spec(objects, "Kafka")
    # By their names alone the cluster's policies know that Secrets are a server's.
    assert kafka["entityOperator"]["userOperator"]["secretPrefix"].startswith(f"{server.name}-")
    assert {kafka["entityOperator"][name]["watchedNamespace"] for name in ("topicOperator", "userOperator")} == {
        server.namespace
    }


def test_nobody_is_above_rights_but_the_administrator_and_nobody_comes_in_without_a_password(
    plan: Plan, objects: Objects
) -> None:
    kafka = spec(objects, "Kafka")["kafka"]
    assert kafka["authorization"] == {"type": "simple", "superUsers": [server_of(plan).admin_user]}
    assert [(one["type"], one["authentication"]) for one in kafka["listeners"]] == [("internal", {"type": "scram-sha-512"})]
    assert kafka["config"]["auto.create.topics.enable"] == "false"


def test_strimzis_own_policy_opens_the_listener_to_whom_the_plan_does(plan: Plan, objects: Objects) -> None:
    server = server_of(plan)
    (listener,) = spec(objects, "Kafka")["kafka"]["listeners"]
    ways = [flow for flow in flows_of(plan) if flow.target == End.of_server(server) and flow.port == listener["port"]]
    named = [flow.source for flow in ways if isinstance(flow.source, End) and not flow.source.is_of_a_workload]
    # None at all would be everybody.
    assert [peer["podSelector"]["matchLabels"] for peer in listener["networkPolicyPeers"]] == [
        *(end.labels for end in named),
        {labels.AT["kafka"]: server.name},
    ]
    assert all(peer["namespaceSelector"]["matchLabels"] for peer in listener["networkPolicyPeers"])


def test_the_operators_come_in_where_they_work_and_pods_of_theirs_reach_the_api(plan: Plan, objects: Objects) -> None:
    server = server_of(plan)
    nodes = named(objects, "NetworkPolicy", server.name).content["spec"]
    entering = {
        (tuple(rule["from"][0]["podSelector"]["matchLabels"].items()), tuple(port["port"] for port in rule["ports"]))
        for rule in nodes["ingress"]
    }
    assert ((("strimzi.io/kind", "cluster-operator"),), (9090, 9091, 8443)) in entering
    inside = f"{server.name}-entity-operator"
    assert ((("strimzi.io/name", inside),), (9091,)) in entering
    assert ASKED in nodes["egress"]
    own = named(objects, "NetworkPolicy", f"{server.name}--entity-operator").content["spec"]
    assert own["podSelector"] == {"matchLabels": {"strimzi.io/name": inside}}
    to_nodes, to_api = own["egress"]
    assert to_nodes["to"][0]["podSelector"]["matchLabels"] == End.of_server(server).labels
    assert (to_nodes["ports"], to_api) == ([{"protocol": "TCP", "port": 9091}], ASKED)
    assert "ingress" not in own


def test_nobody_else_works_inside_and_there_is_no_server_of_ours(plan: Plan, objects: Objects) -> None:
    server = server_of(plan)
    assert not [item for item in objects if item.kind in {"Job", "StatefulSet"} and item.resource.startswith(server.name)]


def test_its_pods_bear_the_plans_labels_and_are_restricted(plan: Plan, objects: Objects) -> None:
    kafka = spec(objects, "Kafka")
    pod = kafka["kafka"]["template"]["pod"]
    namespace = next(one for one in plan.namespaces if one.name == server_of(plan).namespace)
    assert pod["metadata"]["labels"] == {
        labels.UNIT: namespace.unit,
        labels.TEAM: namespace.team,
        labels.SERVER: server_of(plan).name,
    }
    inside = kafka["entityOperator"]["template"]
    assert labels.SERVER not in inside["pod"]["metadata"]["labels"]
    for each in (pod, inside["pod"]):
        assert each["securityContext"]["runAsNonRoot"] is True
        assert each["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    containers = (
        kafka["kafka"]["template"]["kafkaContainer"],
        inside["topicOperatorContainer"],
        inside["userOperatorContainer"],
    )
    for container in containers:
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    service = named(objects, "Service", server_of(plan).name)
    assert service.content["spec"]["selector"] == End.of_server(server_of(plan)).labels


def test_passwords_are_the_generated_ones_and_stand_in_secrets_alone(plan: Plan, objects: Objects) -> None:
    administrator = server_of(plan)
    users = {user.name: user.secret for user in broker_of(plan).users} | {administrator.admin_user: administrator.admin_secret}
    found = {item.name: item for item in of_kind(objects, "KafkaUser")}
    assert found.keys() == users.keys()
    for name, ref in users.items():
        authentication = found[name].content["spec"]["authentication"]
        assert authentication["type"] == "scram-sha-512"
        given = authentication["password"]["valueFrom"]["secretKeyRef"]
        hidden = named(objects, "Secret", given["name"])
        assert hidden.namespace == found[name].namespace
        values = {ref: "generated"}
        texts = revealed(hidden.content["data"], partial(_rendered, values))
        assert {key: base64.b64decode(text).decode() for key, text in texts.items()} == {given["key"]: "generated"}
        # Another one is another generation of the user, and tells nobody what it is.
        for other in ("generated", "anew"):
            said = revealed(found[name].content["spec"], partial(_rendered, {ref: other}))["template"]["secret"]["metadata"]
            assert other not in f"{said}"
        first, second = (revealed(found[name].content["spec"], partial(_rendered, {ref: one})) for one in ("one", "two"))
        assert first != second


@pytest.mark.parametrize(("replicas", "copies", "confirmed"), [(1, 1, 1), (3, 3, 2), (5, 3, 2)])
def test_records_are_on_as_many_nodes_as_there_are_up_to_three(replicas: int, copies: int, confirmed: int) -> None:
    objects = objects_of(operated("parcel-shipping", replicas=replicas))
    nodes, config = spec(objects, "KafkaNodePool"), spec(objects, "Kafka")["kafka"]["config"]
    assert (nodes["replicas"], nodes["roles"]) == (replicas, ["controller", "broker"])
    assert (config["default.replication.factor"], config["min.insync.replicas"]) == (copies, confirmed)
    assert (config["transaction.state.log.replication.factor"], config["transaction.state.log.min.isr"]) == (copies, confirmed)
    assert config["offsets.topic.replication.factor"] == copies
    assert {item.content["spec"]["replicas"] for item in of_kind(objects, "KafkaTopic")} == {copies}


def test_volumes_stay_whatever_becomes_of_nodes_and_what_holds_records_is_protected(objects: Objects) -> None:
    (volume,) = spec(objects, "KafkaNodePool")["storage"]["volumes"]
    assert (volume["type"], volume["deleteClaim"]) == ("persistent-claim", False)
    protected = {item.kind for item in objects if item.api_version == API and item.holds_data}
    assert protected == {"Kafka", "KafkaNodePool", "KafkaTopic"}


def test_nodes_reach_each_other_where_there_are_several_and_nobody_else() -> None:
    between = [flow for flow in flows_of(operated("parcel-shipping", replicas=3)) if flow.source == flow.target]
    assert {(flow.port, flow.source.value) for flow in between if isinstance(flow.source, End)} == {
        (9090, "platform--kafka"),
        (9091, "platform--kafka"),
    }
    assert not [flow for flow in flows_of(operated("parcel-shipping")) if flow.source == flow.target]


def test_each_is_waited_for_until_its_operator_says_that_it_is_ready(objects: Objects) -> None:
    for item in objects:
        if item.api_version == API and item.kind != "KafkaNodePool":
            assert item.annotations == {"pulumi.com/waitFor": "condition=Ready"}, item.resource
        if item.api_version == API and item.kind in {"KafkaTopic", "KafkaUser"}:
            assert "Kafka" in {other.kind for other in item.after}
    waiting = [
        item for item in objects if item.kind == "Deployment" and any(other.kind == "KafkaUser" for other in item.after)
    ]
    assert waiting


def test_names_are_such_as_the_cluster_takes_and_no_two_are_the_same(objects: Objects) -> None:
    assert [item.name for item in objects if len(item.name) > 63] == []
    assert len({(item.type_token, item.namespace, item.name) for item in objects}) == len(objects)
    assert len({(item.type_token, item.resource) for item in objects}) == len(objects)


def test_a_cluster_without_the_operator_gets_none_of_its_objects(plan: Plan) -> None:
    plain = Project(ROOT).plan(f"{plan.landscape}.cluster")
    assert not [item for item in objects_of(plain) if item.api_version == API]


def environment(**cluster: object) -> Environment:
    targets = {"kubernetes": "kubernetes", "vm": "kubernetes"}
    return Environment.model_validate(
        {"apiVersion": "plat/v1", "kind": "Environment", "name": "trial", "targets": targets, "cluster": cluster}
    )


def test_an_environment_says_where_the_operator_and_the_api_are() -> None:
    api = {"networks": ["10.0.0.1/32"]}
    found = environment(operators=["strimzi"], **{"api-server": api, "strimzi-namespace": "brokers"}).cluster
    assert found
    assert (found.operators, found.strimzi_namespace) == (["strimzi"], "brokers")
    with pytest.raises(ValueError, match="the pods of `strimzi` ask the cluster's API"):
        environment(operators=["strimzi"])


def test_who_makes_topics_and_users_goes_on_under_the_clusters_policies(plan: Plan, objects: Objects) -> None:
    server = server_of(plan)
    account = f"system:serviceaccount:{server.namespace}:{server.name}-entity-operator"
    policies = [item.content["spec"] for item in objects if item.kind == "ValidatingAdmissionPolicy"]
    assert policies
    for policy in policies:
        (by_hand,) = (each["expression"] for each in policy["matchConditions"] if each["name"] == "by-hand")
        assert f"'{account}'" in by_hand
    plain = objects_of(Project(ROOT).plan(f"{plan.landscape}.cluster"))
    assert not [item for item in plain if account in f"{item.content}"]


def test_policies_judge_objects_of_the_operator_as_all_others(objects: Objects) -> None:
    hands = next(
        item.content["spec"] for item in objects if item.kind == "ValidatingAdmissionPolicy" and item.name.endswith(".hands")
    )
    groups = {group for rule in hands["matchConstraints"]["resourceRules"] for group in rule["apiGroups"]}
    assert {"core.strimzi.io", "kafka.strimzi.io"} <= groups
