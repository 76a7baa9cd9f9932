"""What keeps something from starting is read out of objects as API servers write them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from plat.kubernetes import labels
from plat.kubernetes.flows import End
from plat.kubernetes.reasons import Reason, reasons_of

Object = dict[str, Any]

NS = "shop--sales"
SALES = {"sales": End(NS, labels.WORKLOAD, "sales")}
BORNE = {labels.WORKLOAD: "sales"}
OVER = 'pods "sales-5ddb894896-69p6z" is forbidden: exceeded quota: quota, requested: pods=1, used: pods=3, limited: pods=3'
UNSAFE = 'pods "sales-7" is forbidden: violates PodSecurity "restricted:latest": privileged'


def controller(kind: str = "Deployment", **status: object) -> Object:
    spec = {"replicas": 2, "template": {"metadata": {"labels": BORNE}}}
    return {"kind": kind, "metadata": {"name": "sales", "namespace": NS, "uid": kind}, "spec": spec, "status": status}


def pod(container: Object | None = None, **more: object) -> Object:
    statuses = [{"name": "main", "image": "shop/sales:1", **container}] if container else []
    metadata = {"name": "sales-7", "namespace": NS, "uid": "pod", "labels": BORNE, "ownerReferences": [{"kind": "ReplicaSet"}]}
    volumes = [{"persistentVolumeClaim": {"claimName": "sales"}}, {"emptyDir": {}}]
    status = {"phase": "Pending", "containerStatuses": statuses, **more}
    return {"kind": "Pod", "metadata": metadata, "spec": {"volumes": volumes}, "status": status}


def condition(kind: str, status: str = "True", message: str = "") -> list[Object]:
    return [{"type": kind, "status": status, "message": message, "reason": "Why"}]


def event(uid: str, reason: str, message: str, when: str = "2026-11-28T05:30:00Z") -> Object:
    return {"type": "Warning", "involvedObject": {"uid": uid}, "reason": reason, "message": message, "lastTimestamp": when}


CLAIM: Object = {
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "sales", "namespace": NS, "uid": "claim"},
    "status": {"phase": "Pending"},
}
PULL = 'failed to pull and unpack image "shop/sales:1": failed to resolve reference "shop/sales:1": not found'
UNPLACED = condition("PodScheduled", "False", "0/1 nodes are available: 1 Insufficient memory.")
CRASHED = {"lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}
PROBE = [
    event("pod", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", "2026-11-28T05:31:00Z"),
    event("pod", "Unhealthy", "Startup probe failed: connection refused"),
]

CASES: Mapping[str, tuple[list[Object], list[Object], Reason]] = {
    "an image that cannot be pulled": (
        [pod({"state": {"waiting": {"reason": "ErrImagePull", "message": PULL}}})],
        [],
        Reason("sales", "image", "`shop/sales:1` cannot be pulled: not found", NS),
    ),
    "a quota that a Deployment meets": (
        [controller(conditions=condition("ReplicaFailure", message=OVER))],
        [],
        Reason("sales", "quota", OVER, NS),
    ),
    "a policy that a StatefulSet meets": (
        [controller("StatefulSet")],
        [event("StatefulSet", "FailedCreate", UNSAFE)],
        Reason("sales", "policy", UNSAFE, NS),
    ),
    "a policy that a Job meets": (
        [controller("Job")],
        [event("Job", "FailedCreate", UNSAFE)],
        Reason("sales", "policy", UNSAFE, NS),
    ),
    "a Job that has failed": (
        [controller("Job", conditions=condition("Failed", message="Job has reached its limit"))],
        [],
        Reason("sales", "job", "Why: Job has reached its limit", NS),
    ),
    "a volume that nobody provides": (
        [pod(conditions=UNPLACED), CLAIM],
        [event("claim", "ProvisioningFailed", 'storageclass "absent" not found')],
        Reason("sales", "volume", 'volume claim `sales` is not bound: storageclass "absent" not found', NS),
    ),
    "no room on any node": (
        [pod(conditions=UNPLACED), {**CLAIM, "status": {"phase": "Bound"}}],
        [],
        Reason("sales", "place", "0/1 nodes are available: 1 Insufficient memory.", NS),
    ),
    "a program that ends and is started again": (
        [pod({"state": {"waiting": {"reason": "CrashLoopBackOff"}}, **CRASHED})],
        [],
        Reason("sales", "crash", "OOMKilled, exit code 137", NS, "sales-7", previous=True),
    ),
    "a program that has ended": (
        [pod({"state": {"terminated": {"exitCode": 1, "reason": "Error"}}})],
        [],
        Reason("sales", "crash", "Error, exit code 1", NS, "sales-7"),
    ),
    "a probe that fails, by its last words": (
        [pod({"state": {"running": {"startedAt": "now"}}})],
        PROBE,
        Reason("sales", "probe", "Readiness probe failed: HTTP probe failed with statuscode: 503", NS, "sales-7"),
    ),
    "a probe for which it was ended before": (
        [pod({"state": {"running": {"startedAt": "now"}}, **CRASHED})],
        PROBE,
        Reason("sales", "probe", "Readiness probe failed: HTTP probe failed with statuscode: 503", NS, "sales-7"),
    ),
    "a Secret that is not there": (
        [pod({"state": {"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "x" not found'}}})],
        [],
        Reason("sales", "settings", 'CreateContainerConfigError: secret "x" not found', NS),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_reason_is_read(case: str) -> None:
    objects, events, reason = CASES[case]
    assert reasons_of(SALES, objects, events) == [reason]
    assert reason.remedy
    for item in (elsewhere := copy.deepcopy(objects)):
        item["metadata"]["namespace"] = "shop--stock"
    assert reasons_of(SALES, elsewhere, events) == []


BROKER = {"shop--kafka": End(NS, labels.SERVER, "shop--kafka")}
REFUSED = [{"type": "NotReady", "status": "True", "reason": "InvalidResource", "message": "no node pools"}]


def asked(kind: str = "Kafka", name: str = "shop--kafka", cluster: str | None = None, **status: object) -> Object:
    said = {"strimzi.io/cluster": cluster} if cluster else {}
    return {"kind": kind, "metadata": {"name": name, "namespace": NS, "generation": 2, "labels": said}, "status": status}


@pytest.mark.parametrize(
    ("kind", "name", "cluster"),
    [("Kafka", "shop--kafka", None), ("KafkaUser", "sales", "shop--kafka"), ("KafkaTopic", "placed", "shop--kafka")],
)
def test_an_operator_says_why_it_has_not_done_what_it_was_asked_for(kind: str, name: str, cluster: str | None) -> None:
    item = asked(kind, name, cluster, observedGeneration=2, conditions=REFUSED)
    words = f"{kind} `{name}`: InvalidResource: no node pools"
    assert reasons_of(BROKER, [item], []) == [Reason("shop--kafka", "operator", words, NS)]


@pytest.mark.parametrize(
    "item",
    [
        asked(observedGeneration=1, conditions=REFUSED),
        asked(observedGeneration=2, conditions=condition("Ready")),
        asked(observedGeneration=2, conditions=[{**REFUSED[0], "status": "False"}]),
        asked(),
        asked("KafkaUser", "sales", "another", observedGeneration=2, conditions=REFUSED),
    ],
    ids=["said of what was there before", "ready", "no more", "nothing yet", "of another broker"],
)
def test_an_operator_that_does_what_it_was_asked_for_is_no_reason(item: Object) -> None:
    assert reasons_of(BROKER, [item], []) == []


def _ready(item: Object) -> None:
    item["status"]["conditions"] = condition("Ready")


def _leaving(item: Object) -> None:
    item["metadata"]["deletionTimestamp"] = "now"


def _of_nobody(item: Object) -> None:
    del item["metadata"]["ownerReferences"]


@pytest.mark.parametrize("change", [_ready, _leaving, _of_nobody])
def test_a_pod_that_is_ready_leaving_or_tries_fences_has_none(change: Callable[[Object], None]) -> None:
    item = pod({"state": {"waiting": {"reason": "ErrImagePull", "message": PULL}}})
    assert reasons_of(SALES, [item], [])
    change(item)
    assert reasons_of(SALES, [item], []) == []


def test_what_went_wrong_before_it_went_well_is_forgotten() -> None:
    failure = condition("ReplicaFailure", message=OVER)
    fine = controller(updatedReplicas=2, readyReplicas=2, conditions=failure)
    done = controller("Job", conditions=condition("Complete"))
    full = controller("StatefulSet", replicas=1)
    events = [event("Job", "FailedCreate", UNSAFE), event("StatefulSet", "FailedCreate", UNSAFE)]
    assert reasons_of(SALES, [fine, done, full], events) == []
