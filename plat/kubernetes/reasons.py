"""Why something does not start on a cluster, read out of what the cluster says of its pods. Pure.

Pulumi waits for a Deployment and tells of its pods; where a quota or an admission policy lets no pod come into being, or
where a probe fails, it has nothing to tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plat.kubernetes import labels
from plat.kubernetes.flows import STRIMZI, End

Object = Mapping[str, Any]

CONTROLLERS = ("Deployment", "Job", "StatefulSet")

OPERATED = {"strimzi": ("kafka.strimzi.io", ("Kafka", "KafkaNodePool", "KafkaTopic", "KafkaUser"))}
"""Groups and kinds whose operator, as environments call it, says itself why it has not done what they say."""

_ASKED = frozenset(kind for _, kinds in OPERATED.values() for kind in kinds)
_SAYS_NO = "NotReady"
_OWN_LABEL = f"{STRIMZI}cluster"

# What the kubelet calls an image that it cannot have (k8s.io/kubernetes/pkg/kubelet/images/types.go).
_OF_IMAGES = {"ErrImageNeverPull", "ErrImagePull", "ImageInspectError", "ImagePullBackOff", "InvalidImageName"}
_OF_SETTINGS = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}

_REMEDIES = {
    "image": "name an image that the nodes can pull: a deployable's in its descriptor, a server's in the environment",
    "quota": "end pods that are left over in its namespace; the quota itself follows from `scaling`, with room for a roll-out",
    "policy": "let its pods be as the policy demands, or ask whoever owns the policy: it is the cluster's, not Plat's",
    "volume": "name a `storage-class` in the environment that the cluster has (`kubectl get storageclass`) and that has room",
    "place": "give the cluster a node with room for it",
    "settings": "apply the landscape again: a Secret or ConfigMap that it reads is not as planned",
    "crash": "mend what its log says; it gets the variables that `plat plan` names",
    "probe": "let it answer `/healthz` and `/ready` with 200 at its port (samples/README.md)",
    "operator": "mend what it says; the operator's own log tells more",
    "job": "mend what its log says and apply the landscape again: it is tried again by another Job",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why `name` does not start: of which `kind` it is, in the cluster's `words`, and what to do.

    `pod` is the one whose log tells more, in `namespace`; None where no log does. `previous` means the log of what ran in it
    before it was started again.
    """

    name: str
    kind: str
    words: str
    namespace: str
    pod: str | None = None
    previous: bool = False

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return _REMEDIES[self.kind]


def reasons_of(ends: Mapping[str, End], objects: Sequence[Object], events: Sequence[Object]) -> list[Reason]:
    """Why each of `ends` does not start, as `objects` and their warnings say.

    Objects are controllers, pods, volume claims, and what operators are asked for.
    """
    found: list[Reason] = []
    for name, end in ends.items():
        for controller in objects:
            if controller["kind"] in CONTROLLERS and _selects(controller, end) and not _is_fine(controller):
                found += _of_controller(name, controller, events)
        for pod in objects:
            if pod["kind"] == "Pod" and _bears(pod["metadata"], end) and pod["metadata"].get("ownerReferences"):
                found += _of_pod(name, pod, objects, events)
        for item in objects:
            if item["kind"] in _ASKED and _names(item["metadata"], end):
                found += _of_operator(name, item)
    return list(dict.fromkeys(found))


def _selects(controller: Object, end: End) -> bool:
    template = controller["spec"]["template"].get("metadata", {})
    return bool(controller["metadata"]["namespace"] == end.namespace and template.get("labels", {}).get(end.key) == end.value)


def _bears(metadata: Object, end: End) -> bool:
    return bool(metadata["namespace"] == end.namespace and metadata.get("labels", {}).get(end.key) == end.value)


def _names(metadata: Object, end: End) -> bool:
    """Whether an object is of the server that it is called like, or that its label names."""
    said = metadata.get("labels", {}).get(_OWN_LABEL, metadata["name"])
    return bool(end.key == labels.SERVER and metadata["namespace"] == end.namespace and said == end.value)


def _of_operator(name: str, item: Object) -> Iterator[Reason]:
    metadata, status = item["metadata"], item.get("status", {})
    # What was said of another generation may be mended by this one.
    settled = status.get("observedGeneration", 0) >= metadata.get("generation", 0)
    if settled and (refused := _condition(item, _SAYS_NO)):
        words = f"{item['kind']} `{metadata['name']}`: {refused.get('reason', '')}: {refused.get('message', '')}"
        yield Reason(name, "operator", words, metadata["namespace"])


