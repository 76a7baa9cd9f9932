"""Objects of Strimzi's: ours pass, and by hand nobody gives a right that the plan does not have."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from components.kubernetes.manifest import Manifest, revealed
from components.landscape import provision
from plat.kubernetes import labels
from plat.plan.model import ApiServer, Plan
from plat.plan.shares import whole
from plat.project import Project
from policies.bench import Bench
from policies.ground import Ground
from policies.observed import UNKNOWN, Observed, Options, Properties
from tests.thorough import all_but_thoroughly
from tests.unit.policies.recorded import fresh_runtime, registered

ROOT = Path(__file__).resolve().parents[3]
PREFIX = "urn:pulumi:parcel-shipping.cluster::plat::"
PLATFORM = "parcel-shipping--platform"
SHIPPING = "parcel-shipping--shipping"
BROKER = "platform--kafka"
API = "kafka.strimzi.io/v1"
BOOKED = "parcel-shipping.shipping.ParcelBooked.v1"

Body = dict[str, Any]


@pytest.fixture(autouse=True)
def _runtime() -> Iterator[None]:
    with fresh_runtime():
        yield


def operated(landscape: str = "parcel-shipping") -> Plan:
    plan = Project(ROOT).plan(f"{landscape}.cluster")
    assert plan.cluster
    cluster = dataclasses.replace(plan.cluster, operators=("strimzi",), api_server=ApiServer(("10.0.0.1/32",), 6443))
    return dataclasses.replace(plan, cluster=cluster)


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground.of(operated())


@pytest.mark.parametrize("preview", all_but_thoroughly([False], [True, False]), ids=["the first preview", "the update"])
def test_what_a_sound_landscape_becomes_by_the_operator_passes(*, preview: bool) -> None:
    plan = operated()
    resources = registered(lambda: provision(whole(plan)) and None, plan.stack, preview=preview)
    bench = Bench(Ground.of(plan))

    assert {resource.label: found for resource in resources if (found := bench.findings(resource))} == {}
    assert list(bench.findings_at_the_end(resources)) == []
    assert {f"kubernetes:{API}:{kind}" for kind in ("Kafka", "KafkaNodePool", "KafkaTopic", "KafkaUser")} <= {
        resource.type for resource in resources
    }


def observed(kind: str, body: Body, *, name: str = "by-hand", protect: bool = False) -> Observed:
    token = f"kubernetes:{kind}" if "/" in kind else f"kubernetes:{API}:{kind}"
    return Observed(f"{PREFIX}{token}::{name}", token, name, Properties(body), None, Options(protect))


def said(ground: Ground, *resources: Observed) -> str:
    bench = Bench(ground)
    found = [finding for resource in resources for finding in bench.findings(resource)]
    found += [finding for _, finding in bench.findings_at_the_end(resources)]
    return "\n".join(finding.message for finding in found)


def judged(ground: Ground, *resources: Observed) -> str:
    """What is said of each as it comes, without what is missing in the end."""
    bench = Bench(ground)
    return "\n".join(finding.message for resource in resources for finding in bench.findings(resource))


def by_hand(name: str = "by-hand", namespace: str = PLATFORM, kafka: str | None = BROKER, **spec: Any) -> Body:  # noqa: ANN401
    said = {"strimzi.io/cluster": kafka} if kafka else {}
    return {"metadata": {"name": name, "namespace": namespace, "labels": said}, "spec": spec}


def right(kind: str, name: str | None, *operations: str, **more: str) -> Body:
    resource = {"type": kind, **({"name": name} if name is not None else {})}
    resource |= {"patternType": more.pop("pattern")} if "pattern" in more else {}
    return {"resource": resource, "operations": list(operations), **more}


def user(*entries: Body, name: str = "by-hand", namespace: str = PLATFORM, kafka: str | None = BROKER, **spec: Any) -> Body:  # noqa: ANN401
    given = {"authentication": {"type": "scram-sha-512"}, "authorization": {"type": "simple", "acls": [*entries]}}
    return by_hand(name, namespace, kafka, **{**given, **spec})


def topic(name: str, **more: Any) -> Body:  # noqa: ANN401 - any field
    return by_hand("by-hand", topicName=name, **more)


EVASIONS: Mapping[str, tuple[str, Body, str]] = {
    "a user who is nobody's": ("KafkaUser", user(), "no context that publishes or consumes bears this name"),
    "a user in a context's own namespace": (
        "KafkaUser",
        user(right("topic", BOOKED, "Read"), name="shipping", namespace=SHIPPING),
        "for an administrator of the broker alone, in parcel-shipping--platform",
    ),
    "a user of another broker": ("KafkaUser", user(kafka="other"), "no broker of this landscape"),
    "a user that a label could make ours later": ("KafkaUser", user(kafka=None), "no broker of this landscape"),
    "another context's topic": (
        "KafkaUser",
        user(right("topic", BOOKED, "Read", "Describe")),
        f"may consume from `{BOOKED}`",
    ),
    "another context's group": (
        "KafkaUser",
        user(right("group", "billing.shipping.ParcelBooked.v1", "Read")),
        "group billing.shipping.ParcelBooked.v1",
    ),
    "publishing as somebody else": ("KafkaUser", user(right("topic", BOOKED, "Write")), f"may publish to `{BOOKED}`"),
    "changing a topic": ("KafkaUser", user(right("topic", BOOKED, "Alter")), f"`{BOOKED}`"),
    "everything on a topic": ("KafkaUser", user(right("topic", BOOKED, "All")), f"`{BOOKED}`"),
    "all topics": ("KafkaUser", user(right("topic", "*", "Read")), "covers names that it does not name"),
    "all groups": ("KafkaUser", user(right("group", "*", "Read")), "covers names that it does not name"),
    "what begins alike": (
        "KafkaUser",
        user(right("topic", "parcel-shipping.", "Read", pattern="prefix")),
        "covers names that it does not name",
    ),
    "a pattern that is not known yet": (
        "KafkaUser",
        user({"resource": {"type": "topic", "name": BOOKED, "patternType": UNKNOWN}, "operations": ["Read"]}),
        "patternType",
    ),
    "a right to nobody knows what": ("KafkaUser", user(right("topic", BOOKED)), "not said what it lets do"),
    "the whole broker": ("KafkaUser", user(right("cluster", None, "Alter")), "opens the broker's administration"),
    "transactions": (
        "KafkaUser",
        user(right("transactionalId", "by-hand", "Write")),
        "opens the broker's administration",
    ),
    "rights taken away": ("KafkaUser", user(right("topic", BOOKED, "Read", type="deny")), "takes rights away"),
    "by a certificate": ("KafkaUser", user(authentication={"type": "tls"}), "does not come in as the plan's users do"),
    "by a certificate from elsewhere": (
        "KafkaUser",
        user(authentication={"type": "tls-external"}),
        "does not come in as the plan's users do",
    ),
    "without anything": ("KafkaUser", by_hand(), "does not come in as the plan's users do"),
    "with the administrator's password": (
        "KafkaUser",
        user(
            authentication={
                "type": "scram-sha-512",
                "password": {"valueFrom": {"secretKeyRef": {"name": f"{BROKER}--administrator", "key": "password"}}},
            }
        ),
        "secret of an administrator",
    ),
    "a quota": ("KafkaUser", user(quotas={"producerByteRate": 1}), "limits what a user may send"),
    "a second object for a topic": ("KafkaTopic", topic(BOOKED, partitions=9), "protect"),
    "a topic of nobody's": ("KafkaTopic", topic("side"), "`side`"),
    "a topic by its object's name": ("KafkaTopic", by_hand("side"), "`side`"),
    "a topic in a context's own namespace": (
        "KafkaTopic",
        by_hand("by-hand", SHIPPING, topicName=BOOKED),
        "for an administrator of the broker alone",
    ),
    "a second broker": ("Kafka", by_hand(kafka=None), "no descriptor declares"),
    "further nodes": ("KafkaNodePool", by_hand(), "adds nodes to a broker"),
    "a bridge": ("KafkaBridge", by_hand(), "rights of its own"),
    "connectors": ("KafkaConnect", by_hand(), "past every user's rights"),
    "a connector": ("KafkaConnector", by_hand(), "past every user's rights"),
    "a mirror": ("KafkaMirrorMaker2", by_hand(), "past every user's rights"),
    "a rebalance": ("KafkaRebalance", by_hand(), "records of every context"),
    "pods by a set of Strimzi's": ("core.strimzi.io/v1:StrimziPodSet", by_hand(), "pods that nobody can judge"),
    "a kind that nobody knows": ("access.strimzi.io/v1:KafkaAccess", by_hand(), "no observer of the policy pack knows"),
    "an old version of a kind": ("kafka.strimzi.io/v1beta2:KafkaUser", user(), "no observer of the policy pack knows"),
}


@pytest.mark.parametrize("case", EVASIONS)
def test_what_gives_more_is_refused(ground: Ground, case: str) -> None:
    kind, body, reason = EVASIONS[case]
    assert reason in said(ground, observed(kind, body))


def test_two_objects_for_one_topic_are_refused(ground: Ground) -> None:
    planned = next(item for item in ground.objects.values() if item.kind == "KafkaTopic" and item.resource == BOOKED)
    own = observed("KafkaTopic", revealed(planned.body, str), name=planned.resource, protect=True)
    other = observed("KafkaTopic", topic(BOOKED), protect=True)
    assert judged(ground, own) == ""
    assert judged(ground, own, other) != ""


def planned(ground: Ground, kind: str, name: str) -> Manifest:
    return ground.objects[f"kubernetes:{API}:{kind}", PLATFORM, name]


CHANGES: Mapping[str, tuple[str, str, Callable[[Body], object]]] = {
    "a user's right": (
        "KafkaUser",
        "billing",
        lambda body: body["spec"]["authorization"]["acls"][0]["operations"].append("Alter"),
    ),
    "a user's pattern": (
        "KafkaUser",
        "billing",
        lambda body: body["spec"]["authorization"]["acls"][0]["resource"].update(patternType="prefix"),
    ),
    "another super user": (
        "Kafka",
        BROKER,
        lambda body: body["spec"]["kafka"]["authorization"]["superUsers"].append("billing"),
    ),
    "a listener without a password": (
        "Kafka",
        BROKER,
        lambda body: body["spec"]["kafka"]["listeners"][0].pop("authentication"),
    ),
    "a listener for everybody": (
        "Kafka",
        BROKER,
        lambda body: body["spec"]["kafka"]["listeners"][0].pop("networkPolicyPeers"),
    ),
    "a listener to the world": (
        "Kafka",
        BROKER,
        lambda body: body["spec"]["kafka"]["listeners"].append(
            {"name": "out", "port": 9094, "type": "nodeport", "tls": False}
        ),
    ),
    "users of every namespace": (
        "Kafka",
        BROKER,
        lambda body: body["spec"]["entityOperator"]["userOperator"].update(watchedNamespace=SHIPPING),
    ),
    "volumes that end with their nodes": (
        "KafkaNodePool",
        "nodes",
        lambda body: body["spec"]["storage"]["volumes"][0].update(deleteClaim=True),
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_is_planned_stays_as_planned(ground: Ground, case: str) -> None:
    kind, name, change = CHANGES[case]
    body = revealed(copy.deepcopy(dict(planned(ground, kind, name).body)), lambda _hidden: "0" * 16)
    assert judged(ground, observed(kind, body, name=name, protect=True)) == ""
    change(body)
    assert "differs from it" in judged(ground, observed(kind, body, name=name, protect=True))


@pytest.mark.parametrize(("kind", "name"), [("Kafka", BROKER), ("KafkaNodePool", "nodes")])
def test_what_holds_records_is_protected(ground: Ground, kind: str, name: str) -> None:
    body = revealed(dict(planned(ground, kind, name).body), lambda _hidden: "0" * 16)
    assert "protect" in said(ground, observed(kind, body, name=name))


def pod(volume: Body | None = None, container: Body | None = None, **more: Any) -> Body:  # noqa: ANN401 - any field
    main = {"name": "main", "image": "x", **(container or {})}
    said = {labels.TEAM: "platform-team", **more.pop("labels", {})}
    spec = {"containers": [main], "volumes": [{"name": "held", **volume}] if volume else [], **more}
    return {"metadata": {"name": "by-hand", "namespace": PLATFORM, "labels": said}, "spec": spec}


WAYS: Mapping[str, tuple[Body, str]] = {
    "a node's volume": (
        pod({"persistentVolumeClaim": {"claimName": f"data-0-{BROKER}-nodes-0"}}),
        "mounts the volume of server",
    ),
    "the key of its authority": (pod({"secret": {"secretName": f"{BROKER}-clients-ca"}}), "secret of an administrator"),
    "a node's certificate": (pod({"secret": {"secretName": f"{BROKER}-nodes-0"}}), "secret of an administrator"),
    "what the operator makes of a user": (
        pod({"secret": {"secretName": f"{BROKER}-user-billing"}}),
        "secret of an administrator",
    ),
    "the operator's account": (pod(serviceAccountName=f"{BROKER}-entity-operator"), "account"),
    "the nodes' account": (pod(serviceAccountName=f"{BROKER}-kafka"), "account"),
    "the operator's label": (
        pod(labels={"strimzi.io/name": f"{BROKER}-entity-operator"}),
        "labelled as what an operator runs",
    ),
}


@pytest.mark.parametrize("case", WAYS)
def test_pods_do_not_get_what_the_operator_makes(ground: Ground, case: str) -> None:
    body, reason = WAYS[case]
    assert reason in said(ground, observed("core/v1:Pod", body))


@pytest.mark.parametrize("label", ["strimzi.io/cluster", "app.kubernetes.io/instance"])
def test_nodes_get_no_other_name(ground: Ground, label: str) -> None:
    spec = {"selector": {label: BROKER}, "ports": [{"port": 9092}]}
    body = {"metadata": {"name": "by-hand", "namespace": PLATFORM}, "spec": spec}
    assert said(ground, observed("core/v1:Service", body)) != ""


def test_a_landscape_without_kafka_has_no_use_for_any_of_it() -> None:
    plan = Project(ROOT).plan("order-processing.cluster")
    body = by_hand(namespace="order-processing--platform", topicName="side")
    assert "has no Kafka" in said(Ground.of(plan), observed("KafkaTopic", body))
