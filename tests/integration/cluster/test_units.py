"""The worked example on a real cluster with stacks for each unit: brought up, changed, killed, removed in part, and moved."""

from __future__ import annotations

import json
import random
import re
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest

from plat.kubernetes import labels
from tests.integration.cluster.conftest import Cluster
from tests.integration.main_job.checkout import KILLS, kill_session

pytestmark = pytest.mark.timeout(1200)
NAME, ENVIRONMENT = "orders-apart", "cluster-units"
HERE = ("-e", ENVIRONMENT)
PLATFORM, ORDERS, NOTIFICATION = (f"{NAME}--{unit}" for unit in ("platform", "order-processing", "notification"))
SHARES = {
    "platform": "platform-team",
    "platform_access": "platform-team",
    "notification": "engagement-team",
    "notification_access": "platform-team",
    "order-processing": "orders-team",
    "order-processing_access": "platform-team",
    "user-management": "identity-team",
}
CURRENT = dict.fromkeys(SHARES, "current")
ROW = "00000000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def landscape(cluster: Cluster) -> Iterator[Cluster]:
    folder = cluster.checkout.root / "contexts"
    shutil.copytree(folder / "order-processing", folder / NAME)
    file = folder / NAME / "landscape.yaml"
    file.write_text(file.read_text().replace("name: order-processing ", f"name: {NAME} ", 1))
    try:
        yield cluster
    finally:
        shape(cluster, "unit")
        cluster.checkout.run("plat", "destroy", NAME, *HERE, "--with-data", "--confirm", NAME, timeout=300)
        shutil.rmtree(folder / NAME)


@pytest.fixture(scope="module")
def up(landscape: Cluster) -> Cluster:
    ran = landscape.checkout.run("plat", "up", NAME, *HERE, timeout=900)
    assert ran.returncode == 0, ran.stdout
    assert re.search(r"\d+ tried: \d+ open, \d+ closed, all as declared", ran.stdout), ran.stdout
    statement = f"insert into orders values ('{ROW}', '42', '[]', 1, now())"  # noqa: S608 - a constant
    landscape.checkout.done("plat", "exec", "order-processing", "-l", NAME, *HERE, "--", "psql", "-c", statement)
    return landscape


def shape(cluster: Cluster, stacks: str) -> None:
    """Says in the environment which stacks there are."""
    file = cluster.checkout.root / "stacks" / "environments" / f"{ENVIRONMENT}.yaml"
    file.write_text(re.sub(r"^stacks: .*$", f"stacks: {stacks}", file.read_text(), flags=re.MULTILINE))


def states(cluster: Cluster, *words: str, code: int = 0) -> dict[str, str]:
    """How it ended for each share."""
    ran = cluster.checkout.run("plat", *words, *HERE, "--json", timeout=900)
    assert ran.returncode == code, ran.stdout
    found: dict[str, Any] = json.loads(ran.stdout[0 if ran.stdout.startswith("{") else ran.stdout.index("\n{\n") :])
    return {share["share"]: share["state"] for share in found["shares"]}


def stack(share: str) -> str:
    return f"{NAME}.{share}.{ENVIRONMENT}"


def has_row(cluster: Cluster) -> bool:
    words = ("plat", "exec", "order-processing", "-l", NAME, *HERE, "--", "psql", "-Atc", "select order_id from orders")
    return ROW in cluster.checkout.done(*words).split()


def at_broker(cluster: Cluster, *words: str) -> str:
    """What the broker's own command line says."""
    pods = cluster.get("pods", f"--namespace={PLATFORM}", f"--selector={labels.SERVER}=platform--rabbitmq")["items"]
    name = pods[0]["metadata"]["name"]
    return cluster.done("exec", f"--namespace={PLATFORM}", name, "-c", "rabbitmq", "--", "rabbitmqctl", "--quiet", *words)


def holds(cluster: Cluster) -> None:
    ran = cluster.checkout.run("plat", "verify", NAME, *HERE)
    assert "all as declared" in ran.stdout, ran.stdout


def test_a_second_run_finds_every_stack_current(up: Cluster) -> None:
    assert states(up, "up", NAME) == CURRENT


def test_a_stack_by_hand_is_a_stack_like_any_other(up: Cluster) -> None:
    for share in ("platform", "platform_access", "notification_access", "notification"):
        words = ("--yes", "--skip-preview", "--non-interactive", "--policy-pack", "policies", "--expect-no-changes")
        up.checkout.done("pulumi", "up", "-s", stack(share), *words)


