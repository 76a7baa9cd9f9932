"""What runs on a cluster is told by how many of a server's nodes are ready, and PostgreSQL's instances are put to sleep."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from plat.kubernetes import labels
from plat.kubernetes.kubectl import Kubectl
from plat.kubernetes.runtime import ClusterRuntime
from plat.plan.model import Backups, Plan, PostgreSQLCluster
from tests.unit.plan.test_cluster import ORDERS, planned

SERVER = "order-processing--postgresql"


def operated(instances: int) -> Plan:
    plan = planned("order-processing")
    assert plan.cluster
    made = PostgreSQLCluster(instances=instances)
    cluster = dataclasses.replace(plan.cluster, operators=("cloudnative-pg",), postgresql=made)
    return dataclasses.replace(plan, cluster=cluster)


def pod(number: int, *, ready: bool) -> dict[str, Any]:
    conditions = [{"type": "Ready", "status": f"{ready}"}, {"type": "PodScheduled", "status": "True"}]
    metadata = {
        "name": f"{SERVER}-{number}",
        "namespace": ORDERS,
        "labels": {labels.SERVER: SERVER},
        "ownerReferences": [{"kind": "Cluster", "name": SERVER}],
    }
    return {"kind": "Pod", "metadata": metadata, "spec": {}, "status": {"phase": "Running", "conditions": conditions}}


@pytest.mark.parametrize(
    ("instances", "ready", "state", "reason"),
    [
        (1, [True], "RUNNING", ""),
        (1, [False], "STARTING", ""),
        (2, [True, True], "RUNNING", ""),
        (2, [True, False], "STARTING", "1 of 2 nodes are ready"),
        (2, [True], "STARTING", "1 of 2 nodes are ready"),
        (3, [True, True, False], "RUNNING", "2 of 3 nodes are ready"),
        (3, [True, False, False], "STARTING", "1 of 3 nodes are ready"),
        (5, [True, True], "RUNNING", "2 of 5 nodes are ready"),
        (3, [], "STOPPED", ""),
    ],
)
def test_a_server_runs_once_as_many_are_ready_as_confirm_what_is_written(
    monkeypatch: pytest.MonkeyPatch, instances: int, ready: list[bool], state: str, reason: str
) -> None:
    there = [pod(number, ready=each) for number, each in enumerate(ready, start=1)]

    def listed(_self: Kubectl, kind: str, *_words: str) -> Sequence[Mapping[str, Any]]:
        return [] if kind == "events" else there

    monkeypatch.setattr(Kubectl, "listed", listed)
    found = {each.name: each for each in ClusterRuntime(operated(instances), Path()).status()}
    assert (found[SERVER].state, found[SERVER].reason) == (state, reason)


def test_a_server_that_is_not_copied_any_more_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = operated(1)
    assert plan.cluster
    copies = Backups("s3://copies", "https://s3.example", (), 443, None, "eu", "0 0 3 * * *", "30d", {})
    cluster = dataclasses.replace(plan.cluster, postgresql=PostgreSQLCluster(instances=1, backups=copies))
    told = {"type": "ContinuousArchiving", "status": "False", "message": "expected empty archive"}
    there = {
        "metadata": {"name": SERVER, "namespace": ORDERS},
        "spec": {"inheritedMetadata": {"labels": {labels.SERVER: SERVER}}},
        "status": {"conditions": [{"type": "Ready", "status": "True"}, told]},
    }

    def listed(_self: Kubectl, kind: str, *_words: str) -> Sequence[Mapping[str, Any]]:
        found: Mapping[str, Sequence[Mapping[str, Any]]] = {"events": [], "clusters.postgresql.cnpg.io": [there]}
        return found.get(kind, [pod(1, ready=True)])

    monkeypatch.setattr(Kubectl, "listed", listed)
    found = {each.name: each for each in ClusterRuntime(dataclasses.replace(plan, cluster=cluster), Path()).status()}
    assert (found[SERVER].state, found[SERVER].reason) == (
        "RUNNING",
        "what it writes is not copied: expected empty archive",
    )
    assert found["order-processing"].reason == ""


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []

    def run(_self: Kubectl, *words: str, **_options: object) -> str:
        found.append(words)
        return ""

    monkeypatch.setattr(Kubectl, "run", run)
    return found


def there(monkeypatch: pytest.MonkeyPatch, annotations: Mapping[str, str]) -> None:
    metadata = {"name": SERVER, "namespace": ORDERS, "annotations": annotations}
    monkeypatch.setattr(Kubectl, "listed", lambda *_words: [{"metadata": metadata}])


NAMED = ("clusters.postgresql.cnpg.io", SERVER, f"--namespace={ORDERS}")


def test_what_sleeps_already_is_not_put_to_sleep_and_wakes(
    monkeypatch: pytest.MonkeyPatch, calls: list[tuple[str, ...]]
) -> None:
    there(monkeypatch, {"cnpg.io/hibernation": "on"})
    runtime = ClusterRuntime(operated(2), Path())
    runtime.hibernate()
    assert calls == []
    runtime.wake()
    assert calls == [("annotate", *NAMED, "cnpg.io/hibernation-")]


def test_what_is_awake_is_put_to_sleep_and_waited_for(monkeypatch: pytest.MonkeyPatch, calls: list[tuple[str, ...]]) -> None:
    there(monkeypatch, {})
    runtime = ClusterRuntime(operated(2), Path())
    runtime.wake()
    assert calls == []
    runtime.hibernate()
    assert [words[:4] for words in calls] == [("annotate", *NAMED), ("wait", *NAMED)]
    assert calls[0][4:] == ("--overwrite", "cnpg.io/hibernation=on")


def test_a_cluster_without_the_operator_is_not_asked(calls: list[tuple[str, ...]]) -> None:
    runtime = ClusterRuntime(planned("order-processing"), Path())
    runtime.hibernate()
    runtime.wake()
    assert calls == []
