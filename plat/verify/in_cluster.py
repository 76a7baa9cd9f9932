"""Tries the matrix on a cluster: from a pod beside each workload and server, with the same labels and so the same ways."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from plat.kubernetes import labels, pods
from plat.kubernetes.flows import End, pods_of
from plat.kubernetes.kubectl import ClusterProblem, Kubectl
from plat.plan.model import Plan, SecretRef
from plat.verify import elsewhere, wire
from plat.verify.cluster_network import ClusterNetwork
from plat.verify.model import Cell, Outcome
from plat.verify.report import Report
from plat.verify.vantage import placed

_AT_ONCE = 4
_PATIENCE = 120  # seconds for pods to start
_LIVES = "600"  # seconds after which a pod that nobody removes ends by itself
_MEMORY = 256


def verify(plan: Plan, secrets: Mapping[SecretRef, str], kubectl: Kubectl) -> Report:
    """Tries every right and every way of `plan`, and compares. Raises ClusterProblem where pods cannot be had for it.

    The pods that try bear the labels of workloads, are never ready, so that nobody is sent to them, and end with the run.
    """
    items = tuple(placed(plan, ClusterNetwork(plan)))
    names = {item.end: f"tries-{sha256(repr(item.end).encode()).hexdigest()[:10]}" for item in items}

    def attempt(end: End, cells: Sequence[Cell]) -> Sequence[Outcome]:
        words = ("exec", "--stdin", f"--namespace={end.namespace}", names[end], "--", *wire.PROVER)
        return wire.read_answer(kubectl.run(*words, given=wire.task(cells, secrets), timeout=600))

    with _pods(plan, names, kubectl):
        results = elsewhere.results(items, secrets, attempt, lane=lambda end: end, at_once=_AT_ONCE)
    return Report(plan.landscape, plan.environment, results)


@contextmanager
def _pods(plan: Plan, names: Mapping[End, str], kubectl: Kubectl) -> Iterator[None]:
    manifests = [_pod(plan, end, name) for end, name in names.items()]
    document = json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests})
    try:
        kubectl.run("delete", "--filename=-", "--ignore-not-found", "--now", given=document)
        kubectl.run("apply", "--filename=-", given=document)
        _await(names, kubectl)
        yield
    finally:
        kubectl.run("delete", "--filename=-", "--ignore-not-found", "--now", "--wait=false", given=document)


def _await(names: Mapping[End, str], kubectl: Kubectl) -> None:
    give_up = time.monotonic() + _PATIENCE
    while True:
        found = kubectl.listed("pods", "--all-namespaces", f"--selector={labels.TRIES}")
        phases = {item["metadata"]["name"]: item["status"].get("phase", "Pending") for item in found}
        waiting = sorted(name for name in names.values() if phases.get(name) != "Running")
        if not waiting:
            return
        if time.monotonic() > give_up:
            states = ", ".join(f"{name} is {phases.get(name, 'not there')}" for name in waiting)
            msg = f"pods to try the fences from do not start within {_PATIENCE} s: {states}"
            raise ClusterProblem(msg)
        time.sleep(0.5)


def _pod(plan: Plan, end: End, name: str) -> dict[str, Any]:
    unit = next(namespace for namespace in plan.namespaces if namespace.name == end.namespace)
    image, pull = (plan.cluster.images["plat"], plan.cluster.pull) if plan.cluster else ("", "")
    container = pods.container(
        "tries",
        image,
        _MEMORY,
        pull,
        command=["sleep", _LIVES],
        volumeMounts=[pods.mount("tmp", "/tmp", writable=True)],  # noqa: S108 - a pod's own
        readinessProbe={"exec": {"command": ["false"]}, "periodSeconds": 60},
    )
    own = pods_of(plan, plan.workload(end.value)) if end.is_of_a_workload else end.labels
    described = {**labels.of_unit(plan, unit, name), **own, labels.TRIES: "true"}
    found = pods.pod(described, [container], restartPolicy="Never", volumes=[pods.scratch("tmp")])
    found["metadata"] |= {"name": name, "namespace": end.namespace}
    # An update may be under way, and its pods come first.
    found["spec"] |= {"terminationGracePeriodSeconds": 0}
    return {"apiVersion": "v1", "kind": "Pod", **found}