def test_no_stack_holds_a_secret_that_is_not_its_own_and_no_pod_is_given_one(up: Cluster) -> None:
    secrets = {share: up.checkout.secrets(stack(share)) for share in SHARES}
    own = {share: set(found.values()) for share, found in secrets.items()}
    everything = set().union(*own.values())
    for share in ("notification", "order-processing", "user-management"):
        shown = up.checkout.done("pulumi", "stack", "export", "-s", stack(share), "--show-secrets")
        assert {value for value in everything if value in shown} == own[share]
    assert not own["notification"] & own["order-processing"]
    for share in ("order-processing_access", "notification_access"):
        task = up.checkout.done("pulumi", "stack", "export", "-s", stack(share), "--show-secrets")
        others = "notification" if share.startswith("order") else "order-processing"
        assert not [name for name, value in secrets[f"{others}_access"].items() if value in task and name.startswith("broker")]
    assert secrets["platform_access"] == {}


def test_a_change_of_one_context_reaches_its_own_stack_alone(up: Cluster) -> None:
    descriptor = up.checkout.root / "contexts" / NAME / "notification.yaml"
    before = descriptor.read_text()
    descriptor.write_text(before.replace("port: 8080 ", "port: 8080\n    environment: {GREETING: hello}  #"))
    assert states(up, "up", NAME) == {**CURRENT, "notification": "done"}
    descriptor.write_text(before)
    assert states(up, "up", NAME, "notification") == {"notification": "done", "notification_access": "current"}


def test_a_new_context_at_the_broker_changes_nothing_of_the_platforms(up: Cluster) -> None:
    folder = up.checkout.root / "contexts" / NAME
    text = (folder / "notification.yaml").read_text().replace("order_queue", "again_queue")
    # Another context by the same program.
    named = re.sub(r"(?<![./])\bnotification\b", "reminders", text)
    (folder / "reminders.yaml").write_text(named)
    try:
        found = states(up, "up", NAME)
        assert {share for share, state in found.items() if state == "done"} == {
            "reminders",
            "reminders_access",
            "platform_access",
        } | ({"order-processing"} if found["order-processing"] == "done" else set())
        assert found["platform"] == "current"
        holds(up)
        assert "reminders" in at_broker(up, "list_users")
    finally:
        (folder / "reminders.yaml").unlink()
    # What is gone from the map is let in nowhere any more, although its own stacks are still there.
    states(up, "up", NAME)
    assert "reminders" not in at_broker(up, "list_users")
    for share in ("reminders", "reminders_access"):
        up.checkout.done("pulumi", "destroy", "-s", stack(share), "--yes", "--skip-preview", "--non-interactive")
        up.checkout.done("pulumi", "stack", "rm", stack(share), "--yes", "--force")
    assert not up.get("namespaces", f"--selector={labels.PART_OF}={NAME},{labels.UNIT}=reminders")["items"]


def test_who_is_removed_has_no_rights_left_and_comes_back(up: Cluster) -> None:
    assert states(up, "destroy", NAME, "notification") == dict.fromkeys(
        ("notification", "notification_access", "platform_access"), "done"
    )
    assert "notification" not in at_broker(up, "list_users")
    assert "order-processing.events" not in at_broker(up, "list_bindings", "-p", NAME)
    assert not up.get("namespaces", f"--selector={labels.PART_OF}={NAME},{labels.UNIT}=notification")["items"]
    refused = up.checkout.run("plat", "destroy", NAME, "platform", *HERE)
    assert refused.returncode
    assert "needs platform" in refused.stdout
    states(up, "up", NAME)
    holds(up)
    assert has_row(up)


def test_two_teams_at_once_do_not_wait_for_each_other(up: Cluster) -> None:
    running = [up.checkout.start("plat", "up", NAME, unit, *HERE, "--force") for unit in ("notification", "order-processing")]
    for each in running:
        printed, _ = each.communicate(timeout=600)
        assert each.returncode == 0, printed
    assert states(up, "up", NAME) == CURRENT


def test_a_run_that_is_killed_anywhere_is_finished_by_the_next(up: Cluster) -> None:
    dice = random.Random(7)  # noqa: S311 - moments are no secret
    descriptor = up.checkout.root / "contexts" / NAME / "notification.yaml"
    before = descriptor.read_text()
    for number in range(KILLS):
        changed = f"port: 8080\n    environment: {{NUMBER: '{number}'}}  #"
        descriptor.write_text(before.replace("port: 8080 ", changed))
        process = up.checkout.start("plat", "up", NAME, *HERE, "--force")
        time.sleep(dice.uniform(1, 20))
        kill_session(process)
    descriptor.write_text(before)
    assert set(states(up, "up", NAME).values()) <= {"current", "done"}
    assert states(up, "up", NAME) == CURRENT
    assert has_row(up)
    holds(up)


