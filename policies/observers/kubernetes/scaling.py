"""What KEDA scales, by what, and with whose credentials: it reaches every broker that opens itself to it, for whoever asks.

So a trigger is judged like a workload of the unit's own that looks where the trigger says.
"""

from __future__ import annotations

from collections.abc import Iterator

from plat.claims import Claim, GrantClaim
from plat.kubernetes import labels
from plat.reach import Carrier
from policies.ground import Ground
from policies.observed import Observed, Properties, Unreadable
from policies.observers.kubernetes import workloads
from policies.observers.kubernetes.place import Place

_DESCRIPTOR = "say it in `scaling` of a descriptor: what is scaled, and by what, follows from that"
_LABEL = f"label it with `{labels.TEAM}`, as the plan labels what it makes"
_OWN = "use a Secret of the unit's own in a TriggerAuthentication of its own"

_TARGETS = {"Deployment", "StatefulSet"}
_SOURCES = {"secretTargetRef", "configMapTargetRef", "env"}
_AUTHENTICATION = "kubernetes:keda.sh/v1alpha1:TriggerAuthentication"
_AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"


def scaled_object(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """It changes how many replicas run of something that the plan does not have."""
    _owned(resource)
    spec = resource.properties.inner("spec")
    target = spec.inner("scaleTargetRef")
    name, kind = target.text("name"), target.text("kind", "Deployment")
    if kind not in _TARGETS:
        yield resource.opaque(f"nobody can tell what a smaller number of {kind} ends", _DESCRIPTOR, target.field("kind"))
    if name in ground.workloads or name in ground.servers:
        yield resource.breach(f"how many of `{name}` run says its descriptor", _DESCRIPTOR, target.field("name"))
    taken = spec.inner("advanced").inner("horizontalPodAutoscalerConfig")
    if "name" in taken and (_AUTOSCALER, place.namespace, taken.text("name")) in ground.objects:
        yield resource.breach("it takes over an autoscaler that the landscape plans", _DESCRIPTOR, taken.field("name"))
    yield from _triggers(resource, spec, place, ground)


def scaled_job(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """It makes Jobs, which make pods."""
    spec = resource.properties.inner("spec")
    yield from workloads.of_pods(resource, spec.inner("jobTargetRef").inner("template"), place, ground)
    yield from _triggers(resource, spec, place, ground)


def authentication(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """It hands texts of the unit's own Secrets to KEDA."""
    _owned(resource)
    spec = resource.properties.inner("spec")
    for name in spec:
        if name not in _SOURCES:
            yield resource.opaque("nobody can tell whose rights it takes from there", _OWN, spec.field(name))
    carrier = Carrier(place.name, place.contexts)
    for ref in spec.inners("secretTargetRef"):
        yield from workloads.of_secret(resource, ref.text("name"), ref.field("name"), place, carrier, ground)


def _owned(resource: Observed) -> None:
    said = resource.properties.inner("metadata").inner("labels")
    if labels.TEAM not in said:
        raise Unreadable(said.field(labels.TEAM), "nobody says whose it is", _LABEL)


def _triggers(resource: Observed, spec: Properties, place: Place, ground: Ground) -> Iterator[Claim]:
    for trigger in spec.inners("triggers"):
        metadata = trigger.inner("metadata")
        texts = {metadata.field(name): metadata.text(name) for name in metadata}
        carrier = Carrier(place.name, place.contexts)
        yield from ground.reach.claims(carrier, texts, resource.origin)
        for field, text in texts.items():
            yield from _of_name(resource, field, text, carrier, ground)
        if "useRegex" in metadata and metadata.text("useRegex") != "false":
            yield resource.opaque("nobody can tell which queues it looks at", _DESCRIPTOR, metadata.field("useRegex"))
        yield from _credentials(resource, trigger.inner("authenticationRef"), place, ground)


def _of_name(resource: Observed, field: str, text: str, carrier: Carrier, ground: Ground) -> Iterator[Claim]:
    """A queue, a topic or a group by its name alone: the address may be in a Secret."""
    origin = resource.origin(field)
    for part in (word.strip() for word in text.split(",")):
        if part in ground.queues or part in ground.topics:
            yield from (GrantClaim(who, "consume", part, origin) for who in carrier.names)
    broker = ground.broker
    for subscription in broker.subscriptions if broker else ():
        if subscription.group == text and subscription.consumer not in carrier.contexts:
            yield resource.breach(f"it looks at what waits for {subscription.consumer}", _DESCRIPTOR, field)


def _credentials(resource: Observed, ref: Properties, place: Place, ground: Ground) -> Iterator[Claim]:
    if "name" not in ref:
        return
    if ref.text("kind", "TriggerAuthentication") != "TriggerAuthentication":
        yield resource.breach("it uses rights that count in every unit's namespace", _OWN, ref.field("kind"))
    elif (_AUTHENTICATION, place.namespace, ref.text("name")) in ground.objects:
        field = ref.field("name")
        yield resource.breach("it takes a planned consumer's password to wherever the trigger says", _OWN, field)
