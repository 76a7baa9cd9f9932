"""Routes as the plan has them pass; by hand nothing is published but what is public, under its own name."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from components.kubernetes.manifest import revealed
from plat.kubernetes import labels
from plat.plan.model import Gateway
from plat.project import CONTEXTS_VARIABLE, Project
from policies.bench import Bench
from policies.ground import Ground
from policies.observed import Observed, Options, Properties

ROOT = Path(__file__).resolve().parents[3]
USERS = "order-processing--user-management"
ORDERS = "order-processing--order-processing"
ROUTE = "gateway.networking.k8s.io/v1:HTTPRoute"
PARENT = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "public", "namespace": "gateway"}

Body = dict[str, Any]


def ground_with(gateway: Gateway | None) -> Ground:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / "contexts"))
        plan = Project(ROOT).plan("order-processing.cluster")
    assert plan.cluster
    return Ground.of(dataclasses.replace(plan, cluster=dataclasses.replace(plan.cluster, gateway=gateway)))


@pytest.fixture(scope="module")
def ground() -> Ground:
    return ground_with(Gateway("public", "gateway", "shop.example", {"app": "envoy"}, "gateway"))


def said(ground: Ground, token: str, body: Body) -> str:
    urn = f"urn:pulumi:order-processing.cluster::plat::kubernetes:{token}::by-hand"
    resource = Observed(urn, f"kubernetes:{token}", "by-hand", Properties(body), None, Options())
    return "\n".join(finding.message for finding in Bench(ground).findings(resource))


def by_hand(namespace: str | None = USERS, **spec: object) -> Body:
    metadata: Body = {"name": "by-hand", "labels": {labels.TEAM: "identity-team"}}
    return {"metadata": metadata | ({"namespace": namespace} if namespace else {}), "spec": spec}


def exactly(path: str) -> Body:
    return {"path": {"type": "Exact", "value": path}}


def leads(*matches: Body, **more: object) -> Body:
    """A rule that leads to user-management, of which `Login` is public and `GetUser` is not."""
    return {
        "matches": list(matches or [exactly("/Login")]),
        "backendRefs": [{"name": "user-management", "port": 8080}],
        **more,
    }


def route(*rules: Body, **more: object) -> Body:
    said: Body = {"parentRefs": [PARENT], "hostnames": ["user-management.shop.example"], "rules": list(rules or [leads()])}
    return by_hand(**(said | more))


def to(**backend: object) -> Body:
    return leads(backendRefs=[{"name": "user-management", "port": 8080, **backend}])


def test_a_second_route_to_what_is_public_may_be_made_by_hand(ground: Ground) -> None:
    assert not said(ground, ROUTE, route())


EVASIONS: Mapping[str, tuple[str, Body, str]] = {
    "what is not public": (ROUTE, route(leads(exactly("/GetUser"))), "what is not public of `user-management`"),
    "what is not public beside what is": (ROUTE, route(leads(exactly("/Login"), exactly("/GetUser"))), "not public"),
    "everything, by a prefix": (ROUTE, route(leads({"path": {"type": "PathPrefix", "value": "/"}})), "not public"),
    "everything, by an expression": (
        ROUTE,
        route(leads({"path": {"type": "RegularExpression", "value": "/.*"}})),
        "not public",
    ),
    "everything, by no path": (ROUTE, route(leads({"method": "POST"})), "not public"),
    "what is public and all below it": (ROUTE, route(leads({"path": {"value": "/Login"}})), "not public"),
    "everything, by no match": (ROUTE, route({"backendRefs": [{"name": "user-management", "port": 8080}]}), "all of"),
    "another unit's deployable": (ROUTE, route(to(name="order-processing", namespace=ORDERS)), "another unit's namespace"),
    "another team's deployable by its name alone": (ROUTE, route(to(name="order-processing")), "no descriptor declares"),
    "a server": (ROUTE, route(to(name="user-management--redis", port=6379)), "no descriptor declares"),
    "a Service by hand": (ROUTE, route(to(name="by-hand")), "no descriptor declares"),
    "something that is no Service": (ROUTE, route(to(kind="Import", group="multicluster.x-k8s.io")), "no descriptor declares"),
    "nothing": (ROUTE, route(leads(backendRefs=[])), "where it leads"),
    "no rule": (ROUTE, route(rules=[]), "says no rule"),
    "another name": (ROUTE, route(hostnames=["order-processing.shop.example"]), "no workload's of its unit"),
    "every name": (ROUTE, route(hostnames=["*.shop.example"]), "no workload's of its unit"),
    "whatever name": (ROUTE, route(hostnames=[]), "no workload's of its unit"),
    "another gateway": (ROUTE, route(parentRefs=[{**PARENT, "name": "other"}]), "the environment's gateway"),
    "a gateway of its own": (ROUTE, route(parentRefs=[{"name": "public"}]), "the environment's gateway"),
    "a mesh": (
        ROUTE,
        route(parentRefs=[{"group": "", "kind": "Service", "name": "public", "namespace": "gateway"}]),
        "gateway",
    ),
    "no gateway": (ROUTE, route(parentRefs=[]), "whose route"),
    "a path that becomes another one": (
        ROUTE,
        route(leads(filters=[{"type": "URLRewrite", "urlRewrite": {"path": {"replaceFullPath": "/GetUser"}}}])),
        "says nothing of what they reach",
    ),
    "a copy for somebody else": (
        ROUTE,
        route(leads(filters=[{"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "by-hand"}}}])),
        "sends them elsewhere",
    ),
    "a path that becomes another one at its end": (
        ROUTE,
        route(to(filters=[{"type": "URLRewrite", "urlRewrite": {"path": {"replaceFullPath": "/GetUser"}}}])),
        "sends them elsewhere",
    ),
    "a route as it was in the beta": ("gateway.networking.k8s.io/v1beta1:HTTPRoute", route(), "no observer"),
    "a route out of every fence": (ROUTE, {**route(), "metadata": {"name": "x", "namespace": "default"}}, "nothing fences"),
    "another protocol": ("gateway.networking.k8s.io/v1:GRPCRoute", route(), "by no operation that is public"),
    "connections": ("gateway.networking.k8s.io/v1alpha2:TCPRoute", by_hand(), "by no operation that is public"),
    "connections by their name": ("gateway.networking.k8s.io/v1alpha2:TLSRoute", by_hand(), "by no operation that is public"),
    "datagrams": ("gateway.networking.k8s.io/v1alpha2:UDPRoute", by_hand(), "by no operation that is public"),
    "a gateway": ("gateway.networking.k8s.io/v1:Gateway", by_hand(listeners=[]), "past the environment's gateway"),
    "a class of gateways": ("gateway.networking.k8s.io/v1:GatewayClass", by_hand(None), "past the environment's gateway"),
    "a grant": ("gateway.networking.k8s.io/v1beta1:ReferenceGrant", by_hand(to=[]), "others' routes"),
    "a gateway's listeners": ("gateway.networking.x-k8s.io/v1alpha1:XListenerSet", by_hand(), "no observer"),
    "an Ingress": ("networking.k8s.io/v1:Ingress", by_hand(rules=[]), "by no operation that is public"),
    "a class of Ingresses": ("networking.k8s.io/v1:IngressClass", by_hand(None), "past the environment's gateway"),
}


@pytest.mark.parametrize("case", EVASIONS)
def test_what_publishes_more_by_hand_is_refused(ground: Ground, case: str) -> None:
    token, body, words = EVASIONS[case]
    assert words in said(ground, token, body)


def test_where_the_environment_names_no_gateway_nothing_is_published() -> None:
    assert "names no gateway" in said(ground_with(None), ROUTE, route())


def another_path(body: Body) -> None:
    body["spec"]["rules"][0]["matches"].append(exactly("/GetUser"))


def another_backend(body: Body) -> None:
    body["spec"]["rules"][0]["backendRefs"][0]["name"] = "user-management--redis"


def another_host(body: Body) -> None:
    body["spec"]["hostnames"].append("order-processing.shop.example")


def rewritten(body: Body) -> None:
    body["spec"]["rules"][0]["filters"] = [{"type": "URLRewrite"}]


@pytest.mark.parametrize("change", [another_path, another_backend, another_host, rewritten])
def test_a_route_that_is_planned_is_as_planned(ground: Ground, change: Callable[[Body], None]) -> None:
    manifest = ground.objects[f"kubernetes:{ROUTE}", USERS, "user-management"]
    body = revealed(copy.deepcopy(dict(manifest.body)), lambda _: "generated")
    assert not said(ground, ROUTE, body)
    change(body)
    assert "differs from it" in said(ground, ROUTE, body)