def test_who_works_inside_of_the_broker_does_what_is_planned_and_nothing_else(up: Cluster) -> None:
    # Two minutes after its end the one of the last update is gone.
    up.checkout.done("plat", "up", NAME, "order-processing", *HERE, "--refresh", "--force")
    jobs = up.get("jobs", f"--namespace={PLATFORM}")["items"]
    job = next(item for item in jobs if "--order-processing--inside" in item["metadata"]["name"])
    again: dict[str, Any] = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "by-hand", "namespace": PLATFORM, "labels": job["metadata"]["labels"]},
        "spec": {"template": {"metadata": {"labels": {}}, "spec": job["spec"]["template"]["spec"]}},
    }
    own = (labels.UNIT, labels.TEAM, labels.INSIDE)
    again["spec"]["template"]["metadata"]["labels"] = {key: job["spec"]["template"]["metadata"]["labels"][key] for key in own}
    refused = up.kubectl("create", "--filename=-", given=json.dumps(again))
    assert refused.returncode, "it mounts the task of another"
    assert "it is labelled as what the plan has" in refused.stdout or "it mounts the secret" in refused.stdout
    container = again["spec"]["template"]["spec"]["containers"][0]
    again["spec"]["template"]["spec"]["volumes"][0]["secret"]["secretName"] = "by-hand"
    alike = up.kubectl("create", "--dry-run=server", "--filename=-", given=json.dumps(again))
    assert alike.returncode == 0, alike.stdout
    container["command"] = ["sleep", "3600"]
    refused = up.kubectl("create", "--filename=-", given=json.dumps(again))
    assert refused.returncode
    assert "it is labelled as what the plan has" in refused.stdout


def test_an_audit_finds_what_hands_have_made(up: Cluster) -> None:
    clean = up.checkout.run("plat", "audit", NAME, *HERE, "--live")
    assert clean.returncode == 0, clean.stdout
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "by-hand", "namespace": NOTIFICATION},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
    }
    up.apply(policy)
    found = up.checkout.run("plat", "audit", NAME, *HERE, "--live")
    up.done("delete", "networkpolicy", "by-hand", f"--namespace={NOTIFICATION}")
    assert found.returncode == 1, found.stdout
    assert "by-hand" in found.stdout


def test_moving_into_one_stack_and_back_replaces_nothing_and_loses_no_row(up: Cluster) -> None:
    def kept() -> dict[str, str]:
        """What must be the very same thing afterwards, by the identity that the cluster gave it."""
        kinds = "namespaces,persistentvolumeclaims,statefulsets,deployments,services"
        found = up.get(kinds, "--all-namespaces", f"--selector={labels.PART_OF}={NAME}")["items"]
        return {f"{item['kind']} {item['metadata']['name']}": item["metadata"]["uid"] for item in found}

    before = kept()
    for stacks, command in (("landscape", ("pulumi", "up", "-s", f"{NAME}.{ENVIRONMENT}")), ("unit", ())):
        shape(up, stacks)
        refused = up.checkout.run("plat", "up", NAME, *HERE)
        assert refused.returncode
        assert "plat restack" in refused.stdout
        up.checkout.done("plat", "restack", NAME, *HERE, "--yes")
        ran = up.checkout.run("plat", "up", NAME, *HERE, timeout=900)
        assert "all as declared" in ran.stdout, ran.stdout
        assert kept() == before
        assert has_row(up)
        if command:
            words = ("--yes", "--skip-preview", "--non-interactive", "--policy-pack", "policies", "--expect-no-changes")
            up.checkout.done(*command, *words)
    assert states(up, "up", NAME) == CURRENT


def test_everything_goes_where_that_is_confirmed(up: Cluster) -> None:
    up.checkout.done("plat", "destroy", NAME, *HERE)
    assert up.get("persistentvolumeclaims", f"--namespace={ORDERS}")["items"]
    states(up, "up", NAME)
    assert has_row(up)
    up.checkout.done("plat", "destroy", NAME, *HERE, "--with-data", "--confirm", NAME)
    assert not up.get("namespaces", f"--selector={labels.PART_OF}={NAME}")["items"]
    assert NAME not in up.checkout.done("pulumi", "stack", "ls")
