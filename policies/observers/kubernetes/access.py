"""Who may ask the cluster for what: accounts, roles, volumes, and texts that stand in objects."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from plat.claims import Claim
from plat.kubernetes import reading
from plat.reach import Carrier
from policies.ground import Ground
from policies.observed import Observed, Properties
from policies.observers.kubernetes.place import Place
from policies.observers.kubernetes.workloads import of_secret

_TEAMS = "name the team in a descriptor: what its group may see follows from it"
_VOLUMES = "declare the datastore in its context's descriptor: its volume follows from it"


def texts(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """A Secret's and a ConfigMap's texts are those of whoever reads them: somebody of the namespace."""
    found: dict[str, str] = {}
    encoded = resource.type.endswith(":Secret")
    for group in ("stringData", "data", "binaryData"):
        inner = resource.properties.inner(group)
        for name in inner:
            if not inner.unknown(name):
                text = inner.text(name)
                is_encoded = group == "binaryData" or (encoded and group == "data")
                found[inner.field(name)] = _decoded(text) if is_encoded else text
    if resource.properties.text("type", "Opaque") == "kubernetes.io/service-account-token":
        yield resource.breach("it holds a key to the cluster's API, which is above every fence", _TEAMS, "type")
    yield from ground.reach.claims(Carrier(place.name, place.contexts), found, resource.origin)


def account(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """An account may do nothing until somebody binds a role to it, and hands on no planned secret."""
    for name in ("imagePullSecrets", "secrets"):
        for ref in resource.properties.inners(name):
            carrier = Carrier(place.name, place.contexts)
            yield from of_secret(resource, ref.text("name"), ref.field("name"), place, carrier, ground)
    if resource.properties.flag("automountServiceAccountToken"):
        yield resource.breach(
            "pods that run as it may speak to the cluster's API", "leave it out", "automountServiceAccountToken"
        )


def role(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """A role lets look at what runs, and at nothing that holds rights."""
    for rule in resource.properties.inners("rules"):
        yield from _rule(resource, rule)


def _rule(resource: Observed, rule: Properties) -> Iterator[Claim]:
    if set(rule.texts("verbs")) - {*reading.VERBS}:
        yield resource.breach("who can change objects of a unit holds whatever they hold", _TEAMS, rule.field("verbs"))
    if set(rule.texts("resources")) - {*reading.RESOURCES} or rule.texts("nonResourceURLs"):
        yield resource.breach("it lets see what holds rights", _TEAMS, rule.field("resources"))


def binding(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """A role is bound to the unit's own team, or to its own accounts, and it is a role that was judged."""
    ref = resource.properties.inner("roleRef")
    if ref.text("kind") != "Role":
        yield resource.breach("what a role of the whole cluster lets do is not for a unit to give", _TEAMS, ref.field("kind"))
    team = place.unit.team if place.unit else ""
    for subject in resource.properties.inners("subjects"):
        kind, name = subject.text("kind"), subject.text("name")
        own = kind == "ServiceAccount" and subject.text("namespace", place.namespace) == place.namespace
        if not own and (kind, name) != ("Group", team):
            yield resource.breach(
                f"{name} is neither {team or 'the owner'}'s group nor an account of the unit's own",
                _TEAMS,
                subject.field("name"),
            )


def cluster_wide(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """What counts in every namespace counts in those of others."""
    yield resource.breach("it counts in every unit's namespace", _TEAMS)


def admission(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """What decides on every request, or changes what was judged, is the landscape's own policies alone."""
    yield resource.breach(
        "it decides what may be made in units' namespaces, or changes what was judged",
        "leave it to Plat: the environment says whether there are policies of admission (`cluster: admission`)",
    )


def volume(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """A volume that is made by hand leads to whatever storage it says, somebody else's included."""
    yield resource.opaque("nobody can tell whose storage it is", _VOLUMES, "spec")


def volume_claim(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """A claim gets new storage, and takes none over."""
    spec = resource.properties.inner("spec")
    for name in ("volumeName", "dataSource", "dataSourceRef", "selector"):
        if name in spec:
            yield resource.breach("it takes over storage that is there already", _VOLUMES, spec.field(name))


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return text
