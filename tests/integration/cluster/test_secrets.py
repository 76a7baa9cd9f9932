"""A secret that is generated anew is applied: inside of the server that asks for it, and to whoever uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from plat.kubernetes import labels
from tests.integration.cluster.conftest import Cluster

NAME = "rotation"
STACK = f"{NAME}.cluster"
HERE = ("-e", "cluster")
NAMESPACE = f"--namespace={NAME}--sales"
LANDSCAPE = """
apiVersion: plat/v1
kind: Landscape
name: rotation
title: Rotation
purpose: One context with a password.
teams: [{name: shop-team}]
platform-team: shop-team
"""
SALES = """
apiVersion: plat/v1
kind: Context
name: sales
team: shop-team
subdomain: core
purpose: Sells.
datastore: {type: postgresql}
deployables:
  - {name: sales, image: docker.io/plat/base:dev, command: [python, -m, samples.generic], port: 8080}
"""


@pytest.fixture(scope="module")
def up(cluster: Cluster) -> Iterator[Cluster]:
    folder = cluster.checkout.root / "contexts" / NAME
    folder.mkdir()
    (folder / "landscape.yaml").write_text(LANDSCAPE)
    (folder / "sales.yaml").write_text(SALES)
    try:
        ran = cluster.checkout.run("plat", "up", NAME, *HERE, timeout=590)
        assert ran.returncode == 0, ran.stdout
        yield cluster
    finally:
        cluster.checkout.run("plat", "destroy", NAME, *HERE, "--with-data", "--confirm", NAME, timeout=300)


def job(cluster: Cluster) -> tuple[str, str]:
    (found,) = cluster.get("jobs", NAMESPACE)["items"]
    return found["metadata"]["name"], found["metadata"]["uid"]


@pytest.mark.timeout(1200)
def test_a_password_that_is_generated_anew_is_the_one_that_the_server_asks_for(up: Cluster) -> None:
    ref = "datastore/sales--postgresql"
    before, ran = up.checkout.secrets(STACK), job(up)
    urn = next(item["urn"] for item in up.checkout.state(STACK)["deployment"]["resources"] if item["urn"].endswith(f"::{ref}"))
    rotate = ("pulumi", "up", "-s", STACK, "--yes", "--skip-preview", "--non-interactive", "--policy-pack", "policies")
    up.checkout.done(*rotate, "--replace", urn)
    after, ran_again = up.checkout.secrets(STACK), job(up)

    assert {name for name in before if before[name] != after[name]} == {ref}
    assert (ran_again[0], ran_again[1] != ran[1]) == (ran[0], True)
    proof = up.checkout.done("plat", "verify", NAME, *HERE)
    assert re.search(r"\d+ tried: \d+ open, \d+ closed, all as declared", proof)
    (deployment,) = up.get("deployments", NAMESPACE, f"--selector={labels.NAME}=sales")["items"]
    assert deployment["status"]["readyReplicas"] == deployment["status"]["updatedReplicas"] == 1
