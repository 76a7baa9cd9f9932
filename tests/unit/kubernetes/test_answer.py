"""A cluster that does not answer ends an update with one message, and is named in a preview."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pulumi
import pytest

from components import landscape
from plat.kubernetes.answer import Silence, ask
from plat.kubernetes.kubectl import ClusterProblem
from plat.plan.model import Cluster, Plan
from plat.project import Project

ROOT = Path(__file__).resolve().parents[3]
SHOP = Cluster("secret/kubeconfig", "shop", "cluster.local", (), None, {}, "Always")
REFUSED = """E1128 memcache.go:265] couldn't get current server API group list: connect: connection refused
The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?
"""

Kubectl = Callable[[int, str], Path]


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kubectl:
    """A kubectl that ends with a code and says a text; it gives the file that tells how it was called."""

    def made(code: int, text: str) -> Path:
        program, called = tmp_path / "kubectl", tmp_path / "called"
        (tmp_path / "text").write_text(text)
        program.write_text(f'#!/bin/sh\necho "$@" > {called}\ncat {tmp_path}/text >&2\nexit {code}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        return called

    return made


def test_a_cluster_is_asked_by_the_environments_way_for_what_only_those_may_read_whom_it_knows(kubectl: Kubectl) -> None:
    called = kubectl(0, "")
    ask(SHOP, ROOT)
    assert called.read_text() == f"--kubeconfig {ROOT}/secret/kubeconfig --context shop get --raw /api --request-timeout=10s\n"


def test_its_silence_names_kubeconfig_context_reason_and_what_to_do(kubectl: Kubectl) -> None:
    kubectl(1, REFUSED)
    with pytest.raises(Silence) as caught:
        ask(SHOP, ROOT)
    assert str(caught.value) == (
        "the cluster does not answer (kubeconfig `secret/kubeconfig`, context `shop`): The connection to the server "
        "10.0.0.1:6443 was refused - did you specify the right host or port?. Nothing was changed. See to it that `kubectl "
        "--kubeconfig secret/kubeconfig --context shop get --raw /api` answers in the project's folder, or name another "
        "kubeconfig or context in the environment; a preview works without it"
    )


def test_an_update_ends_before_anything_is_registered_and_a_preview_goes_on_with_a_warning(
    kubectl: Kubectl, monkeypatch: pytest.MonkeyPatch
) -> None:
    kubectl(1, "error: You must be logged in to the server (Unauthorized)")
    plan = Project(ROOT).plan("order-processing.cluster")
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: False)
    with pytest.raises(pulumi.RunError, match="You must be logged in"):
        landscape.meet(plan, ROOT)
    assert said == []
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: True)
    landscape.meet(plan, ROOT)
    (warning,) = said
    assert "You must be logged in" in warning
    for unchecked in ("dry run", "types", "admission", "does not know of"):
        assert unchecked in warning.partition("Not checked:")[2]


def test_where_there_is_no_kubectl_the_provider_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ClusterProblem) as caught:
        ask(SHOP, ROOT)
    assert not isinstance(caught.value, Silence)
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: False)
    landscape.meet(Project(ROOT).plan("order-processing.cluster"), ROOT)
    assert "was not asked: kubectl is not on PATH" in said[0]


def test_a_landscape_on_one_machine_asks_no_cluster(kubectl: Kubectl) -> None:
    called = kubectl(1, REFUSED)
    plan: Plan = Project(ROOT).plan("order-processing.local")
    landscape.meet(plan, ROOT)
    assert not called.exists()
