"""Why something does not start is told by `plat up`, while it waits and at its end, whatever the reason is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from plat.kubernetes import labels
from tests.integration.cluster.conftest import Cluster, eventually

NAME = "reasons"
HERE = ("-e", "poor")
CONTEXT = """
apiVersion: plat/v1
kind: Context
name: {name}
team: shop-team
subdomain: core
purpose: Does not start.
{more}
deployables:
  - {{name: {name}, image: "{image}", command: {command}, port: 8080}}
"""
LANDSCAPE = """
apiVersion: plat/v1
kind: Landscape
name: reasons
title: Reasons
purpose: Everything that keeps a pod from starting.
teams: [{name: shop-team}]
platform-team: shop-team
"""
SLEEPS = ["sleep", "6000"]
TELLS_ALL = ["python", "-c", "import os; print(dict(os.environ)); raise SystemExit('no configuration')"]
REFUSES = ["python", "-m", "http.server", "8080", "--directory", "/tmp"]  # noqa: S108 - a pod's own
EXISTS = "docker.io/plat/base:dev"
EPHEMERAL = "datastore: {type: redis, durability: ephemeral}"
CONTEXTS = {
    "absent": ("registry.example/absent:9", SLEEPS, ""),
    "talkative": (EXISTS, TELLS_ALL, EPHEMERAL),
    "unready": (EXISTS, REFUSES, ""),
    "crowded": (EXISTS, SLEEPS, ""),
    "forbidden": (EXISTS, SLEEPS, ""),
    "homeless": (EXISTS, SLEEPS, "datastore: {type: postgresql}"),
}


def namespace(context: str) -> str:
    return f"{NAME}--{context}"


def no_pods(context: str) -> list[dict[str, object]]:
    """An admission policy that lets no pod into the context's namespace, and touches no other."""
    named = {"matchLabels": {"kubernetes.io/metadata.name": namespace(context)}}
    pods = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    policy = {
        "matchConstraints": {"resourceRules": [pods], "namespaceSelector": named},
        "validations": [{"expression": "false", "message": "no pods on a Saturday"}],
    }
    binding = {"policyName": f"{NAME}-no-pods", "validationActions": ["Deny"]}
    kinds = {"ValidatingAdmissionPolicy": policy, "ValidatingAdmissionPolicyBinding": binding}
    api = "admissionregistration.k8s.io/v1"
    return [
        {"apiVersion": api, "kind": kind, "metadata": {"name": f"{NAME}-no-pods"}, "spec": spec}
        for kind, spec in kinds.items()
    ]


@pytest.fixture(scope="module")
def refused(cluster: Cluster) -> Iterator[tuple[Cluster, str]]:
    """What `plat up` printed of a landscape of which nothing starts."""
    root = cluster.checkout.root
    folder = root / "contexts" / NAME
    folder.mkdir()
    (folder / "landscape.yaml").write_text(LANDSCAPE)
    for name, (image, command, more) in CONTEXTS.items():
        text = CONTEXT.format(name=name, image=image, command=json.dumps(command), more=more)
        (folder / f"{name}.yaml").write_text(text)
    environments = root / "stacks" / "environments"
    text = (environments / "cluster.yaml").read_text().replace("name: cluster", "name: poor")
    (environments / "poor.yaml").write_text(text.replace("cluster:\n  kube", "cluster:\n  storage-class: absent\n  kube"))
    admission = no_pods("forbidden")
    crowded = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace("crowded")}}
    full = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "full", "namespace": namespace("crowded")},
        "spec": {"hard": {"pods": "0"}},
    }
    cluster.apply(*admission, crowded, full)
    try:
        ran = cluster.checkout.run("plat", "up", NAME, *HERE, timeout=900)
        assert ran.returncode == 1, ran.stdout
        yield cluster, ran.stdout
    finally:
        cluster.checkout.run("plat", "destroy", NAME, *HERE, "--with-data", "--confirm", NAME, timeout=300)
        for item in admission:
            cluster.done("delete", str(item["kind"]), f"{NAME}-no-pods")


REASONS = {
    "an image that nobody has": r"absent does not start \(image\): `registry.example/absent:9` cannot be pulled: .+\n +name",
    "a program that ends": r"talkative does not start \(crash\): Error, exit code 1\n( +\| .*\n)+ +mend what its log says",
    "a probe that gets no good answer": r"unready does not start \(probe\): \w+ probe failed: .+ with statuscode: 404\n",
    "a quota": r"crowded does not start \(quota\): pods \"crowded-.+ is forbidden: exceeded quota: full, requested: pods=1",
    "an admission policy": r"forbidden does not start \(policy\): pods \"forbidden-.+ is forbidden: .+no pods on a Saturday",
    "a volume that nobody provides": (
        r"homeless--postgresql does not start \(volume\): volume claim `homeless--postgresql` is not bound: "
        r'storageclass.storage.k8s.io "absent" not found'
    ),
}


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("case", REASONS)
def test_the_reason_is_told_at_the_end(refused: tuple[Cluster, str], case: str) -> None:
    assert re.search(REASONS[case], refused[1]), refused[1]


def test_reasons_are_told_while_the_update_waits(refused: tuple[Cluster, str]) -> None:
    printed = refused[1]
    for name, kind in (("absent", "image"), ("crowded", "quota"), ("forbidden", "policy"), ("homeless--postgresql", "volume")):
        assert printed.count(f"waiting for {name} ({kind})") == 1
        assert printed.index(f"waiting for {name} ({kind})") < printed.index(f"{name} does not start ({kind})")


def test_no_secret_that_a_program_prints_is_printed_again(refused: tuple[Cluster, str]) -> None:
    cluster, printed = refused
    words = ("get", "secret", "talkative--env", f"--namespace={namespace('talkative')}")
    values = cluster.done(*words, '--output=go-template={{range .data}}{{base64decode .}}{{"\\n"}}{{end}}').splitlines()
    long = [value for value in values if len(value) > 30]
    assert long
    assert not [value for value in long if value in printed]
    assert "[secret]" in printed


def test_pods_that_pod_security_refuses_are_told_of_by_plat_status(refused: tuple[Cluster, str]) -> None:
    cluster, _ = refused
    here = f"--namespace={namespace('absent')}"
    # What gives powers of the node is refused before, by the landscape's own policies (test_admission.py).
    container = {"name": "absent", "securityContext": {"runAsUser": 0}}
    patch = {"spec": {"template": {"spec": {"containers": [container]}}}}
    cluster.done("patch", "deployment", "absent", here, "--patch", json.dumps(patch))
    cluster.done("delete", "pods", here, f"--selector={labels.WORKLOAD}=absent")

    def told() -> bool:
        return 'violates PodSecurity "restricted' in cluster.checkout.run("plat", "status", NAME, *HERE).stdout

    eventually(told, seconds=60)
