"""Who works inside of a server: again when a secret is another, gone when that is done, tried again when it has failed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from plat.kubernetes import labels
from tests.integration.cluster.conftest import Cluster, eventually

pytestmark = pytest.mark.timeout(1200)
NAME = "rotation"
STACK = f"{NAME}.cluster"
HERE = ("-e", "cluster")
NAMESPACE = f"--namespace={NAME}--sales"
BY_HAND = ("pulumi", "up", "-s", STACK, "--yes", "--skip-preview", "--non-interactive", "--policy-pack", "policies")
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


def has_gone(cluster: Cluster) -> bool:
    return not cluster.get("jobs", NAMESPACE)["items"]


def patched(cluster: Cluster, **spec: int) -> bool:
    """Whether the Job was there, and has `spec` now."""
    found = cluster.get("jobs", NAMESPACE)["items"]
    change = ("--type=merge", f"--patch={json.dumps({'spec': spec})}")
    return bool(found) and cluster.kubectl("patch", "job", found[0]["metadata"]["name"], NAMESPACE, *change).returncode == 0


def at_server(cluster: Cluster, statement: str) -> str:
    """What it answers to its administrator."""
    words = ("sh", "-c", 'read -r PGPASSWORD; export PGPASSWORD; psql -h 127.0.0.1 -U postgres -Atc "$1"', "-", statement)
    pod = f"{cluster.get('pods', NAMESPACE, f'--selector={labels.SERVER}=sales--postgresql')['items'][0]['metadata']['name']}"
    password = cluster.checkout.secrets(STACK)["server/sales--postgresql"]
    return cluster.done(
        "exec", "--stdin", NAMESPACE, pod, "--container=postgresql", "--", *words, given=f"{password}\n"
    ).strip()


def test_a_password_that_is_generated_anew_is_the_one_that_the_server_asks_for(up: Cluster) -> None:
    ref = "datastore/sales--postgresql"
    before, ran = up.checkout.secrets(STACK), job(up)
    urn = next(item["urn"] for item in up.checkout.state(STACK)["deployment"]["resources"] if item["urn"].endswith(f"::{ref}"))
    up.checkout.done(*BY_HAND, "--replace", urn)
    after, ran_again = up.checkout.secrets(STACK), job(up)

    assert {name for name in before if before[name] != after[name]} == {ref}
    assert (ran_again[0], ran_again[1] != ran[1]) == (ran[0], True)
    proof = up.checkout.done("plat", "verify", NAME, *HERE)
    assert re.search(r"\d+ tried: \d+ open, \d+ closed, all as declared", proof)
    (deployment,) = up.get("deployments", NAMESPACE, f"--selector={labels.NAME}=sales")["items"]
    assert deployment["status"]["readyReplicas"] == deployment["status"]["updatedReplicas"] == 1


def test_nobody_misses_it_when_the_cluster_has_removed_it_and_a_refresh_lets_it_work_again(up: Cluster) -> None:
    assert patched(up, ttlSecondsAfterFinished=1)
    eventually(lambda: has_gone(up))
    up.checkout.done(*BY_HAND, "--expect-no-changes")
    assert has_gone(up)
    up.checkout.done("plat", "audit", NAME, *HERE, "--live")
    up.checkout.done("plat", "verify", NAME, *HERE)

    at_server(up, "CREATE ROLE spy LOGIN")
    may_enter = "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'spy'"
    assert at_server(up, may_enter) == "t"
    up.checkout.done("plat", "up", NAME, *HERE, "--refresh")
    assert at_server(up, may_enter) in {"", "f"}


def test_one_that_has_failed_and_is_gone_is_tried_again(up: Cluster) -> None:
    nodes = [node["metadata"]["name"] for node in up.get("nodes")["items"]]
    code = up.checkout.root / "components" / "kubernetes" / "inside.py"
    text = code.read_text()
    # Of a Job that somebody has changed an update would make another one anyway.
    code.write_text(text.replace("\n_SECONDS = 300\n", "\n_SECONDS = 20\n").replace("\n_STAYS = 120\n", "\n_STAYS = 1\n"))
    try:
        up.done("cordon", *nodes)
        ran = up.checkout.run("plat", "up", NAME, *HERE)
        assert ran.returncode == 1, ran.stdout
        assert "DeadlineExceeded" in ran.stdout
        eventually(lambda: has_gone(up))
        up.done("uncordon", *nodes)
        up.checkout.done(*BY_HAND)
        up.checkout.done("plat", "verify", NAME, *HERE)
    finally:
        up.done("uncordon", *nodes)
        code.write_text(text)
