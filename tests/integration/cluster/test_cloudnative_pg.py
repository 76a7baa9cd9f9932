"""PostgreSQL by CloudNativePG, behind a pooler: the same fences, and nothing that was confirmed is lost with the primary."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from plat.kubernetes import labels, pods
from tests.integration.cluster.conftest import BASE, POSTGRESQL, Cluster, eventually
from tests.integration.main_job.checkout import changes

LANDSCAPE, ENVIRONMENT = "order-processing", "with-cloudnative-pg"
ORDERS, SERVER = "order-processing--order-processing", "order-processing--postgresql"
POOLER, POOLERS, POOL = "order-processing--postgresql--pooler--transaction", 2, 5
SETTINGS = f"""
  operators: [cloudnative-pg]
  postgresql: {{instances: 2, user: 103, group: 106, poolers: {POOLERS}, pool: {POOL}}}  # Debian's own user
  api-server: {{networks: [10.250.0.1/32], port: 16443}}
"""
WRITE = """
import os, time, psycopg
def connected():
    # Not by a limit for statements: whoever stops waiting for the replica is told that it was stored.
    limits = {"connect_timeout": 3, "keepalives_idle": 1, "keepalives_interval": 1, "tcp_user_timeout": 3000}
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, **limits)
connection = connected()
connection.execute("CREATE TABLE written (number integer PRIMARY KEY)")
print("begun", flush=True)
end, number = time.monotonic() + 75, 0
while time.monotonic() < end:
    number += 1
    try:
        connection = connected() if connection.closed else connection
        connection.execute("INSERT INTO written VALUES (%s)", (number,))
        print(number, time.time(), flush=True)
    except psycopg.Error:
        connection.close()
        time.sleep(0.2)
"""


@pytest.fixture(scope="module")
def up(cluster: Cluster) -> Iterator[Cluster]:
    environments = cluster.checkout.root / "stacks" / "environments"
    text = (environments / "cluster.yaml").read_text(encoding="utf-8")
    text = re.sub(r"postgresql: .*", f"postgresql: {POSTGRESQL}", text).replace("name: cluster\n", f"name: {ENVIRONMENT}\n")
    (environments / f"{ENVIRONMENT}.yaml").write_text(text + SETTINGS.removeprefix("\n"), encoding="utf-8")
    orders = cluster.checkout.root / "contexts" / LANDSCAPE / "order-processing.yaml"
    before = orders.read_text(encoding="utf-8")
    orders.write_text(before.replace("  storage: 20Gi\n", "  storage: 20Gi\n  pooling: transaction\n"), encoding="utf-8")
    try:
        ran = cluster.checkout.run("plat", "up", LANDSCAPE, "-e", ENVIRONMENT, timeout=590)
        assert ran.returncode == 0, ran.stdout
        assert re.search(r"\d+ tried: \d+ open, \d+ closed, all as declared", ran.stdout), ran.stdout
        yield cluster
    finally:
        words = ("plat", "destroy", LANDSCAPE, "-e", ENVIRONMENT, "--with-data", "--confirm", LANDSCAPE)
        cluster.checkout.run(*words, timeout=300)
        orders.write_text(before, encoding="utf-8")
    assert not cluster.get("namespaces", f"--selector={labels.PART_OF}={LANDSCAPE}")["items"]


def primary(cluster: Cluster) -> str:
    found = cluster.get("clusters.postgresql.cnpg.io", SERVER, f"--namespace={ORDERS}")["status"]
    name = found["currentPrimary"]
    assert isinstance(name, str)
    return name if name == found["targetPrimary"] else ""


@pytest.mark.timeout(900)
def test_a_second_update_changes_nothing(up: Cluster) -> None:
    words = ("--yes", "--skip-preview", "--non-interactive", "--policy-pack", "policies")
    again = up.checkout.done("pulumi", "up", "-s", f"{LANDSCAPE}.{ENVIRONMENT}", *words)
    assert re.fullmatch(r"\d+ unchanged", changes(again)), changes(again)


CROWD = """
import os, psycopg
assert "pooler" in os.environ["DATABASE_URL"]
crowd = [psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) for _ in range(60)]
backends = {client.execute("SELECT pg_backend_pid()").fetchone()[0] for client in crowd for _ in range(3)}
print(len(crowd), len(backends))
"""
STRANGERS = """
import os, psycopg
url = os.environ["DATABASE_URL"]
password = os.environ["PGPASSWORD"]
unknown, elsewhere = url.replace(password, "wrong"), url.rpartition("/")[0] + "/postgres"
for changed in (unknown, elsewhere, url.replace("order_processing:", "postgres:", 1)):
    try:
        psycopg.connect(changed, connect_timeout=20).execute("SELECT 1")
        print("let in")
    except psycopg.OperationalError as error:
        print("refused", str(error).replace(password, "").splitlines()[0])
