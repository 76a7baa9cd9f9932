"""Routes, gateways and what lets them lead elsewhere: nothing is reached from outside but the public operations of the map."""

from __future__ import annotations

from collections.abc import Iterator

from plat.claims import Claim
from plat.kubernetes.publishing import host_of, paths_of
from plat.plan.model import Gateway, Workload
from policies.ground import Ground
from policies.observed import Observed, Properties
from policies.observers.kubernetes.place import Place

_PUBLIC = (
    "mark the operation as `public` in its descriptor, and name the gateway in the environment: its route follows from both"
)
_GATEWAYS = "leave gateways to the platform, and name the one that is there in the environment"


def http(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """A route by hand leads from the environment's gateway to public operations of its own unit, each by its exact path."""
    gateway = ground.plan.cluster.gateway if ground.plan.cluster else None
    if gateway is None:
        yield resource.breach("it is reached from outside of the cluster, where the environment names no gateway", _PUBLIC)
        return
    spec = resource.properties.inner("spec")
    yield from _parents(resource, spec, gateway)
    rules = spec.inners("rules")
    if not rules:
        yield resource.opaque("it says no rule, and a gateway may make one of its own for it", _PUBLIC, spec.field("rules"))
    own = {host_of(gateway, workload) for workload in ground.plan.workloads if workload.namespace == place.namespace}
    hosts = spec.texts("hostnames")
    if not hosts or set(hosts) - own:
        yield resource.breach("it takes what comes for names that are no workload's of its unit", _PUBLIC, "spec.hostnames")
    for rule in rules:
        yield from _rule(resource, rule, place, ground)


def _parents(resource: Observed, spec: Properties, gateway: Gateway) -> Iterator[Claim]:
    parents = spec.inners("parentRefs")
    for parent in parents:
        kind, name, namespace = parent.text("kind", "Gateway"), parent.text("name"), parent.text("namespace", "")
        if (kind, name, namespace) != ("Gateway", gateway.name, gateway.namespace):
            yield resource.breach("it is no route of the environment's gateway", _PUBLIC, parent.field("name"))
    if not parents:
        yield resource.opaque("nobody can tell whose route it is", _PUBLIC, spec.field("parentRefs"))


def _rule(resource: Observed, rule: Properties, place: Place, ground: Ground) -> Iterator[Claim]:
    if "filters" in rule:
        yield resource.opaque(
            "it changes requests or sends them elsewhere, so that a path says nothing of what they reach",
            _PUBLIC,
            rule.field("filters"),
        )
    backends = rule.inners("backendRefs")
    if not backends:
        yield resource.opaque("nobody can tell where it leads", _PUBLIC, rule.field("backendRefs"))
    for backend in backends:
        if backend.text("namespace", place.namespace) != place.namespace:
            yield resource.breach("it leads into another unit's namespace", _PUBLIC, backend.field("namespace"))
            continue
        if "filters" in backend:
            yield resource.opaque("it changes requests or sends them elsewhere", _PUBLIC, backend.field("filters"))
        workload = ground.workloads.get(backend.text("name"))
        kind = (backend.text("group", ""), backend.text("kind", "Service"))
        if workload is None or workload.namespace != place.namespace or kind != ("", "Service"):
            yield resource.breach("it publishes what no descriptor declares", _PUBLIC, backend.field("name"))
        else:
            yield from _matches(resource, rule, workload, ground)


def _matches(resource: Observed, rule: Properties, workload: Workload, ground: Ground) -> Iterator[Claim]:
    public = paths_of(ground.plan, workload)
    matches = rule.inners("matches")
    if not matches:
        yield resource.breach(f"it publishes all of `{workload.name}`", _PUBLIC, rule.field("matches"))
    for match in matches:
        path = match.inner("path")
        if path.text("type", "PathPrefix") != "Exact" or path.text("value", "/") not in public:
            yield resource.breach(f"it publishes what is not public of `{workload.name}`", _PUBLIC, path.field("value"))


def stream(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """A route of connections or of another protocol lets in whatever its port takes, for nobody says which operations."""
    yield resource.breach("it is reached from outside of the cluster, and by no operation that is public", _PUBLIC, "spec")


def gateway(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """A gateway, or a class of gateways, is a door of the whole cluster."""
    yield resource.breach("it opens the cluster to the outside, past the environment's gateway", _GATEWAYS, "spec")


def grant(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    """A grant lets routes of other namespaces lead into this one."""
    yield resource.breach("it lets others' routes lead into a unit's namespace", _PUBLIC, "spec")
