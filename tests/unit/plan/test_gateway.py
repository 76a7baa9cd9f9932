"""Where an environment names a gateway, what is public gets a route of its own; where it names none, nothing is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.kubernetes.manifest import Manifest, revealed
from components.kubernetes.objects import objects_of
from plat.environment import EnvironmentProblem, load_environment
from plat.kubernetes.publishing import paths_of
from plat.plan.model import Gateway, Plan
from plat.project import CONTEXTS_VARIABLE, Project
from tests.thorough import all_but_thoroughly

ROOT = Path(__file__).resolve().parents[3]
LANDSCAPES = sorted(folder.name for folder in (ROOT / "contexts").iterdir() if (folder / "landscape.yaml").exists())
NAMED = "  gateway: {name: public, namespace: gateway, domain: shop.example}\n"
ENVIRONMENT = """
apiVersion: plat/v1
kind: Environment
name: shop
targets: {kubernetes: kubernetes, vm: kubernetes}
cluster:
  context: shop
"""


def environment(root: Path, gateway: str) -> Path:
    folder = root / "stacks" / "environments"
    folder.mkdir(parents=True)
    (folder / "shop.yaml").write_text(ENVIRONMENT + gateway)
    return root


def planned(root: Path, landscape: str, gateway: str = NAMED) -> Plan:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / "contexts"))
        return Project(environment(root, gateway)).plan(f"{landscape}.shop")


def shown(item: Manifest) -> object:
    return revealed(item.body, lambda hidden: list(hidden.refs))


def routes(plan: Plan) -> dict[str, Manifest]:
    return {item.name: item for item in objects_of(plan) if item.kind == "HTTPRoute"}


def test_a_deployable_with_public_operations_has_a_route_for_exactly_these(tmp_path: Path) -> None:
    found = routes(planned(tmp_path, "order-processing"))
    assert set(found) == {"order-processing", "user-management"}
    route = found["user-management"]
    assert (route.type_token, route.namespace) == (
        "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
        "order-processing--user-management",
    )
    # It exposes `GetUser` too, which is not public.
    assert route.content == {
        "spec": {
            "parentRefs": [
                {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "public", "namespace": "gateway"},
            ],
            "hostnames": ["user-management.shop.example"],
            "rules": [
                {
                    "matches": [{"path": {"type": "Exact", "value": "/Login"}}],
                    "backendRefs": [{"kind": "Service", "name": "user-management", "port": 8080}],
                }
            ],
        }
    }
    assert "Service" in {item.kind for item in route.after}


def test_its_policy_lets_the_gateways_pods_in_and_those_of_others_stay_closed_to_them(tmp_path: Path) -> None:
    pods = "  gateway: {name: public, namespace: gateway, domain: shop.example, pods: {app: envoy}, pods-namespace: envoy}\n"
    plan = planned(tmp_path, "order-processing", pods)
    rule = {
        "from": [
            {
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "envoy"}},
                "podSelector": {"matchLabels": {"app": "envoy"}},
            }
        ],
        "ports": [{"protocol": "TCP", "port": 8080}],
    }
    opened = {
        item.name
        for item in objects_of(plan)
        if item.kind == "NetworkPolicy" and rule in item.content["spec"].get("ingress", ())
    }
    assert opened == {"order-processing", "user-management"}


def test_its_pods_are_those_that_implementations_label_if_it_names_none(tmp_path: Path) -> None:
    plan = planned(tmp_path, "order-processing")
    assert plan.cluster
    labels = {"gateway.networking.k8s.io/gateway-name": "public"}
    assert plan.cluster.gateway == Gateway("public", "gateway", "shop.example", labels, "gateway")


@pytest.mark.parametrize("landscape", all_but_thoroughly(["order-processing"], LANDSCAPES))
def test_without_a_gateway_no_object_differs(tmp_path: Path, landscape: str) -> None:
    named, unnamed = planned(tmp_path / "one", landscape), planned(tmp_path / "other", landscape, "")
    public = {workload.name for workload in named.workloads if paths_of(named, workload)}
    assert set(routes(named)) == public
    assert routes(unnamed) == {}
    without = [item for item in objects_of(named) if item.kind != "HTTPRoute"]
    pairs = zip(without, objects_of(unnamed), strict=True)
    # A namespace says to the cluster's own policies what is planned in it.
    changed = {one.name for one, other in pairs if shown(one) != shown(other) and one.kind != "Namespace"}
    assert changed == public


def test_a_route_may_have_as_many_paths_as_one_rule_takes_and_goes_on_in_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.kubernetes.routes._MATCHES", 2)
    plan = planned(tmp_path, "e-commerce")
    for workload in plan.workloads:
        paths = list(paths_of(plan, workload))
        if paths:
            rules = routes(plan)[workload.name].content["spec"]["rules"]
            assert [match["path"]["value"] for rule in rules for match in rule["matches"]] == paths
            assert all(len(rule["matches"]) <= 2 for rule in rules)


@pytest.mark.parametrize(
    ("gateway", "words"),
    [
        ("  gateway: {name: public, namespace: gateway}\n", "cluster.gateway.domain"),
        ("  gateway: {name: public, namespace: gateway, domain: '*.example'}\n", "cluster.gateway.domain"),
        ("  gateway: {name: public, namespace: a.b, domain: shop.example}\n", "cluster.gateway.namespace"),
        ("  gateway: {name: public, namespace: gateway, domain: shop.example, pods: {}}\n", "cluster.gateway.pods"),
    ],
)
def test_a_gateway_that_is_none_is_refused(tmp_path: Path, gateway: str, words: str) -> None:
    with pytest.raises(EnvironmentProblem, match=words):
        load_environment("shop", environment(tmp_path, gateway))
