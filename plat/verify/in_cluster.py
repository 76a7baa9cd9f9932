"""Tries the matrix on a cluster: from a pod beside each workload and server, with the same labels and so the same ways."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from plat.kubernetes import labels, pods
from plat.kubernetes.flows import End
from plat.kubernetes.kubectl import ClusterProblem, Kubectl
from plat.plan.model import Plan, SecretRef
from plat.verify import wire
from plat.verify.model import Outcome, Result
from plat.verify.report import Report
from plat.verify.run import tidy
from plat.verify.vantage import Placed, placed, silent

_AT_ONCE = 4
_PATIENCE = 120  # seconds for pods to start
_LIVES = "600"  # seconds after which a pod that nobody removes ends by itself
_MEMORY = 256


def verify(plan: Plan, secrets: Mapping[SecretRef, str], kubectl: Kubectl) -> Report:
    """Tries every right and every way of `plan`, and compares. Raises ClusterProblem where pods cannot be had for it.

    The pods that try bear the labels of workloads, are never ready, so that nobody is sent to them, and end with the run.
    """
    everything = list(enumerate(placed(plan)))
    by_end: dict[End, list[tuple[int, Placed]]] = defaultdict(list)
    for number, item in everything:
        by_end[item.end].append((number, item))
    names = {end: f"tries-{sha256(repr(end).encode()).hexdigest()[:10]}" for end in by_end}
    with _pods(plan, names, kubectl), ThreadPoolExecutor(_AT_ONCE) as pool:

        def tried(end: End) -> list[tuple[int, Result]]:
            return _try(names[end], end, by_end[end], secrets, kubectl)

        results = dict(pair for found in pool.map(tried, by_end) for pair in found)
    return Report(plan.landscape, plan.environment, tuple(results[number] for number, _ in everything))


def _try(
    name: str, end: End, items: Sequence[tuple[int, Placed]], secrets: Mapping[SecretRef, str], kubectl: Kubectl
) -> list[tuple[int, Result]]:
    given = wire.task([item.cell for _, item in items], secrets)
    words = ("exec", "--stdin", f"--namespace={end.namespace}", name, "--", "python3", "-m", "plat.verify")
    outcomes = wire.read_answer(kubectl.run(*words, given=given, timeout=600))
    return [
        (number, Result(item.cell, _judged(item, outcome, secrets)))
        for (number, item), outcome in zip(items, outcomes, strict=True)
    ]


def _judged(item: Placed, outcome: Outcome, secrets: Mapping[SecretRef, str]) -> Outcome:
    if outcome.allowed is None and silent(item) and outcome.words.startswith("no answer"):
        return Outcome(allowed=False, words="the network lets nothing through")
    return Outcome(outcome.allowed, tidy(outcome.words, secrets))


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
    described = {**labels.of_unit(plan, unit, name), **end.labels, labels.TRIES: "true"}
    found = pods.pod(described, [container], restartPolicy="Never", volumes=[pods.scratch("tmp")])
    found["metadata"] |= {"name": name, "namespace": end.namespace}
    # An update may be under way, and its pods come first.
    found["spec"] |= {"terminationGracePeriodSeconds": 0}
    return {"apiVersion": "v1", "kind": "Pod", **found}
