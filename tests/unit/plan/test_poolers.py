"""A datastore that asks for a pooler is reached by one where CloudNativePG makes its server, and directly elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from components.inside import task_of
from components.kubernetes.manifest import Manifest
from components.kubernetes.objects import objects_of
from plat.outline import outline
from plat.plan.model import Plan
from plat.project import CONTEXTS_VARIABLE, Project
from plat.verify.cluster_network import ClusterNetwork
from plat.verify.vantage import placed
from plat.whereabouts import whereabouts
from tests.unit.plan.test_cloudnative_pg import ENVIRONMENT, ROOT, SERVER, WATCHED, written

POOLER = "order-processing--postgresql--pooler--transaction"
HOST = f"{POOLER}.order-processing--order-processing.svc.cluster.local"
SERVER_HOST = HOST.replace(POOLER, SERVER)
PLAIN = ENVIRONMENT.replace("  operators: [cloudnative-pg]\n", "")
LOCAL = "apiVersion: plat/v1\nkind: Environment\nname: shop\ntargets: {kubernetes: local, vm: local}\n"


def pooled(root: Path, text: str = ENVIRONMENT, mode: str = "transaction") -> Plan:
    """The worked example, whose orders are reached by a pooler, in the environment `text`."""
    shutil.copytree(ROOT / "contexts", root / "contexts")
    file = root / "contexts" / "order-processing" / "order-processing.yaml"
    said = file.read_text(encoding="utf-8").replace("  storage: 20Gi\n", f"  storage: 20Gi\n  pooling: {mode}\n")
    file.write_text(said, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(root / "contexts"))
        return Project(written(root, text)).plan("order-processing.shop")


def made(plan: Plan, kind: str, name: str = POOLER) -> Manifest:
    return next(item for item in objects_of(plan) if (item.kind, item.name) == (kind, name))


def environment(plan: Plan) -> dict[str, str]:
    return {key: value for key, value in plan.workload("order-processing").environment.items() if "URL" in key}


def test_a_workload_gets_the_pooler_and_the_way_past_it(tmp_path: Path) -> None:
    found = environment(pooled(tmp_path))
    path = "order_processing"
    by_pooler = f"postgresql://order_processing:$(POSTGRESQL_PASSWORD)@{HOST}:5432/{path}"
    assert found["DATABASE_URL"] == found["POSTGRESQL_URL"] == by_pooler
    assert found["DATABASE_DIRECT_URL"] == found["POSTGRESQL_DIRECT_URL"] == by_pooler.replace(HOST, SERVER_HOST)


@pytest.mark.parametrize("text", [PLAIN, LOCAL], ids=["a cluster without the operator", "this machine"])
def test_without_the_operator_the_server_is_reached_under_the_same_names(tmp_path: Path, text: str) -> None:
    plan = pooled(tmp_path, text)
    found = environment(plan)
    assert found["DATABASE_URL"] == found["DATABASE_DIRECT_URL"]
    assert not plan.server(SERVER).poolers
    if plan.cluster:
        assert "Pooler" not in {item.kind for item in objects_of(plan)}


def test_the_client_of_a_person_comes_to_the_server_itself(tmp_path: Path) -> None:
    assert pooled(tmp_path).workload("order-processing").environment["PGHOST"] == SERVER_HOST


def test_the_pooler_is_before_the_primary_with_what_the_environment_says(tmp_path: Path) -> None:
    plan = pooled(tmp_path, f"{ENVIRONMENT}  postgresql: {{poolers: 3, clients: 200, pool: 7}}\n")
    spec = made(plan, "Pooler").content["spec"]
    assert (spec["cluster"], spec["type"], spec["instances"]) == ({"name": SERVER}, "rw", 3)
    assert spec["pgbouncer"]["poolMode"] == "transaction"
    parameters = spec["pgbouncer"]["parameters"]
    assert (parameters["max_client_conn"], parameters["default_pool_size"]) == ("200", "7")
    assert spec["template"]["metadata"]["labels"]["plat.dev/pooler"] == POOLER
    assert spec["template"]["metadata"]["labels"]["plat.dev/team"] == "orders-team"
    selector = made(plan, "PodDisruptionBudget").content["spec"]["selector"]
    assert selector == {"matchLabels": {"plat.dev/pooler": POOLER}}


def test_it_is_reached_by_who_asked_for_it_and_reaches_its_server(tmp_path: Path) -> None:
    spec = made(pooled(tmp_path), "NetworkPolicy").content["spec"]
    pods = [rule["from"][0]["podSelector"]["matchLabels"] for rule in spec["ingress"]]
    assert pods == [{"plat.dev/workload": "order-processing"}]
    to = [rule["to"][0].get("podSelector", {}).get("matchLabels") for rule in spec["egress"]]
    assert to == [{"plat.dev/server": SERVER}, None]
    assert spec["egress"][1]["to"] == [{"ipBlock": {"cidr": "10.0.0.1/32"}}]


def test_prometheus_reads_what_it_measures_alone(tmp_path: Path) -> None:
    plan = pooled(tmp_path, WATCHED)
    assert made(plan, "PodMonitor", f"{POOLER}--metrics").content["spec"]["selector"] == {
        "matchLabels": {"plat.dev/pooler": POOLER}
    }
    entering = [rule for rule in made(plan, "NetworkPolicy").content["spec"]["ingress"] if "prometheus" in str(rule)]
    assert [rule["ports"] for rule in entering] == [[{"protocol": "TCP", "port": 9127}]]


def test_its_own_account_is_let_into_the_databases_that_it_serves(tmp_path: Path) -> None:
    plan = pooled(tmp_path)
    task = task_of(plan, plan.server(SERVER))
    written = task.document.render(dict.fromkeys(task.document.refs, "x"))
    assert '"databases": ["order_processing"], "name": "cnpg_pooler_pgbouncer"' in written
    assert '"accounts": ["cnpg_pooler_pgbouncer", "order_processing", "streaming_replica"]' in written


def test_everybody_tries_to_reach_it(tmp_path: Path) -> None:
    plan = pooled(tmp_path)
    cells = [each.cell for each in placed(plan, ClusterNetwork(plan)) if each.cell.door.target == POOLER]
    assert {cell.principal for cell in cells} == {workload.name for workload in plan.workloads}
    assert [cell.principal for cell in cells if cell.allowed] == ["order-processing"]


def test_an_address_of_the_pooler_is_one_of_its_server(tmp_path: Path) -> None:
    plan = pooled(tmp_path)
    found = whereabouts(plan)
    assert [server.name for server in found.servers(f"postgresql://x@{HOST}:5432/x")] == [SERVER]
    assert not found.astray(HOST)


def test_the_namespace_has_room_for_it(tmp_path: Path) -> None:
    def pods(plan: Plan) -> int:
        quota = next(item for item in objects_of(plan) if item.kind == "ResourceQuota" and "orders" in str(item.labels))
        return int(quota.content["spec"]["hard"]["pods"])

    assert pods(pooled(tmp_path / "with")) == pods(pooled(tmp_path / "without", PLAIN)) + 2 * 2 + 2 * 2


def test_the_plan_tells_of_it_where_the_server_stands(tmp_path: Path) -> None:
    lines = [line for section in outline(pooled(tmp_path)).sections for line in section.lines if line.kind == "pooler"]
    assert [line.text for line in lines] == [f"{POOLER}: few connections to {SERVER} for many clients, each for a transaction"]
