"""Objects of RabbitMQ's operators: ours pass, and by hand nobody gives a right that the plan does not have."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from components.kubernetes.manifest import revealed
from components.landscape import provision
from plat.kubernetes import labels
from plat.patterns import any_of
from plat.plan.model import Plan
from plat.plan.shares import whole
from plat.project import Project
from policies.bench import Bench
from policies.ground import Ground
from policies.observed import Observed, Options, Properties
from tests.thorough import all_but_thoroughly
from tests.unit.policies.recorded import fresh_runtime, registered

ROOT = Path(__file__).resolve().parents[3]
LANDSCAPES = ("order-processing", "restaurant", "workforce", "e-commerce")
PREFIX = "urn:pulumi:order-processing.cluster::plat::"
PLATFORM = "order-processing--platform"
BROKER = "platform--rabbitmq"
API = "rabbitmq.com/v1beta1"

Body = dict[str, Any]


@pytest.fixture(autouse=True)
def _runtime() -> Iterator[None]:
    with fresh_runtime():
        yield


def operated(landscape: str) -> Plan:
    plan = Project(ROOT).plan(f"{landscape}.cluster")
    assert plan.cluster
    return dataclasses.replace(plan, cluster=dataclasses.replace(plan.cluster, operators=("rabbitmq",)))


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground.of(operated("order-processing"))


@pytest.mark.parametrize("preview", all_but_thoroughly([False], [True, False]), ids=["the first preview", "the update"])
@pytest.mark.parametrize("landscape", all_but_thoroughly(["order-processing"], LANDSCAPES))
def test_what_a_sound_landscape_becomes_by_operators_passes(landscape: str, *, preview: bool) -> None:
    plan = operated(landscape)
    resources = registered(lambda: provision(whole(plan)) and None, plan.stack, preview=preview)
    bench = Bench(Ground.of(plan))

    assert {resource.label: found for resource in resources if (found := bench.findings(resource))} == {}
    assert list(bench.findings_at_the_end(resources)) == []
    assert f"kubernetes:{API}:Permission" in {resource.type for resource in resources}


def observed(kind: str, body: Body, *, name: str = "by-hand", protect: bool = False) -> Observed:
    token = f"kubernetes:{kind}" if "/" in kind else f"kubernetes:{API}:{kind}"
    return Observed(f"{PREFIX}{token}::{name}", token, name, Properties(body), None, Options(protect))


def said(ground: Ground, *resources: Observed) -> str:
    bench = Bench(ground)
    found = [finding for resource in resources for finding in bench.findings(resource)]
    found += [finding for _, finding in bench.findings_at_the_end(resources)]
    return "\n".join(finding.message for finding in found)


def by_hand(reference: object = None, *, namespace: str = PLATFORM, **spec: Any) -> Body:  # noqa: ANN401 - any field
    metadata = {"name": "by-hand", "namespace": namespace, "labels": {labels.PART_OF: "order-processing"}}
    return {"metadata": metadata, "spec": {"rabbitmqClusterReference": reference or {"name": BROKER}, **spec}}


def inside(**spec: Any) -> Body:  # noqa: ANN401 - any field
    return by_hand(vhost="order-processing", **spec)


def rights(user: str, **permissions: str) -> Body:
    return inside(user=user, permissions=permissions)


QUEUE, EVENTS = any_of(["order_queue"]), any_of(["order-processing.events"])

HARMLESS: Mapping[str, tuple[str, Body]] = {
    "a right that the plan has": ("Permission", rights("notification", read=QUEUE)),
    "no right at all": ("Permission", rights("user-management")),
    "a limit on a queue of the plan": (
        "Policy",
        inside(name="by-hand", pattern=QUEUE, applyTo="queues", definition={"max-length": 1000}),
    ),
    "a binding that the plan has": (
        "Binding",
        inside(
            source="order-processing.events", destination="order_queue", destinationType="queue", routingKey="OrderPlaced.v1"
        ),
    ),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_gives_nobody_more_may_be_made_by_hand(ground: Ground, case: str) -> None:
    assert list(Bench(ground).findings(observed(*HARMLESS[case]))) == []


EVASIONS: Mapping[str, tuple[str, Body, str]] = {
    "reading another context's queue": ("Permission", rights("user-management", read=QUEUE), "order_queue"),
    "reading it by reference to a user": (
        "Permission",
        inside(userReference={"name": "order-processing"}, permissions={"read": QUEUE}),
        "order_queue",
    ),
    "reading it by a reference beside a harmless name": (
        "Permission",
        inside(user="notification", userReference={"name": "order-processing"}, permissions={"read": QUEUE}),
        "`order-processing`",
    ),
    "publishing as somebody else": ("Permission", rights("notification", write=EVENTS), "order-processing.events"),
    "declaring": ("Permission", rights("notification", configure=QUEUE), "configure"),
    "everything": ("Permission", rights("notification", read=".*"), "matches names that it does not name"),
    "what begins alike": ("Permission", rights("notification", read="^order_queue"), "matches names that it does not name"),
    "a stranger's rights": ("Permission", rights("stranger", read=QUEUE), "stranger"),
    "nobody's rights": ("Permission", inside(permissions={"read": QUEUE}), "not said whose rights"),
    "every routing key": (
        "TopicPermission",
        inside(user="order-processing", permissions={"exchange": "order-processing.events", "write": ".*"}),
        "matches routing keys",
    ),
    "another routing key": (
        "TopicPermission",
        inside(user="order-processing", permissions={"exchange": "order-processing.events", "write": any_of(["Paid.v1"])}),
        "order-processing.events",
    ),
    "publishing without a limit on keys": (
        "Permission",
        rights("order-processing", write=EVENTS),
        "no TopicPermissions limit",
    ),
    "rights in another virtual host": (
        "Permission",
        by_hand(vhost="other", user="notification", permissions={"read": QUEUE}),
        "virtual host",
    ),
    "rights in the virtual host of nobody's choice": (
        "Permission",
        by_hand(user="notification", permissions={"read": QUEUE}),
        "virtual host",
    ),
    "the landscape's own virtual host, which could be deleted": ("Vhost", by_hand(name="order-processing"), "protect"),
    "a virtual host that nobody declares": ("Vhost", by_hand(name="other"), "virtual host"),
    "a user with the broker's administration": ("User", by_hand(tags=["administrator"]), "broker's administration"),
    "a user that takes a context's name": (
        "User",
        by_hand(importCredentialsSecret={"name": "notification-with-another-password"}),
        "whose name it takes",
    ),
    "a user that nobody declares": ("User", by_hand(), "whose name it takes"),
    "an exchange that nobody declares": ("Exchange", inside(name="side.events", type="topic"), "side.events"),
    "an exchange that heeds no keys": (
        "Exchange",
        inside(name="order-processing.events", type="fanout"),
        "only a topic exchange heeds",
    ),
    "an exchange that hands on": (
        "Exchange",
        inside(name="order-processing.events", type="topic", arguments={"alternate-exchange": "side"}),
        "hand messages on",
    ),
    "a queue that nobody declares": ("Queue", inside(name="side_queue"), "who consumes"),
    "a queue that drops into another": (
        "Queue",
        inside(name="order_queue", arguments={"x-dead-letter-routing-key": "side_queue"}),
        "to another queue",
    ),
    "another event into a queue": (
        "Binding",
        inside(source="order-processing.events", destination="order_queue", destinationType="queue", routingKey="#"),
        "order-processing.events",
    ),
    "a queue that nobody declares, bound": (
        "Binding",
        inside(
            source="order-processing.events", destination="side_queue", destinationType="queue", routingKey="OrderPlaced.v1"
        ),
        "who consumes",
    ),
    "an exchange bound to an exchange": (
        "Binding",
        inside(source="order-processing.events", destination="side", destinationType="exchange"),
        "exchange to an exchange",
    ),
    "a binding that does not say to what": (
        "Binding",
        inside(source="order-processing.events", destination="order_queue", routingKey="OrderPlaced.v1"),
        "destinationType",
    ),
    "a policy for everything": (
        "Policy",
        inside(name="x", pattern=".*", definition={"message-ttl": 1}),
        "what it does not name",
    ),
    "a policy that moves messages": (
        "Policy",
        inside(name="x", pattern=QUEUE, definition={"dead-letter-exchange": "side"}),
        "moves messages to an exchange",
    ),
    "a policy that federates": (
        "Policy",
        inside(name="x", pattern=QUEUE, definition={"federation-upstream-set": "all"}),
        "to where no relation leads",
    ),
    "an operator's policy for everything": (
        "OperatorPolicy",
        inside(name="x", pattern=".*", definition={"expires": 1}),
        "what it does not name",
    ),
    "a shovel": ("Shovel", inside(name="x", uriSecret={"name": "x"}), "moves messages by itself"),
    "federation": ("Federation", inside(name="x"), "moves messages by itself"),
    "a copy of the schema": ("SchemaReplication", by_hand(upstreamSecret={"name": "x"}), "moves messages by itself"),
    "a stream of many": ("rabbitmq.com/v1alpha1:SuperStream", inside(name="x", partitions=3), "moves messages by itself"),
    "a broker of one's own": ("RabbitmqCluster", by_hand(replicas=1), "no descriptor declares this broker"),
    "another broker": (
        "Permission",
        by_hand({"name": "other"}, vhost="order-processing", user="notification", permissions={"read": QUEUE}),
        "no broker of this landscape",
    ),
    "a broker of that name elsewhere": (
        "Permission",
        by_hand(
            {"name": BROKER, "namespace": "elsewhere"},
            vhost="order-processing",
            user="notification",
            permissions={"read": QUEUE},
        ),
        "no broker of this landscape",
    ),
    "the broker by an address": (
        "Permission",
        by_hand(
            {"connectionSecret": {"name": "x"}}, vhost="order-processing", user="notification", permissions={"read": QUEUE}
        ),
        "which broker that leads to",
    ),
    "the broker from where nothing fences": (
        "Permission",
        by_hand({"name": BROKER, "namespace": PLATFORM}, namespace="default", vhost="order-processing", user="notification"),
        "nothing fences",
    ),
    "another context's right from a namespace of its own": (
        "Permission",
        by_hand(
            {"name": BROKER, "namespace": PLATFORM},
            namespace="order-processing--user-management",
            vhost="order-processing",
            user="user-management",
            permissions={"read": QUEUE},
        ),
        "order_queue",
    ),
    "a kind that is not known": ("Quota", inside(), "no observer"),
}


@pytest.mark.parametrize("case", EVASIONS)
def test_what_goes_round_the_plan_by_an_operator_is_refused(ground: Ground, case: str) -> None:
    kind, body, words = EVASIONS[case]
    found = said(ground, observed(kind, body))
    assert found
    assert words in found


def planned(ground: Ground, kind: str, **said: str) -> tuple[Observed, Body]:
    """A planned object of the kind that says all this, and its body to change."""
    for manifest in ground.objects.values():
        spec = manifest.content.get("spec", {})
        if (manifest.api_version, manifest.kind) == (API, kind) and all(spec.get(key) == text for key, text in said.items()):
            body = revealed(copy.deepcopy(dict(manifest.body)), lambda _: "generated")
            return observed(kind, body, name=manifest.resource, protect=manifest.holds_data), body
    raise LookupError(kind)


def more(body: Body) -> None:
    body["spec"]["permissions"]["read"] = ".*"


def tagged(body: Body) -> None:
    body["spec"]["tags"] = ["administrator"]


def elsewhere(body: Body) -> None:
    body["spec"]["destination"] = "side_queue"


def allowed(body: Body) -> None:
    body["metadata"]["annotations"]["rabbitmq.com/topology-allowed-namespaces"] = "*"


def unconfined(body: Body) -> None:
    body["spec"]["override"]["statefulSet"]["spec"]["template"]["spec"]["containers"][0]["securityContext"] = {}


def exposed(body: Body) -> None:
    body["spec"]["service"] = {"type": "LoadBalancer"}


CHANGES: Mapping[str, tuple[str, dict[str, str], Callable[[Body], None]]] = {
    "a right more": ("Permission", {"user": "notification"}, more),
    "a user with a tag": ("User", {}, tagged),
    "a binding elsewhere": ("Binding", {}, elsewhere),
    "a broker for everybody's objects": ("RabbitmqCluster", {}, allowed),
    "a broker whose pods may do more": ("RabbitmqCluster", {}, unconfined),
    "a broker that is reached from outside": ("RabbitmqCluster", {}, exposed),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_bears_a_planned_name_is_as_planned(ground: Ground, case: str) -> None:
    kind, words, change = CHANGES[case]
    resource, body = planned(ground, kind, **words)
    assert "differs from it" not in said(ground, resource)
    change(body)
    assert "differs from it" in said(ground, resource)


def test_a_second_manager_of_one_right_is_refused_whatever_it_is_called(ground: Ground) -> None:
    first, _ = planned(ground, "Permission", user="notification")
    second = observed("Permission", rights("notification", read=QUEUE))
    assert "the very thing" in said(ground, first, second)


def mounting(name: str) -> Body:
    container = {"name": "main", "image": "registry.example/by-hand:1"}
    spec = {"containers": [container], "volumes": [{"name": "x", "secret": {"secretName": name}}]}
    metadata = {"name": "by-hand", "namespace": PLATFORM, "labels": {labels.TEAM: "platform-team"}}
    return {"metadata": metadata, "spec": spec}


@pytest.mark.parametrize(
    "name",
    [
        "platform--rabbitmq--files",
        "platform--rabbitmq-default-user",
        "platform--rabbitmq-erlang-cookie",
        "notification--broker",
        "notification-user-credentials",
    ],
)
def test_nobody_is_given_a_secret_of_the_brokers_or_one_that_an_operator_makes(ground: Ground, name: str) -> None:
    assert "secret of an administrator" in said(ground, observed("core/v1:Pod", mounting(name)))


def test_nobody_mounts_a_nodes_volume(ground: Ground) -> None:
    body = mounting("x")
    body["spec"]["volumes"] = [
        {"name": "x", "persistentVolumeClaim": {"claimName": "persistence-platform--rabbitmq-server-0"}}
    ]
    assert "past all that the server asks" in said(ground, observed("core/v1:Pod", body))


def test_a_landscape_without_rabbitmq_has_no_objects_of_its_operators() -> None:
    kafka = Ground.of(Project(ROOT).plan("parcel-shipping.cluster"))
    metadata = {"name": "by-hand", "namespace": "parcel-shipping--platform"}
    body = {"metadata": metadata, "spec": {"rabbitmqClusterReference": {"name": "x"}}}
    assert "has no RabbitMQ" in said(kafka, observed("Permission", body))
