"""What is public is published by a route that the API server takes, and reached by the gateway's pods and by nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from plat.kubernetes import labels, pods
from tests.integration.cluster.conftest import BASE, Cluster, eventually
from tests.integration.main_job.checkout import changes

NAME = "gateways"
STACK = f"{NAME}.published"
HERE = ("-e", "published")
OUTSIDE = "gateways-outside"
GATEWAY = f"  gateway: {{name: public, namespace: {OUTSIDE}, domain: shop.example, pods: {{app: gateway}}}}\n"
LANDSCAPE = """
apiVersion: plat/v1
kind: Landscape
name: gateways
title: Gateways
purpose: One context that is reached from outside, and one that is not.
teams: [{name: shop-team}]
platform-team: shop-team
"""
CONTEXT = """
apiVersion: plat/v1
kind: Context
name: {name}
team: shop-team
subdomain: core
purpose: Answers.
deployables:
  - {{name: {name}, image: docker.io/plat/base:dev, command: [python, -m, samples.generic], port: 8080}}
exposes: {exposes}
"""
CONTEXTS = {"sales": "{Buy: {public: true}, Cancel: {}, Look: {public: true}}", "stock": "{Count: {}}"}


def pod(name: str) -> dict[str, Any]:
    found = pods.pod(
        {"app": name}, [pods.container("main", BASE, 64, "IfNotPresent", command=["sleep", "900"])], restartPolicy="Never"
    )
    found["metadata"] |= {"name": name, "namespace": OUTSIDE}
    return {"apiVersion": "v1", "kind": "Pod", **found}


@pytest.fixture(scope="module")
def up(cluster: Cluster) -> Iterator[Cluster]:
    root = cluster.checkout.root
    folder = root / "contexts" / NAME
    folder.mkdir()
    (folder / "landscape.yaml").write_text(LANDSCAPE)
    for name, exposes in CONTEXTS.items():
        (folder / f"{name}.yaml").write_text(CONTEXT.format(name=name, exposes=exposes))
    environments = root / "stacks" / "environments"
    text = (environments / "cluster.yaml").read_text().replace("name: cluster", "name: published")
    (environments / "published.yaml").write_text(text.rstrip() + "\n" + GATEWAY)
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": OUTSIDE}}, pod("gateway"), pod("somebody"))
    try:
        ran = cluster.checkout.run("plat", "up", NAME, *HERE, timeout=590)
        assert ran.returncode == 0, ran.stdout
        yield cluster
    finally:
        cluster.checkout.run("plat", "destroy", NAME, *HERE, "--with-data", "--confirm", NAME, timeout=300)
        cluster.done("delete", "namespace", OUTSIDE)


@pytest.mark.timeout(1200)
def test_the_api_server_takes_a_route_for_what_is_public_alone(up: Cluster) -> None:
    (route,) = up.get("httproutes.gateway.networking.k8s.io", "--all-namespaces", f"--selector={labels.PART_OF}={NAME}")[
        "items"
    ]
    assert (route["metadata"]["namespace"], route["metadata"]["name"]) == (f"{NAME}--sales", "sales")
    assert route["spec"]["hostnames"] == ["sales.shop.example"]
    (rule,) = route["spec"]["rules"]
    assert [match["path"] for match in rule["matches"]] == [
        {"type": "Exact", "value": "/Buy"},
        {"type": "Exact", "value": "/Look"},
    ]
    assert [(backend["name"], backend["port"]) for backend in rule["backendRefs"]] == [("sales", 8080)]


def test_a_second_update_changes_nothing(up: Cluster) -> None:
    again = up.checkout.done(
        "pulumi", "up", "-s", STACK, "--yes", "--skip-preview", "--non-interactive", "--policy-pack", "policies"
    )
    assert changes(again).endswith(" unchanged"), changes(again)
    assert ";" not in changes(again)


def test_the_gateways_pods_come_in_where_something_is_public_and_nobody_else_does(up: Cluster) -> None:
    def reaches(who: str, what: str) -> bool:
        host = f"{what}.{NAME}--{what}.svc.cluster.local"
        tried = up.kubectl("exec", f"--namespace={OUTSIDE}", who, "--", "nc", "-z", "-w", "3", host, "8080")
        return tried.returncode == 0

    up.done("wait", f"--namespace={OUTSIDE}", "--for=condition=Ready", "pod/gateway", "pod/somebody", "--timeout=120s")
    eventually(lambda: reaches("gateway", "sales"))
    assert not reaches("somebody", "sales")
    assert not reaches("gateway", "stock")
