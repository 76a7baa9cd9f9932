"""A preview needs no cluster and says what it could not check; an update needs one and says so at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.cluster.conftest import Cluster
from tests.integration.main_job.checkout import changes

STACK = "workforce.nowhere"


@pytest.fixture(scope="module")
def nowhere(cluster: Cluster) -> Iterator[Cluster]:
    """The cluster's environment, but for an address at which nobody listens."""
    root = cluster.checkout.root
    environment = root / "stacks" / "environments" / "nowhere.yaml"
    text = (environment.parent / "cluster.yaml").read_text().replace("name: cluster", "name: nowhere")
    environment.write_text(text.replace("cluster/kubeconfig", "cluster/nowhere"))
    server = cluster.done("config", "view", "--output=jsonpath={.clusters[0].cluster.server}")
    away = cluster.kubeconfig.with_name("nowhere")
    away.write_text(cluster.kubeconfig.read_text().replace(server, "https://127.0.0.1:1"))
    cluster.checkout.done("pulumi", "stack", "init", STACK, "--no-select")
    yield cluster
    environment.unlink()
    away.unlink()


def test_a_preview_of_a_new_stack_needs_no_cluster(nowhere: Cluster) -> None:
    shown = nowhere.checkout.done("pulumi", "preview", "-s", STACK, "--policy-pack", "policies", "--non-interactive")
    assert "to create" in changes(shown)
    assert shown.count("Not checked: ") >= 1
    assert "kubeconfig `.plat/cluster/nowhere`" in shown


@pytest.mark.parametrize(
    "command", [("plat", "up", "workforce", "-e", "nowhere"), ("pulumi", "up", "-s", STACK, "--yes", "--skip-preview")]
)
def test_an_update_ends_before_anything_is_made(nowhere: Cluster, command: tuple[str, ...]) -> None:
    ran = nowhere.checkout.run(*command)
    assert ran.returncode != 0
    assert "127.0.0.1:1 was refused" in ran.stdout
    assert "Nothing was changed" in ran.stdout
    kinds = {item["type"] for item in nowhere.checkout.state(STACK)["deployment"].get("resources", ())}
    assert kinds <= {"pulumi:pulumi:Stack"}
