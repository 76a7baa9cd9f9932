"""The number of replicas follows the load of processors, and with KEDA the length of queues, on a real cluster."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from plat.kubernetes import labels
from tests.integration.cluster.conftest import Cluster, eventually

LANDSCAPE, ENVIRONMENT = "waves", "with-keda"
MILL, POST = (f"{LANDSCAPE}--{unit}" for unit in ("mill", "post"))
WORK = "import time; end = time.monotonic() + 240\nwhile time.monotonic() < end: pass"
PUBLISH = """
import json, os, pika
(way,) = json.loads(os.environ["PLAT_PUBLISHES"]).values()
connection = pika.BlockingConnection(pika.URLParameters(os.environ["BROKER_URL"]))
for number in range(80):
    connection.channel().basic_publish(way["exchange"], way["routing_key"], str(number))
connection.close()
"""
TAKE_ALL = """
import json, os, pika
(queue,) = json.loads(os.environ["PLAT_CONSUMES"])
pika.BlockingConnection(pika.URLParameters(os.environ["BROKER_URL"])).channel().queue_purge(queue)
"""


@pytest.fixture(scope="module")
def up(cluster: Cluster) -> Iterator[Cluster]:
    root = cluster.checkout.root
    shutil.copytree(root / "tests" / "landscapes" / LANDSCAPE, root / "contexts" / LANDSCAPE)
    environments = root / "stacks" / "environments"
    text = (environments / "cluster.yaml").read_text(encoding="utf-8")
    text = text.replace("name: cluster\n", f"name: {ENVIRONMENT}\n").replace("cluster:\n", "cluster:\n  operators: [keda]\n")
    (environments / f"{ENVIRONMENT}.yaml").write_text(text, encoding="utf-8")
    try:
        ran = cluster.checkout.run("plat", "up", LANDSCAPE, "-e", ENVIRONMENT, timeout=590)
        assert ran.returncode == 0, ran.stdout
        yield cluster
    finally:
        words = ("plat", "destroy", LANDSCAPE, "-e", ENVIRONMENT, "--with-data", "--confirm", LANDSCAPE)
        cluster.checkout.run(*words, timeout=300)
        shutil.rmtree(root / "contexts" / LANDSCAPE)
    assert not cluster.get("namespaces", f"--selector={labels.PART_OF}={LANDSCAPE}")["items"]


def replicas(cluster: Cluster, namespace: str, name: str) -> int:
    found = cluster.get("deployment", name, f"--namespace={namespace}")["status"].get("readyReplicas", 0)
    assert isinstance(found, int)
    return found


def says(cluster: Cluster, namespace: str, name: str, program: str) -> None:
    cluster.done("exec", f"--namespace={namespace}", f"deployment/{name}", "--", "python", "-c", program)


@pytest.mark.timeout(900)
def test_a_bursty_workload_grows_with_its_load(up: Cluster) -> None:
    assert replicas(up, MILL, "mill") == 1
    command = ["kubectl", "--kubeconfig", str(up.kubeconfig), "exec", f"--namespace={MILL}", "deployment/mill", "--"]
    with subprocess.Popen([*command, "python", "-c", WORK]) as working:
        try:
            eventually(lambda: replicas(up, MILL, "mill") > 1, seconds=230)
        finally:
            working.kill()
    described = up.get("hpa", "mill", f"--namespace={MILL}")
    assert described["status"]["currentMetrics"][0]["resource"]["name"] == "cpu"


@pytest.mark.timeout(900)
def test_a_queue_driven_workload_grows_with_its_queue_and_shrinks_again(up: Cluster) -> None:
    def reads_the_queue() -> bool:
        found = up.get("scaledobject", "post", f"--namespace={POST}")["status"].get("conditions", [])
        return any(each["type"] == "Ready" and each["status"] == "True" for each in found)

    eventually(reads_the_queue, seconds=120)
    assert replicas(up, POST, "post") == 1
    says(up, MILL, "mill", PUBLISH)
    eventually(lambda: replicas(up, POST, "post") == 3, seconds=180)
    says(up, POST, "post", TAKE_ALL)
    eventually(lambda: replicas(up, POST, "post") == 1, seconds=300)


def test_nobody_else_in_kedas_namespace_reaches_the_broker(up: Cluster) -> None:
    host = f"platform--rabbitmq.{LANDSCAPE}--platform.svc.cluster.local"
    image, name = "docker.io/plat/base:dev", "visitor"
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "keda"},
        "spec": {
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 0,
            "containers": [{"name": name, "image": image, "imagePullPolicy": "Never", "command": ["sleep", "600"]}],
        },
    }
    up.apply(pod)
    try:
        up.done("wait", "--namespace=keda", "--for=condition=Ready", f"pod/{name}", "--timeout=120s")
        tried = up.kubectl("exec", "--namespace=keda", name, "--", "nc", "-z", "-w", "5", host, "5672")
        assert tried.returncode != 0, tried.stdout
    finally:
        up.done("delete", "pod", name, "--namespace=keda", "--wait=false")
