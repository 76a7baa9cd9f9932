"""RabbitMQ by its own operators, on three nodes: the same rights, and nothing that was confirmed is lost with a node."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from components.kubernetes.objects import objects_of
from components.kubernetes.operated import INSIDE
from plat.kubernetes import labels
from plat.project import Project
from tests.integration.cluster.conftest import CLUSTER, Cluster, eventually
from tests.integration.main_job.checkout import changes

LANDSCAPE, ENVIRONMENT, NODES = "orders-by-operators", "with-rabbitmq", 3
STACK, HERE = f"{LANDSCAPE}.{ENVIRONMENT}", ("-e", ENVIRONMENT, "-l", LANDSCAPE)
ORDERS, PLATFORM = f"{LANDSCAPE}--order-processing", f"{LANDSCAPE}--platform"
SERVER, API = "platform--rabbitmq", "rabbitmq.com/v1beta1"
UPDATE = ("pulumi", "up", "-s", STACK, "--yes", "--skip-preview", "--non-interactive", "--policy-pack", "policies")
SETTINGS = f"  operators: [rabbitmq]\n  broker-replicas: {NODES}\n"
ORDER = """
import json, os, sys, time, urllib.error, urllib.request
body = json.dumps({"user_id": "42", "order_items": [{"sku": "tea"}], "total_amount": 19.9}).encode()
address = f"http://127.0.0.1:{os.environ['PORT']}/orders"
end = time.monotonic() + float(sys.argv[1])
while True:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body), timeout=20) as answer:
            print(answer.status, json.load(answer)["order_id"], time.time(), flush=True)
    except (OSError, urllib.error.URLError) as error:
        print("0", type(error).__name__, time.time(), flush=True)
    if time.monotonic() > end:
        break
    time.sleep(0.05)
"""
"""Places one order, and further ones for some seconds. 201 is said once the broker has confirmed the order's message."""

UNREADABLE = """
import os, pika
with pika.BlockingConnection(pika.URLParameters(os.environ["BROKER_URL"])) as connection:
    channel = connection.channel()
    channel.confirm_delivery()
    channel.basic_publish("order-processing.events", "OrderPlaced.v1", b"{}", pika.BasicProperties(delivery_mode=2))
"""
"""Nobody who consumes orders can make anything of it."""


@pytest.fixture(scope="module")
def up(cluster: Cluster) -> Iterator[Cluster]:
    root = cluster.checkout.root
    shutil.copytree(root / "contexts" / "order-processing", root / "contexts" / LANDSCAPE)
    described = root / "contexts" / LANDSCAPE / "landscape.yaml"
    described.write_text(described.read_text().replace("name: order-processing", f"name: {LANDSCAPE}"))
    environments = root / "stacks" / "environments"
    text = (environments / "cluster.yaml").read_text().replace("name: cluster\n", f"name: {ENVIRONMENT}\n")
    (environments / f"{ENVIRONMENT}.yaml").write_text(text + SETTINGS)
    try:
        ran = cluster.checkout.run("plat", "up", LANDSCAPE, "-e", ENVIRONMENT, timeout=590)
        assert ran.returncode == 0, ran.stdout
        assert re.search(r"\d+ tried: \d+ open, \d+ closed, all as declared", ran.stdout), ran.stdout
        yield cluster
    finally:
        words = ("plat", "destroy", LANDSCAPE, "-e", ENVIRONMENT, "--with-data", "--confirm", LANDSCAPE)
        cluster.checkout.run(*words, timeout=300)


def control(cluster: Cluster, *words: str) -> Any:  # noqa: ANN401 - whatever was asked for
    """What the broker says of itself."""
    said = cluster.checkout.done("plat", "exec", *HERE, SERVER, "--", "rabbitmqctl", "--quiet", "--formatter", "json", *words)
    return json.loads(said[said.index("[") :])


def queue(cluster: Cluster, name: str) -> dict[str, Any]:
    asked = ("name", "type", "leader", "members", "online", "messages")
    found = {row["name"]: row for row in control(cluster, "list_queues", "--vhost", LANDSCAPE, *asked)}
    row = found[name]
    assert isinstance(row, dict)
    return row


def order(cluster: Cluster, seconds: int = 0) -> list[str]:
    """The command that places orders."""
    pod = ["exec", f"--namespace={ORDERS}", "deployment/order-processing", "--"]
    return ["kubectl", "--kubeconfig", str(cluster.kubeconfig), *pod, "python", "-c", ORDER, str(seconds)]


def told(cluster: Cluster) -> set[str]:
    """The orders that customers have been told about."""
    found = cluster.done(
        "logs",
        f"--namespace={LANDSCAPE}--notification",
        f"--selector={labels.WORKLOAD}=notification",
        "--tail=-1",
    )
    return set(re.findall(r"of order (\S+)", found))


