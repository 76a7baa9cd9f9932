"""What KEDA scales for the plan passes, and what somebody lets it scale or look at past the fences does not."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from components.kubernetes.manifest import revealed
from components.landscape import provision
from plat.kubernetes import labels
from plat.plan.model import Plan
from plat.plan.shares import whole
from policies.bench import Bench
from policies.ground import Ground
from tests.thorough import all_but_thoroughly
from tests.unit.policies.recorded import fresh_runtime, registered
from tests.unit.policies.test_kubernetes import (
    ORDERS,
    ORDERS_TEAM,
    USERS_REDIS,
    by_hand,
    manifest_of,
    observed,
    planned,
    running,
    said,
)

Body = dict[str, Any]

KEDA = "keda.sh/v1alpha1"
NOTIFICATION = "order-processing--notification"
BROKER = "platform--rabbitmq.order-processing--platform.svc.cluster.local"


@pytest.fixture(autouse=True)
def _runtime() -> Iterator[None]:
    with fresh_runtime():
        yield


def with_keda(folder: str, landscape: str) -> Plan:
    plan = planned(folder, landscape)
    assert plan.cluster is not None
    return dataclasses.replace(plan, cluster=dataclasses.replace(plan.cluster, operators=("keda",)))


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground.of(with_keda("contexts", "order-processing"))


@pytest.mark.parametrize("preview", all_but_thoroughly([False], [True, False]), ids=["the first preview", "the update"])
@pytest.mark.parametrize("landscape", all_but_thoroughly(["order-processing"], ["order-processing", "restaurant"]))
def test_what_keda_scales_for_a_landscape_passes(landscape: str, *, preview: bool) -> None:
    plan = with_keda("contexts", landscape)
    resources = registered(lambda: provision(whole(plan)) and None, plan.stack, preview=preview)
    bench = Bench(Ground.of(plan))
    assert {resource.label: found for resource in resources if (found := bench.findings(resource))} == {}
    assert list(bench.findings_at_the_end(resources)) == []
    assert f"kubernetes:{KEDA}:ScaledObject" in {resource.type for resource in resources}


def scaling(*triggers: Body, target: Body | None = None, namespace: str = ORDERS, **more: object) -> Body:
    target = target or {"name": "by-hand"}
    return by_hand(namespace, spec={"scaleTargetRef": target, "triggers": list(triggers), **more})


def trigger(kind: str, access: Body | None = None, **metadata: str) -> Body:
    return {"type": kind, "metadata": metadata, **({"authenticationRef": access} if access else {})}


def reading(secret: str, namespace: str = ORDERS) -> Body:
    refs = [{"parameter": "password", "name": secret, "key": "password"}]
    return by_hand(namespace, spec={"secretTargetRef": refs})


def job(template: Body, *triggers: Body) -> Body:
    return by_hand(spec={"jobTargetRef": {"template": template}, "triggers": list(triggers)})


HARMLESS: Mapping[str, tuple[str, Body]] = {
    "something of the unit's own, by the time of the day": (
        f"{KEDA}:ScaledObject",
        scaling(trigger("cron", timezone="Europe/Berlin", start="0 8 * * *", end="0 18 * * *", desiredReplicas="3")),
    ),
    "by its processors": (f"{KEDA}:ScaledObject", scaling(trigger("cpu", value="60"))),
    "by the unit's own queue": (
        f"{KEDA}:ScaledObject",
        scaling(trigger("rabbitmq", {"name": "own"}, queueName="order_queue"), namespace=NOTIFICATION),
    ),
    "with a Secret of the unit's own": (f"{KEDA}:TriggerAuthentication", reading("own")),
    "with its own variables": (f"{KEDA}:TriggerAuthentication", reading("order-processing--env")),
    "jobs of the unit's own": (f"{KEDA}:ScaledJob", job(running(), trigger("cron", desiredReplicas="1"))),
}


def own(body: Body, ground: Ground) -> Body:
    """The same, of the team whose the namespace is."""
    changed = copy.deepcopy(body)
    changed["metadata"]["labels"] = {labels.TEAM: ground.namespaces[body["metadata"]["namespace"]].team}
    return changed


@pytest.mark.parametrize("case", HARMLESS)
def test_what_reaches_nothing_of_others_may_be_scaled_by_hand(ground: Ground, case: str) -> None:
    token, body = HARMLESS[case]
    assert not said(ground, observed(token, own(body, ground)))


NOBODYS = scaling(trigger("cpu", value="60"))
del NOBODYS["metadata"]["labels"]

EVASIONS: Mapping[str, tuple[str, Body, str]] = {
    "a planned workload": (
        f"{KEDA}:ScaledObject",
        scaling(trigger("cpu", value="1"), target={"name": "order-processing"}),
        "says its descriptor",
    ),
    "another team's, in its namespace": (
        f"{KEDA}:ScaledObject",
        scaling(trigger("cpu", value="1"), target={"name": "notification"}, namespace=NOTIFICATION),
        "says that it is",
    ),
    "a server, to none": (
        f"{KEDA}:ScaledObject",
        scaling(trigger("cpu", value="1"), target={"kind": "StatefulSet", "name": "order-processing--postgresql"}),
        "says its descriptor",
    ),
    "an operator's cluster": (
        f"{KEDA}:ScaledObject",
        scaling(target={"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "name": "x"}),
        "nobody can tell",
    ),
    "what nobody says whose it is": (f"{KEDA}:ScaledObject", NOBODYS, "nobody says whose"),
    "in a namespace that is no unit's": (f"{KEDA}:ScaledObject", scaling(namespace="keda"), "no unit's"),
    "by a planned autoscaler's name": (
        f"{KEDA}:ScaledObject",
        scaling(advanced={"horizontalPodAutoscalerConfig": {"name": "order-processing"}}),
        "takes over an autoscaler",
    ),
    "by another context's queue": (
        f"{KEDA}:ScaledObject",
        scaling(trigger("rabbitmq", {"name": "own"}, queueName="order_queue")),
        "order_queue",
    ),
    "by all queues at once": (
        f"{KEDA}:ScaledObject",
        scaling(trigger("rabbitmq", {"name": "own"}, queueName=".*", useRegex="true")),
        "which queues",
    ),
    "by another context's datastore": (
        f"{KEDA}:ScaledObject",
        scaling(trigger("redis", address=f"{USERS_REDIS}:6379", listName="sessions")),
        "user-management",
    ),
    "by the broker's administration": (
        f"{KEDA}:ScaledObject",
        scaling(trigger("rabbitmq", host=f"http://{BROKER}:15672/order-processing", queueName="x")),
        "platform--rabbitmq",
    ),
    "with the credentials of the whole cluster": (
        f"{KEDA}:ScaledObject",
        scaling(trigger("rabbitmq", {"kind": "ClusterTriggerAuthentication", "name": "all"}, queueName="x")),
        "every unit's namespace",
    ),
    "with a planned consumer's password, at another address": (
        f"{KEDA}:ScaledObject",
        scaling(
            trigger(
                "rabbitmq",
                {"name": "notification--notification--depth"},
                host="amqp://192.0.2.1:5672/",
                queueName="order_queue",
            ),
            namespace=NOTIFICATION,
        ),
        "wherever the trigger says",
    ),
    "jobs with another context's datastore": (
        f"{KEDA}:ScaledJob",
        job(running(env=[{"name": "X", "value": USERS_REDIS}])),
        "user-management",
    ),
    "jobs by another context's queue": (
        f"{KEDA}:ScaledJob",
        job(running(), trigger("rabbitmq", queueName="order_queue")),
        "order_queue",
    ),
    "jobs on the node itself": (
        f"{KEDA}:ScaledJob",
        job({"metadata": {"labels": {labels.TEAM: ORDERS_TEAM}}, "spec": {"hostNetwork": True, "containers": []}}),
        "on the node itself",
    ),
    "the password of a server's administrator": (
        f"{KEDA}:TriggerAuthentication",
        reading("order-processing--postgresql--files"),
        "secret of an administrator",
    ),
    "the password that is KEDA's alone": (
        f"{KEDA}:TriggerAuthentication",
        reading("notification--notification--depth", NOTIFICATION),
        "secret of an administrator",
    ),
    "rights out of a vault": (
        f"{KEDA}:TriggerAuthentication",
        by_hand(spec={"hashiCorpVault": {"address": "https://vault.example", "secrets": []}}),
        "whose rights",
    ),
    "the rights of KEDA's own account": (
        f"{KEDA}:TriggerAuthentication",
        by_hand(spec={"podIdentity": {"provider": "aws"}}),
        "whose rights",
    ),
    "credentials for every namespace": (
        f"{KEDA}:ClusterTriggerAuthentication",
        by_hand(None, spec={"secretTargetRef": [{"parameter": "p", "name": "kedaorg-certs", "key": "tls.key"}]}),
        "every unit's namespace",
    ),
    "a type of KEDA's that nobody reads": ("eventing.keda.sh/v1alpha1:CloudEventSource", by_hand(spec={}), "no observer"),
}


@pytest.mark.parametrize("case", EVASIONS)
def test_what_goes_round_the_fences_by_keda_is_refused(ground: Ground, case: str) -> None:
    token, body, words = EVASIONS[case]
    found = said(ground, observed(token, body))
    assert found
    assert words in found


def elsewhere(body: Body) -> None:
    body["spec"]["triggers"][0]["metadata"]["host"] = "amqp://192.0.2.1:5672/"


def to_none(body: Body) -> None:
    body["spec"]["minReplicaCount"] = 0


def everything(body: Body) -> None:
    body["spec"]["secretTargetRef"][0]["name"] = "notification--env"


CHANGES = {
    "another broker": ("ScaledObject", "notification", elsewhere),
    "fewer replicas than the descriptor says": ("ScaledObject", "notification", to_none),
    "another Secret": ("TriggerAuthentication", "notification--notification--depth", everything),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_is_scaled_under_a_planned_name_is_as_planned(ground: Ground, case: str) -> None:
    kind, name, change = CHANGES[case]
    body = revealed(copy.deepcopy(dict(manifest_of(ground, f"{KEDA}:{kind}", NOTIFICATION, name).body)), lambda _: "generated")
    assert not said(ground, observed(f"{KEDA}:{kind}", body))
    change(body)
    assert "differs from it" in said(ground, observed(f"{KEDA}:{kind}", body))