"""


def within(up: Cluster, program: str) -> str:
    """What a program says that runs in a pod of the orders'."""
    return up.done("exec", f"--namespace={ORDERS}", "deployment/order-processing", "--", "python", "-c", program)


@pytest.mark.timeout(900)
def test_many_clients_share_few_connections(up: Cluster) -> None:
    clients, connections = map(int, within(up, CROWD).split())
    assert clients == 60
    assert 1 <= connections <= POOLERS * POOL


@pytest.mark.timeout(900)
def test_the_pooler_lets_in_whom_the_server_does_and_where(up: Cluster) -> None:
    said = within(up, STRANGERS).splitlines()
    assert len(said) == 3
    assert all(line.startswith("refused") for line in said), said


@pytest.mark.timeout(900)
def test_only_who_asked_for_the_pooler_reaches_it(up: Cluster) -> None:
    ran = up.checkout.done("plat", "verify", LANDSCAPE, "-e", ENVIRONMENT, "--format", "json")
    doors = [item for item in json.loads(ran[ran.index("{") :])["results"] if item["target"] == POOLER]
    assert {item["principal"] for item in doors} > {"order-processing"}
    assert [item["principal"] for item in doors if item["actual"]] == ["order-processing"]


@pytest.mark.timeout(900)
def test_a_primary_that_is_lost_takes_nothing_along_that_was_confirmed(up: Cluster) -> None:
    before = primary(up)
    words = [
        "kubectl",
        "--kubeconfig",
        str(up.kubeconfig),
        "exec",
        f"--namespace={ORDERS}",
        "deployment/order-processing",
        "--",
    ]
    with subprocess.Popen([*words, "python", "-c", WRITE], stdout=subprocess.PIPE, text=True) as writing:
        assert writing.stdout
        assert writing.stdout.readline() == "begun\n"
        up.done("delete", "pod", before, f"--namespace={ORDERS}", "--force", "--grace-period=0")
        eventually(lambda: primary(up) not in {"", before}, seconds=60)
        seen = time.time()
        confirmed = {int(number): float(when) for number, when in map(str.split, writing.stdout)}
    listed = up.checkout.done(
        "plat", "exec", "order-processing", "-e", ENVIRONMENT, "--", "psql", "-Atc", "SELECT json_agg(number) FROM written"
    )
    assert confirmed.keys() <= set(json.loads(listed.strip().splitlines()[-1]))
    assert max(confirmed.values()) > seen, "nothing was confirmed by the new primary"


@pytest.mark.timeout(900)
def test_the_fences_hold_after_it_as_before(up: Cluster) -> None:
    def healthy() -> bool:
        found = up.get("clusters.postgresql.cnpg.io", SERVER, f"--namespace={ORDERS}")["status"]
        return bool(found.get("readyInstances") == 2)

    eventually(healthy, seconds=180)
    assert "all as declared" in up.checkout.done("plat", "verify", LANDSCAPE, "-e", ENVIRONMENT)


def pod(**spec: object) -> Mapping[str, Any]:
    found: Mapping[str, Any] = pods.pod({}, [pods.container("main", BASE, 64, "IfNotPresent")], None, **spec)["spec"]
    return found


VOLUME = {"name": "x", "persistentVolumeClaim": {"claimName": f"{SERVER}-1"}}


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("kind", "spec", "words"),
    [
        ("Pod", pod(volumes=[VOLUME]), "mounts the volume of a server"),
        ("Pod", pod(serviceAccountName=SERVER), "runs as the account of what the plan has"),
        (
            "Service",
            {"selector": {"cnpg.io/cluster": SERVER}, "ports": [{"port": 5432}]},
            "another name for what the plan has",
        ),
    ],
    ids=["volume", "account", "service"],
)
def test_nobody_comes_round_the_server_to_its_instances(up: Cluster, kind: str, spec: Mapping[str, Any], words: str) -> None:
    metadata = {"name": "by-hand", "namespace": ORDERS, "labels": {labels.TEAM: "orders-team"}}
    given = json.dumps({"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec})
    refused = up.kubectl("create", "--filename=-", given=given)
    assert refused.returncode != 0
    assert words in refused.stdout
