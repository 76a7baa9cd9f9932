"""The worked example on a real cluster, from its descriptors to an order that arrives; then what must not be possible."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest

from plat.kubernetes import labels
from tests.integration.cluster.conftest import CLUSTER, Cluster, eventually
from tests.integration.main_job.checkout import changes

STACK = "order-processing.cluster"
ORDERS = "order-processing--order-processing"
HERE = ("-e", "cluster")
ORDER = {"user_id": "42", "order_items": [{"sku": "tea"}], "total_amount": 19.9}
PLACE = """
import json, os, sys, urllib.request
body = json.dumps(json.loads(sys.argv[1])).encode()
address = f"http://127.0.0.1:{os.environ['PORT']}/orders"
print(urllib.request.urlopen(urllib.request.Request(address, body), timeout=20).read().decode())
"""


@pytest.fixture(scope="module")
def brought_up(cluster: Cluster) -> str:
    """What the first `plat up` printed."""
    ran = cluster.checkout.run("plat", "up", "order-processing", *HERE, timeout=590)
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


@pytest.fixture(scope="module")
def up(cluster: Cluster, brought_up: str) -> Cluster:
    assert brought_up
    return cluster


def test_it_comes_up_and_every_fence_holds(brought_up: str) -> None:
    found = re.search(r"(\d+) tried: (\d+) open, (\d+) closed, all as declared", brought_up)
    assert found, brought_up
    assert int(found[1]) > 100


def test_a_second_update_changes_nothing(up: Cluster) -> None:
    again = up.checkout.done(
        "pulumi", "up", "-s", STACK, "--yes", "--skip-preview", "--non-interactive", "--policy-pack", "policies"
    )
    assert re.fullmatch(r"\d+ unchanged", changes(again)), changes(again)


def test_an_order_is_stored_and_its_message_arrives(up: Cluster) -> None:
    answer = up.checkout.done("plat", "exec", "order-processing", *HERE, "--", "python", "-c", PLACE, json.dumps(ORDER))
    order = json.loads(answer.strip().splitlines()[-1])["order_id"]

    def arrived() -> bool:
        return f"of order {order}" in up.checkout.done("plat", "logs", "notification", *HERE)

    eventually(arrived, seconds=90)


def test_status_tells_what_runs(up: Cluster) -> None:
    status = json.loads(up.checkout.done("plat", "status", "order-processing", *HERE, "--json"))
    states = [item["state"] for context in status["contexts"] for item in (*context["datastores"], *context["deployables"])]
    assert set(states) == {"RUNNING"}
    assert status["broker"]["state"] == "RUNNING"


def test_no_secret_stands_in_the_state_a_log_or_a_pods_description(up: Cluster) -> None:
    secrets = up.checkout.secrets(STACK)
    described = up.done("get", "pods,deployments,statefulsets,jobs,configmaps", "--all-namespaces", "--output=yaml")
    logs = "".join(up.checkout.done("plat", "logs", name, *HERE) for name in ("order-processing", "notification"))
    state = json.dumps(up.checkout.state(STACK))
    for name, value in secrets.items():
        for where, text in {"description": described, "logs": logs, "state": state}.items():
            assert value not in text, f"{name} stands in plain text in the {where}"


def test_a_pod_of_one_context_reaches_no_other_contexts_server(up: Cluster) -> None:
    host = "user-management--redis.order-processing--user-management.svc.cluster.local"
    tried = up.checkout.run("plat", "exec", "order-processing", *HERE, "--", "nc", "-z", "-w", "3", host, "6379")
    assert tried.returncode != 0


def test_a_team_sees_its_own_pods_and_nobody_elses(up: Cluster) -> None:
    def may(namespace: str, *what: str) -> str:
        asked = up.kubectl("auth", "can-i", *what, f"--namespace={namespace}", "--as=somebody", "--as-group=orders-team")
        return asked.stdout.strip().splitlines()[-1]

    assert may(ORDERS, "list", "pods") == "yes"
    assert may(ORDERS, "get", "pods/log") == "yes"
    assert may(ORDERS, "get", "secrets/order-processing--env") == "yes"
    assert may(ORDERS, "get", "secrets/order-processing--postgresql--files") == "no"
    assert may(ORDERS, "create", "pods/exec") == "no"
    assert may(ORDERS, "patch", "deployments") == "no"
    assert may("order-processing--user-management", "list", "pods") == "no"


def test_an_eviction_is_stopped_where_it_would_leave_too_few(up: Cluster) -> None:
    pods = up.get("pods", f"--namespace={ORDERS}", f"--selector={labels.WORKLOAD}=order-processing")["items"]
    name = pods[0]["metadata"]["name"]
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": ORDERS},
    }
    budget = {"spec": {"maxUnavailable": 0}}
    up.done("patch", "pdb", "order-processing", f"--namespace={ORDERS}", "--type=merge", "--patch", json.dumps(budget))
    try:
        eventually(lambda: up.get("pdb", "order-processing", f"--namespace={ORDERS}")["status"]["disruptionsAllowed"] == 0)
        path = f"/api/v1/namespaces/{ORDERS}/pods/{name}/eviction"
        refused = up.kubectl("create", "--raw", path, "--filename=-", given=json.dumps(eviction))
    finally:
        budget["spec"]["maxUnavailable"] = 1
        up.done("patch", "pdb", "order-processing", f"--namespace={ORDERS}", "--type=merge", "--patch", json.dumps(budget))
    assert refused.returncode != 0
    assert "disruption budget" in refused.stdout


def test_a_killed_server_comes_back_with_its_data(up: Cluster) -> None:
    count = ("plat", "exec", "order-processing", *HERE, "--", "psql", "-Atc", "SELECT count(*) FROM orders")
    before = up.checkout.done(*count)
    name = "order-processing--postgresql"
    up.done("delete", "pod", f"{name}-0", f"--namespace={ORDERS}", "--wait=true")
    up.done("rollout", "status", f"statefulset/{name}", f"--namespace={ORDERS}", "--timeout=120s")
    give_up = time.monotonic() + 60
    while (found := up.checkout.run(*count)).returncode and time.monotonic() < give_up:
        time.sleep(1)
    assert found.stdout == before


def test_a_way_that_somebody_opens_by_hand_makes_verify_fail_and_is_named(up: Cluster) -> None:
    users = "order-processing--user-management"
    # The cluster itself refuses it as long as its policies are bound (test_admission.py).
    lock = up.get("validatingadmissionpolicybinding", "order-processing.ways")
    up.done("delete", "validatingadmissionpolicybinding", "order-processing.ways")
    eventually(
        lambda: up.kubectl("apply", "--filename=-", given=json.dumps(opening(users, "ingress", "Ingress"))).returncode == 0
    )
    try:
        up.apply(opening(ORDERS, "egress", "Egress"))
        time.sleep(3)
        result = up.checkout.run("plat", "verify", "order-processing", *HERE, "--format", "json")
    finally:
        for namespace in (users, ORDERS):
            up.done("delete", "networkpolicy", "opened", f"--namespace={namespace}")
        lock["metadata"] = {key: lock["metadata"][key] for key in ("labels", "name")}
        up.apply(lock)
    assert result.returncode == 1, result.stdout
    differing = {
        (cell["principal"], cell["target"])
        for cell in json.loads(result.stdout[result.stdout.index("{") :])["results"]
        if cell["differs"]
    }
    assert ("order-processing", "user-management--redis") in differing


def opening(namespace: str, rules: str, kind: str) -> dict[str, Any]:
    spec = {"podSelector": {}, rules: [{}], "policyTypes": [kind]}
    metadata = {"name": "opened", "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def test_the_policy_pack_stops_a_hand_written_object_before_it_exists(up: Cluster) -> None:
    program = up.checkout.root / "__main__.py"
    text = program.read_text()
    by_hand = (
        "\nbody = {'metadata': {'name': 'opened', 'namespace': 'order-processing--order-processing'},\n"
        "        'spec': {'podSelector': {}, 'ingress': [{}]}}\n"
        f"{CLUSTER}\nopts = pulumi.ResourceOptions(provider=cluster)\n"
        "pulumi.CustomResource('kubernetes:networking.k8s.io/v1:NetworkPolicy', 'opened', body, opts)\n"
    )
    program.write_text(text + by_hand)
    try:
        words = ("--yes", "--skip-preview", "--non-interactive", "--policy-pack", "policies")
        refused = up.checkout.run("pulumi", "up", "-s", STACK, *words)
    finally:
        program.write_text(text)
    assert refused.returncode != 0
    assert "it opens a way that the plan does not have" in refused.stdout
    assert up.kubectl("get", "networkpolicy", "opened", f"--namespace={ORDERS}").returncode != 0


def test_destroying_what_runs_keeps_volumes_and_the_next_up_finds_the_data(up: Cluster) -> None:
    count = ("plat", "exec", "order-processing", *HERE, "--", "psql", "-Atc", "SELECT count(*) FROM orders")
    before = up.checkout.done(*count)
    up.checkout.done("plat", "destroy", "order-processing", *HERE)
    assert up.get("persistentvolumeclaims", f"--namespace={ORDERS}")["items"]
    assert not up.get("pods", f"--namespace={ORDERS}")["items"]
    assert "all as declared" in up.checkout.done("plat", "up", "order-processing", *HERE)
    assert up.checkout.done(*count) == before


def test_removing_data_takes_two_steps(up: Cluster) -> None:
    refused = up.checkout.run("plat", "destroy", "order-processing", *HERE, "--with-data")
    assert refused.returncode == 2
    assert "--confirm order-processing" in refused.stdout
    up.checkout.done("plat", "destroy", "order-processing", *HERE, "--with-data", "--confirm", "order-processing")
    assert not up.get("namespaces", f"--selector={labels.PART_OF}=order-processing")["items"]