def _is_fine(controller: Object) -> bool:
    status = controller.get("status", {})
    if controller["kind"] == "Job":
        return _condition(controller, "Complete") is not None
    wanted = controller["spec"].get("replicas", 1)
    return bool(status.get("updatedReplicas", 0) >= wanted and status.get("readyReplicas", 0) >= wanted)


def _of_controller(name: str, controller: Object, events: Sequence[Object]) -> Iterator[Reason]:
    namespace = controller["metadata"]["namespace"]
    if failure := _condition(controller, "ReplicaFailure"):
        yield _refused(name, failure.get("message", ""), namespace)
    elif controller["kind"] != "Deployment":
        refused = [event["message"] for event in _about(controller, events) if event.get("reason") == "FailedCreate"]
        if refused and not controller.get("status", {}).get("active") and not controller.get("status", {}).get("replicas"):
            yield _refused(name, refused[-1], namespace)
    if controller["kind"] == "Job" and (failed := _condition(controller, "Failed")):
        yield Reason(name, "job", f"{failed.get('reason', '')}: {failed.get('message', '')}", namespace)


def _refused(name: str, message: str, namespace: str) -> Reason:
    return Reason(name, "quota" if "exceeded quota" in message else "policy", message, namespace)


def _of_pod(name: str, pod: Object, objects: Sequence[Object], events: Sequence[Object]) -> Iterator[Reason]:
    namespace, called, status = pod["metadata"]["namespace"], pod["metadata"]["name"], pod.get("status", {})
    if pod["metadata"].get("deletionTimestamp") or status.get("phase") == "Succeeded" or _condition(pod, "Ready"):
        return
    if unplaced := _condition(pod, "PodScheduled", "False"):
        yield from _unplaced(name, pod, unplaced.get("message", ""), objects, events)
        return
    unhealthy = [event["message"] for event in _about(pod, events) if event.get("reason") == "Unhealthy"]
    for container in (*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())):
        state, last = container.get("state", {}), container.get("lastState", {})
        waiting, ended = state.get("waiting") or {}, state.get("terminated") or last.get("terminated") or {}
        why = waiting.get("reason", "")
        if why in _OF_IMAGES:
            # Words and reason change with every attempt; what is wrong does not.
            yield Reason(name, "image", f"`{container['image']}` cannot be pulled: {_innermost(waiting)}", namespace)
        elif why in _OF_SETTINGS:
            yield Reason(name, "settings", f"{why}: {waiting.get('message', '')}", namespace)
        elif state.get("running") and unhealthy:
            # Whoever fails it is ended and started again, which is no crash of its own.
            yield Reason(name, "probe", unhealthy[-1], namespace, called)
        elif ended.get("exitCode"):
            told = f"{ended.get('reason', 'Error')}, exit code {ended['exitCode']}"
            yield Reason(name, "crash", told, namespace, called, bool(last.get("terminated")) and not state.get("terminated"))


def _unplaced(name: str, pod: Object, message: str, objects: Sequence[Object], events: Sequence[Object]) -> Iterator[Reason]:
    namespace = pod["metadata"]["namespace"]
    claims = {volume["persistentVolumeClaim"]["claimName"] for volume in pod["spec"].get("volumes", ()) if _is_claim(volume)}
    for claim in objects:
        where = (claim["kind"], claim["metadata"]["namespace"], claim["metadata"]["name"] in claims)
        if where == ("PersistentVolumeClaim", namespace, True) and claim.get("status", {}).get("phase") != "Bound":
            said = [event["message"] for event in _about(claim, events)]
            words = f"volume claim `{claim['metadata']['name']}` is not bound: {said[-1] if said else message}"
            yield Reason(name, "volume", words, namespace)
            return
    yield Reason(name, "volume" if "persistentvolumeclaim" in message.lower() else "place", message, namespace)


def _is_claim(volume: Object) -> bool:
    return "persistentVolumeClaim" in volume


def _condition(item: Object, kind: str, status: str = "True") -> Object | None:
    conditions: Sequence[Object] = item.get("status", {}).get("conditions", ())
    return next((one for one in conditions if one["type"] == kind and one["status"] == status), None)


def _about(item: Object, events: Sequence[Object]) -> Iterator[Object]:
    """The warnings about an object, the last one last."""
    uid = item["metadata"].get("uid")
    own = [event for event in events if event["involvedObject"].get("uid") == uid and event.get("type") == "Warning"]
    yield from sorted(own, key=lambda event: event.get("lastTimestamp") or event.get("eventTime") or "")


def _innermost(waiting: Object) -> str:
    """What the registry said: every layer above it repeats the image's name, and adds nothing."""
    return str(waiting.get("message") or waiting["reason"]).rsplit('": ', 1)[-1]
