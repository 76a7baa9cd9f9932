"""The cluster itself: everything that landscapes rely on is really there."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from plat.kubernetes import pods
from tests.integration.cluster.conftest import BASE, Cluster, eventually

NAMESPACE = "trial"


@pytest.fixture(scope="module")
def trial(cluster: Cluster) -> Iterator[str]:
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": NAMESPACE, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
        }
    )
    yield NAMESPACE
    cluster.done("delete", "namespace", NAMESPACE, "--wait=true")


def pod(name: str, *command: str, volumes: list[Any] | None = None, mounts: list[Any] | None = None) -> dict[str, Any]:
    container = pods.container("main", BASE, 128, "IfNotPresent", command=list(command), volumeMounts=mounts or [])
    found = pods.pod({"app": name}, [container], restartPolicy="Never", volumes=volumes or [])
    found["metadata"] |= {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "Pod", **found}


def runs(cluster: Cluster, name: str) -> None:
    cluster.done("wait", f"--namespace={NAMESPACE}", "--for=condition=Ready", f"pod/{name}", "--timeout=120s")


def says(cluster: Cluster, name: str, *command: str) -> subprocess.CompletedProcess[str]:
    return cluster.kubectl("exec", f"--namespace={NAMESPACE}", name, "--", *command)


def test_its_one_node_is_ready_and_a_second_up_changes_nothing(cluster: Cluster) -> None:
    (node,) = cluster.get("nodes")["items"]
    assert {item["type"]: item["status"] for item in node["status"]["conditions"]}["Ready"] == "True"
    again = cluster.toolchain("up")
    assert again.returncode == 0
    assert "the cluster was up already" in again.stdout


def test_a_pod_that_is_not_restricted_is_refused(cluster: Cluster, trial: str) -> None:
    bad = pod("bad", "sleep", "1")
    bad["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    refused = cluster.kubectl("apply", "--filename=-", given=json.dumps(bad))
    assert refused.returncode != 0
    assert 'violates PodSecurity "restricted' in refused.stdout, trial


@pytest.mark.usefixtures("trial")
def test_policies_close_and_open_and_names_are_answered(cluster: Cluster) -> None:
    serve = (
        "import http.server; http.server.ThreadingHTTPServer(('', 8080), http.server.BaseHTTPRequestHandler).serve_forever()"
    )
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "door", "namespace": NAMESPACE},
        "spec": {"selector": {"app": "door"}, "ports": [{"port": 8080}]},
    }
    cluster.apply(pod("door", "python", "-c", serve), pod("visitor", "sleep", "600"), service)
    runs(cluster, "door")
    runs(cluster, "visitor")

    def comes_in() -> bool:
        return says(cluster, "visitor", "nc", "-z", "-w", "3", "door.trial.svc.cluster.local", "8080").returncode == 0

    eventually(comes_in)
    closed = policy("closed", {"podSelector": {}, "policyTypes": ["Ingress"]})
    cluster.apply(closed)
    eventually(lambda: not comes_in())
    peer = {"from": [{"podSelector": {"matchLabels": {"app": "visitor"}}}]}
    cluster.apply(policy("opened", {"podSelector": {"matchLabels": {"app": "door"}}, "ingress": [peer]}))
    eventually(comes_in)


def policy(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


@pytest.mark.usefixtures("trial")
def test_what_is_on_a_volume_outlives_its_pod(cluster: Cluster) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "kept", "namespace": NAMESPACE},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    volume = [{"name": "kept", "persistentVolumeClaim": {"claimName": "kept"}}]
    mounts = [pods.mount("kept", "/kept", writable=True)]
    cluster.apply(claim, pod("writer", "sh", "-c", "echo 42 > /kept/answer", volumes=volume, mounts=mounts))
    cluster.done(
        "wait", f"--namespace={NAMESPACE}", "--for=jsonpath={.status.phase}=Succeeded", "pod/writer", "--timeout=120s"
    )
    cluster.done("delete", "pod", "writer", f"--namespace={NAMESPACE}", "--wait=true")
    cluster.apply(pod("reader", "sh", "-c", "cat /kept/answer; sleep 600", volumes=volume, mounts=mounts))
    runs(cluster, "reader")
    assert cluster.done("logs", "reader", f"--namespace={NAMESPACE}") == "42\n"
