"""Ways between a cluster and machines beside it: those of the plan pass, and by hand none is opened."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from components.kubernetes.landscape import OnKubernetes
from components.kubernetes.manifest import revealed
from components.landscape import Landscape
from plat.kubernetes import labels
from plat.plan.build import build
from plat.plan.model import Plan
from plat.plan.shares import whole
from policies.bench import Bench
from policies.ground import Ground
from policies.observed import Observed, Options, Properties
from tests.unit.plan.test_beside_machines import address, environment
from tests.unit.plan.test_machines import shop
from tests.unit.policies.recorded import fresh_runtime, registered

SERVICE, POLICY = "core/v1:Service", "networking.k8s.io/v1:NetworkPolicy"
OUTSIDE = "platform--rabbitmq--outside"

Body = dict[str, Any]


@pytest.fixture(autouse=True)
def _runtime() -> Iterator[None]:
    with fresh_runtime():
        yield


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return build(shop(tmp_path), environment())


def said(plan: Plan, token: str, body: Body) -> str:
    urn = f"urn:pulumi:{plan.stack}::plat::kubernetes:{token}::by-hand"
    resource = Observed(urn, f"kubernetes:{token}", "by-hand", Properties(body), None, Options())
    return "\n".join(finding.message for finding in Bench(Ground.of(plan)).findings(resource))


def planned(plan: Plan, token: str, name: str) -> Body:
    manifest = next(
        item for (kind, _, known), item in Ground.of(plan).objects.items() if (kind, known) == (f"kubernetes:{token}", name)
    )
    found: Body = revealed(manifest.body, lambda _: "generated")
    return copy.deepcopy(found)


def by_hand(**spec: object) -> Body:
    metadata = {"name": "by-hand", "namespace": "shop--goods", "labels": {labels.TEAM: "goods-team"}}
    return {"metadata": metadata, "spec": spec}


@pytest.mark.parametrize("preview", [True, False], ids=["the first preview", "the update"])
def test_the_clusters_part_passes_and_what_is_on_machines_may_wait_for_it(plan: Plan, *, preview: bool) -> None:
    waited_for: dict[str, int] = {}

    def program() -> None:
        assert plan.cluster
        share = whole(plan)
        landscape = Landscape(share)
        part = OnKubernetes(share, plan.cluster, landscape)
        part.provide()
        part.run()
        waited_for.update({name: len(context.ready) for name, context in landscape.contexts.items()})

    resources = registered(program, plan.stack, preview=preview)
    bench = Bench(Ground.of(plan))

    assert {resource.label: found for resource in resources if (found := bench.findings(resource))} == {}
    assert {"kubernetes:apps/v1:Deployment", "kubernetes:core/v1:Service"} <= {resource.type for resource in resources}
    assert waited_for["sales"] == waited_for["goods"] > 0, "both have something in the broker"


def changed(path: str, value: object) -> Callable[[Body], None]:
    def change(body: Body) -> None:
        *parents, last = path.split(".")
        part: Any = body
        for name in parents:
            part = part[int(name)] if name.isdigit() else part[name]
        part[last] = value

    return change


@pytest.mark.parametrize(
    ("token", "name", "change"),
    [
        (SERVICE, OUTSIDE, changed("spec.ports.0.nodePort", 31999)),
        (SERVICE, OUTSIDE, changed("spec.externalTrafficPolicy", "Cluster")),
        (SERVICE, OUTSIDE, changed("spec.type", "LoadBalancer")),
        (SERVICE, OUTSIDE, changed("spec.selector", {"app": "another"})),
        (SERVICE, "platform--rabbitmq", changed("spec.type", "NodePort")),
        (POLICY, "goods", changed("spec.egress.0.to", [{"ipBlock": {"cidr": "10.0.0.0/8"}}])),
        (POLICY, "platform--rabbitmq", changed("spec.ingress.0.from", [{"ipBlock": {"cidr": "10.0.0.0/8"}}])),
    ],
    ids=["port", "sender", "type", "pods", "type of the one inside", "out of a pod", "into a pod"],
)
def test_what_is_planned_between_both_is_just_so(plan: Plan, token: str, name: str, change: Callable[[Body], None]) -> None:
    body = planned(plan, token, name)
    assert said(plan, token, body) == ""
    change(body)
    assert "differs from it" in said(plan, token, body)


def test_by_hand_nothing_is_opened_to_machines_or_from_them(plan: Plan) -> None:
    machine = [{"ipBlock": {"cidr": f"{address(plan)}/32"}}]
    port = {"nodePort": 31000, "port": 80}
    ours = {"selector": {"app": "by-hand"}, "ports": [port]}

    assert "reached from outside of the cluster" in said(plan, SERVICE, by_hand(type="NodePort", **ours))
    assert "opens a way" in said(plan, POLICY, by_hand(podSelector={}, ingress=[{"from": machine}]))
    assert "opens a way" in said(plan, POLICY, by_hand(podSelector={}, egress=[{"to": machine}]))


def test_a_pod_by_hand_gets_to_no_machine_and_to_nothing_by_a_port_of_nodes(plan: Plan) -> None:
    broker, database = plan.server("platform--rabbitmq").outside, plan.server("sales--postgresql")
    assert broker

    def running(value: str) -> Body:
        container = {"name": "main", "image": "registry.example/by-hand:1", "env": [{"name": "X", "value": value}]}
        # Of a unit that may reach the broker, as whoever is in it.
        return by_hand(containers=[container])

    own = said(plan, "core/v1:Pod", running("nothing"))
    assert said(plan, "core/v1:Pod", running(f"{broker.host}:{broker.port}")) == own, "goods consumes, by whichever address"
    assert "sales--postgresql" in said(plan, "core/v1:Pod", running(f"{database.host}:{database.port}"))
    assert "sales--postgresql" not in own
