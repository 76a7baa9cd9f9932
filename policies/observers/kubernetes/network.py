"""Services, endpoints and policies: ways that the plan does not have are not opened, whoever's they would be."""

from __future__ import annotations

from collections.abc import Iterator

from plat.claims import Claim
from plat.kubernetes.flows import STRIMZI
from plat.reach import Carrier
from policies.ground import Ground
from policies.observed import Observed
from policies.observers.kubernetes.place import Place

_DECLARE = "declare the relation in a descriptor: ways follow from it"
_GATEWAY = "mark the operation as `public` in its descriptor; nothing is reached from outside of the cluster but by a gateway"
_OPERATORS = ("cnpg.io/", STRIMZI)  # what operators label their pods with
_SELECT = "select pods of the unit's own by labels of the unit's own"


def service(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """A Service gives pods of its own namespace a name, and nothing else one."""
    spec = resource.properties.inner("spec")
    kind = spec.text("type", "ClusterIP")
    if kind == "ExternalName":
        host = spec.field("externalName")
        texts = {host: spec.text("externalName")}
        yield from ground.reach.claims(Carrier(place.name, place.contexts), texts, resource.origin)
        yield resource.opaque("it gives somebody else's address a name of its own", _DECLARE, host)
        return
    if kind != "ClusterIP":
        yield resource.breach("it is reached from outside of the cluster, past every route of the plan", _GATEWAY, "spec.type")
    for name in ("externalIPs", "loadBalancerIP", "loadBalancerClass"):
        if name in spec:
            yield resource.breach("it is reached from outside of the cluster", _GATEWAY, spec.field(name))
    selector = spec.inner("selector")
    if not list(selector):
        yield resource.opaque("nobody can tell where it leads: it selects no pods", _SELECT, "spec.selector")
    for label in selector:
        if label.startswith(_OPERATORS):
            yield resource.opaque("it selects what an operator runs", _SELECT, selector.field(label))
    wanted = {label: selector.text(label) for label in selector}
    for name, pods in ground.pods(place.namespace) if wanted else ():
        if wanted.items() <= pods.items():
            yield resource.opaque(
                f"it is another name for `{name}`, by which who reaches it is not told", _SELECT, "spec.selector"
            )
            break


def endpoints(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """Endpoints written by hand lead wherever they say."""
    yield resource.opaque("nobody can tell whose addresses these are", _DECLARE)


def policy(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """Policies add up: one that allows nothing is harmless, any other opens what the plan has closed."""
    spec = resource.properties.inner("spec")
    for name in ("ingress", "egress"):
        for rule in spec.inners(name):
            yield resource.breach(
                "it opens a way that the plan does not have, and no other policy can close it again", _DECLARE, rule.field("")
            )


def namespace(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """A namespace that is no unit's has no fence."""
    yield resource.opaque(
        "no descriptor declares a unit for it, so that nothing fences what would be in it",
        "declare a context or a deployable: its namespace follows from it",
        "metadata.name",
    )