def an_order_arrives(cluster: Cluster) -> None:
    placed = subprocess.run(order(cluster), stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout.split()
    assert placed[0] == "201"
    eventually(lambda: placed[1] in told(cluster))


def rights(cluster: Cluster) -> list[Any]:
    return [
        sorted(control(cluster, asked, "--vhost", LANDSCAPE), key=json.dumps)
        for asked in ("list_permissions", "list_topic_permissions")
    ]


@pytest.mark.timeout(900)
def test_a_second_update_changes_nothing(up: Cluster) -> None:
    again = up.checkout.done(*UPDATE)
    assert re.fullmatch(r"\d+ unchanged", changes(again)), changes(again)


def test_an_order_arrives(up: Cluster) -> None:
    an_order_arrives(up)


def test_objects_are_as_planned_and_there_are_no_others(up: Cluster) -> None:
    planned = {
        (item.kind, item.name): item.content["spec"]
        for item in objects_of(Project(up.checkout.root).plan(STACK))
        if item.api_version == API and item.kind in INSIDE
    }
    kinds = ",".join(f"{kind}.{API.partition('/')[0]}" for kind in INSIDE)
    found = up.get(kinds, f"--namespace={PLATFORM}")["items"]
    assert {(item["kind"], item["metadata"]["name"]): item["spec"] for item in found} == planned
    for item in found:
        assert {each["type"]: each["status"] for each in item["status"]["conditions"]} == {"Ready": "True"}


def test_the_broker_is_one_cluster_and_holds_each_message_on_every_node(up: Cluster) -> None:
    assert {len(queue(up, name)["online"]) for name in ("order_queue", "order_queue.dead")} == {NODES}
    assert {queue(up, name)["type"] for name in ("order_queue", "order_queue.dead")} == {"quorum"}
    users = {row["user"]: row["tags"] for row in control(up, "list_users")}
    assert users == {"admin": ["administrator"], "notification": [], "order-processing": []}


def inside(kind: str, **spec: object) -> dict[str, Any]:
    metadata = {"name": "by-hand", "namespace": PLATFORM, "labels": {labels.TEAM: "engagement-team"}}
    content = {**spec, "rabbitmqClusterReference": {"name": SERVER}}
    return {"apiVersion": API, "kind": kind, "metadata": metadata, "spec": content}


EVERYTHING = {"configure": ".*", "write": ".*", "read": ".*"}
BY_HAND: Mapping[str, tuple[dict[str, Any], str]] = {
    "a right to everything": (
        inside("Permission", vhost=LANDSCAPE, user="notification", permissions=EVERYTHING),
        "matches names that it does not name",
    ),
    "an identity of its own": (
        inside("User", tags=["administrator"], importCredentialsSecret={"name": "notification--broker"}),
        "a tag gives a user the broker's administration",
    ),
    "another event into a queue": (
        inside(
            "Binding",
            vhost=LANDSCAPE,
            source="order-processing.events",
            destination="order_queue",
            destinationType="queue",
            routingKey="#",
        ),
        "order-processing.events",
    ),
}


@pytest.mark.parametrize("what", BY_HAND)
def test_the_cluster_refuses_what_is_made_by_hand(up: Cluster, what: str) -> None:
    refused = up.kubectl("create", "--filename=-", given=json.dumps(BY_HAND[what][0]))
    assert refused.returncode != 0, refused.stdout
    assert f"ValidatingAdmissionPolicy '{LANDSCAPE}.kinds'" in refused.stdout
    assert "nothing here knows this kind" in refused.stdout


SOMEBODY_ELSE = ("--as=another-administrator", "--as-group=system:masters")
WIDER = ("--type=merge", "--patch", json.dumps({"spec": {"permissions": EVERYTHING}}))


@pytest.mark.parametrize(
    ("words", "policy"),
    [
        (("patch", "permissions.rabbitmq.com", "notification", *WIDER), "rights"),
        ((*SOMEBODY_ELSE, "label", "permissions.rabbitmq.com", "notification", "changed=yes"), "hands"),
        ((*SOMEBODY_ELSE, "delete", "users.rabbitmq.com", "notification"), "hands"),
        ((*SOMEBODY_ELSE, "delete", "rabbitmqclusters.rabbitmq.com", SERVER), "hands"),
    ],
    ids=["who provisions widens a right", "somebody else changes it", "removes a user", "removes the broker"],
)
def test_what_is_planned_stays_as_planned(up: Cluster, words: tuple[str, ...], policy: str) -> None:
    refused = up.kubectl(*words, f"--namespace={PLATFORM}")
    assert refused.returncode != 0, refused.stdout
    assert f"ValidatingAdmissionPolicy '{LANDSCAPE}.{policy}'" in refused.stdout


@pytest.mark.timeout(600)
@pytest.mark.parametrize("what", BY_HAND)
def test_the_policy_pack_refuses_it_before_it_exists(up: Cluster, what: str) -> None:
    item, words = BY_HAND[what]
    program = up.checkout.root / "__main__.py"
    text = program.read_text()
    body = {key: item[key] for key in ("metadata", "spec")}
    token = f"kubernetes:{API}:{item['kind']}"
    program.write_text(
        f"{text}\n{CLUSTER}\nopts = pulumi.ResourceOptions(provider=cluster)\n"
        f"pulumi.CustomResource({token!r}, 'by-hand', {body!r}, opts)\n"
    )
    try:
        refused = up.checkout.run(*UPDATE)
    finally:
        program.write_text(text)
    assert refused.returncode != 0, refused.stdout
    assert words in refused.stdout, refused.stdout
    assert "by-hand" not in up.done("get", f"{item['kind']}.rabbitmq.com", f"--namespace={PLATFORM}")


@pytest.mark.timeout(900)
def test_a_password_that_is_generated_anew_is_the_one_that_the_broker_asks_for(up: Cluster) -> None:
    ref = "broker/order-processing"
    before, held = up.checkout.secrets(STACK), rights(up)
    urn = next(item["urn"] for item in up.checkout.state(STACK)["deployment"]["resources"] if item["urn"].endswith(f"::{ref}"))
    up.checkout.done(*UPDATE, "--replace", urn)
    after = up.checkout.secrets(STACK)

    def lets_in(password: str) -> bool:
        pod = ("exec", "--stdin", f"--namespace={PLATFORM}", f"{SERVER}-server-0", "--")
        return up.kubectl(*pod, "rabbitmqctl", "authenticate_user", "order-processing", given=password).returncode == 0

    assert {name for name in before if before[name] != after[name]} == {ref}
    assert (lets_in(before[ref]), lets_in(after[ref])) == (False, True)
    assert rights(up) == held
    an_order_arrives(up)
    assert "all as declared" in up.checkout.done("plat", "verify", LANDSCAPE, "-e", ENVIRONMENT)


@pytest.mark.timeout(900)
def test_a_node_that_is_lost_takes_nothing_along_that_was_confirmed(up: Cluster) -> None:
    leader = queue(up, "order_queue")["leader"]
    with subprocess.Popen(order(up, seconds=60), stdout=subprocess.PIPE, text=True) as placing:
        assert placing.stdout
        assert placing.stdout.readline().startswith("201 ")
        pod = leader.partition("@")[2].partition(".")[0]
        up.done("delete", "pod", pod, f"--namespace={PLATFORM}", "--force", "--grace-period=0")
        lost = time.time()
        placed = [line.split() for line in placing.stdout]
    confirmed = {name: float(when) for status, name, when in placed if status == "201"}
    assert max(confirmed.values()) > lost + 1, "nothing was confirmed by the nodes that were left"
    eventually(lambda: confirmed.keys() <= told(up), seconds=120)

    up.done("rollout", "status", f"statefulset/{SERVER}-server", f"--namespace={PLATFORM}", "--timeout=240s")
    eventually(lambda: len(queue(up, "order_queue")["online"]) == NODES)
    assert "all as declared" in up.checkout.done("plat", "verify", LANDSCAPE, "-e", ENVIRONMENT)


@pytest.mark.timeout(900)
def test_messages_stay_when_what_runs_is_destroyed(up: Cluster) -> None:
    up.done("exec", f"--namespace={ORDERS}", "deployment/order-processing", "--", "python", "-c", UNREADABLE)
    eventually(lambda: bool(queue(up, "order_queue.dead")["messages"] == 1))
    up.checkout.done("plat", "destroy", LANDSCAPE, "-e", ENVIRONMENT)
    assert not up.get("pods", f"--namespace={PLATFORM}")["items"]
    volumes = {item["metadata"]["name"] for item in up.get("persistentvolumeclaims", f"--namespace={PLATFORM}")["items"]}
    assert volumes == {f"persistence-{SERVER}-server-{node}" for node in range(NODES)}

    again = up.checkout.run("plat", "up", LANDSCAPE, "-e", ENVIRONMENT, timeout=590)
    assert "all as declared" in again.stdout, again.stdout
    assert queue(up, "order_queue.dead")["messages"] == 1
    an_order_arrives(up)


@pytest.mark.timeout(600)
def test_data_are_removed_in_two_steps(up: Cluster) -> None:
    refused = up.checkout.run("plat", "destroy", LANDSCAPE, "-e", ENVIRONMENT, "--with-data")
    assert refused.returncode == 2
    assert f"--confirm {LANDSCAPE}" in refused.stdout
    up.checkout.done("plat", "destroy", LANDSCAPE, "-e", ENVIRONMENT, "--with-data", "--confirm", LANDSCAPE)
    ours = f"--selector={labels.PART_OF}={LANDSCAPE}"
    assert not up.get("namespaces,validatingadmissionpolicies,validatingadmissionpolicybindings", ours)["items"]
