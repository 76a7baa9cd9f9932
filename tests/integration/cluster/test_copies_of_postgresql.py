"""Copies of a PostgreSQL by CloudNativePG in a real object store, what ends and wakes, and what comes back from copies."""

from __future__ import annotations

import base64
import json
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from plat.kubernetes import labels, pods
from tests.integration.cluster.conftest import POSTGRESQL, Cluster, eventually
from tests.integration.main_job.checkout import changes

LANDSCAPE, ENVIRONMENT = "ledger", "with-copies"
STACK = f"{LANDSCAPE}.{ENVIRONMENT}"
BOOKS, SERVER = f"{LANDSCAPE}--books", "books--postgresql"
STORE, WATCH = "object-store", "watch-of-ledger"
HOST = f"{STORE}.{STORE}.svc.cluster.local"
CLUSTERS, BACKUPS = "clusters.postgresql.cnpg.io", "backups.postgresql.cnpg.io"
BUCKET = f"copies-{secrets.token_hex(4)}"
"""Of this run: what begins empty overwrites no archive."""

LIFE = f"ledger/{ENVIRONMENT}/books/{SERVER}"
LIST = f"""
import boto3
store = boto3.client("s3", endpoint_url="https://{HOST}:7070", region_name="us-east-1", verify="/tls/ca.crt")
for page in store.get_paginator("list_objects_v2").paginate(Bucket="{BUCKET}"):
    print(*(each["Key"] for each in page.get("Contents", ())), sep="\\n")
"""
MEASURED = """
import sys, time, urllib.request
while True:  # a pod is let through once whoever enforces policies has seen it
    try:
        found = urllib.request.urlopen(f"http://{sys.argv[1]}:9187/metrics", timeout=3).read().decode()
        print(found, flush=True)
    except OSError as error:
        print(error, flush=True)
    time.sleep(1)
"""
CONNECTS = "import socket, sys; socket.create_connection((sys.argv[1], 7070), timeout=3); print('connected')"


def settings(cluster: Cluster, **recoveries: object) -> dict[str, Any]:
    (pod,) = cluster.get("pods", f"--namespace={STORE}")["items"]
    authority = cluster.get("secret", "tls", f"--namespace={STORE}")["data"]["ca.crt"]
    backups = {
        "destination": f"s3://{BUCKET}",
        "endpoint": f"https://{HOST}:7070",
        "networks": [f"{pod['status']['podIP']}/32"],
        "authority": base64.b64decode(authority).decode(),
        "recoveries": recoveries,
    }
    return {
        "operators": ["cloudnative-pg", "prometheus"],
        "monitoring": {"namespace": WATCH},
        "postgresql": {"instances": 2, "user": 103, "group": 106, "backups": backups},
        "api-server": {"networks": ["10.250.0.1/32"], "port": 16443},
    }


def write_environment(cluster: Cluster, *recoveries: str) -> None:
    environments = cluster.checkout.root / "stacks" / "environments"
    text = (environments / "cluster.yaml").read_text(encoding="utf-8")
    text = re.sub(r"postgresql: .*", f"postgresql: {POSTGRESQL}", text).replace("name: cluster\n", f"name: {ENVIRONMENT}\n")
    given = settings(cluster, **({f"{LANDSCAPE}/{SERVER}": list(recoveries)} if recoveries else {}))
    # What is JSON is YAML as well.
    lines = "".join(f"  {key}: {json.dumps(value)}\n" for key, value in given.items())
    (environments / f"{ENVIRONMENT}.yaml").write_text(text + lines, encoding="utf-8")


def plat(cluster: Cluster, command: str, *words: str) -> str:
    ran = cluster.checkout.run("plat", command, LANDSCAPE, "-e", ENVIRONMENT, *words, timeout=590)
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


@pytest.fixture(scope="module")
def up(cluster: Cluster) -> Iterator[Cluster]:
    root = cluster.checkout.root
    shutil.copytree(root / "tests" / "landscapes" / LANDSCAPE, root / "contexts" / LANDSCAPE)
    write_environment(cluster)
    keys = cluster.get("secret", "keys", f"--namespace={STORE}")["data"]
    try:
        refused = cluster.checkout.run("plat", "up", LANDSCAPE, "-e", ENVIRONMENT)
        assert refused.returncode != 0
        assert f"pulumi config set --secret backups-access-key -s {STACK}" in refused.stdout
        for setting, name in (("access-key", "ROOT_ACCESS_KEY_ID"), ("secret-key", "ROOT_SECRET_ACCESS_KEY")):
            file = root / ".plat" / setting
            file.write_bytes(base64.b64decode(keys[name]))
            command = f"pulumi config set --secret backups-{setting} -s {STACK} < {file}"
            cluster.checkout.done("sh", "-c", command)
        assert "all as declared" in plat(cluster, "up")
        yield cluster
    finally:
        words = ("plat", "destroy", LANDSCAPE, "-e", ENVIRONMENT, "--with-data", "--confirm", LANDSCAPE)
        cluster.checkout.run(*words, timeout=700)
        shutil.rmtree(root / "contexts" / LANDSCAPE)
    assert not cluster.get("namespaces", f"--selector={labels.PART_OF}={LANDSCAPE}")["items"]


def instance(cluster: Cluster) -> str:
    found = cluster.get(CLUSTERS, SERVER, f"--namespace={BOOKS}")["status"]["currentPrimary"]
    assert isinstance(found, str)
    return found


def said(cluster: Cluster, statement: str, *, by: str = "books") -> str:
    """What the database answers who uses it."""
    words = ("plat", "exec", by, "-l", LANDSCAPE, "-e", ENVIRONMENT, "--", "psql", "-Atc", statement)
    return cluster.checkout.done(*words).strip().splitlines()[-1]


def told(cluster: Cluster, statement: str) -> str:
    """What it answers its administrator."""
    words = ("exec", f"--namespace={BOOKS}", instance(cluster), "--container=postgres", "--", "psql", "-Atc", statement)
    return cluster.done(*words).strip()


def archived(cluster: Cluster) -> str:
    """The last WAL that is in the archive; empty while nobody tells."""
    try:
        return told(cluster, "SELECT last_archived_wal FROM pg_stat_archiver")
    except AssertionError:
        return ""


def ready(cluster: Cluster) -> int:
    found = cluster.get(CLUSTERS, SERVER, f"--namespace={BOOKS}")["status"].get("readyInstances", 0)
    assert isinstance(found, int)
    return found


def condition(cluster: Cluster, kind: str) -> str:
    found = cluster.get(CLUSTERS, SERVER, f"--namespace={BOOKS}")["status"]["conditions"]
    return next((str(each["status"]) for each in found if each["type"] == kind), "")


def copied(cluster: Cluster, life: int) -> bool:
    """Whether a whole copy of that life is there."""
    phases = {
        each["metadata"]["name"]: each["status"].get("phase", "")
        for each in cluster.get(BACKUPS, f"--namespace={BOOKS}")["items"]
        if each["metadata"]["name"].startswith(f"{SERVER}-{life}-") and "status" in each
    }
    assert "failed" not in phases.values(), phases
    return "completed" in phases.values()


def stored(cluster: Cluster) -> list[str]:
    """The names of all that is in the object store, as it tells who holds its keys."""
    keys = [
        {"name": f"AWS_{name}", "valueFrom": {"secretKeyRef": {"name": "keys", "key": f"ROOT_{name}"}}}
        for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
    ]
    command, mounts = ["/usr/bin/python3", "-E", "-c", LIST], [pods.mount("tls", "/tls")]
    container = pods.container("main", POSTGRESQL, 256, "IfNotPresent", command=command, env=keys, volumeMounts=mounts)
    volumes = [pods.from_secret("tls", "tls")]
    spec = pods.pod({}, [container], None, volumes=volumes, restartPolicy="Never")["spec"]
    cluster.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "list", "namespace": STORE}, "spec": spec})
    try:
        cluster.done("wait", "pod/list", f"--namespace={STORE}", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s")
        return cluster.done("logs", "list", f"--namespace={STORE}").split()
    finally:
        cluster.done("delete", "pod", "list", f"--namespace={STORE}", "--grace-period=0", "--force")


@pytest.mark.timeout(900)
def test_a_whole_copy_and_what_was_written_since_lie_in_a_path_of_their_own(up: Cluster) -> None:
    eventually(lambda: copied(up, 1), seconds=240)
    assert condition(up, "ContinuousArchiving") == "True"
    names = stored(up)
    assert any(re.fullmatch(rf"{LIFE}-1/base/\w+/data\.tar\.gz", name) for name in names), names
    assert any(re.fullmatch(rf"{LIFE}-1/wals/\w+/\w{{24}}\.gz", name) for name in names), names
    assert all(name.startswith(f"{LIFE}-1/") for name in names)


@pytest.mark.timeout(900)
def test_a_second_update_changes_nothing_and_no_key_is_shown(up: Cluster) -> None:
    words = ("--yes", "--skip-preview", "--non-interactive", "--policy-pack", "policies")
    again = up.checkout.done("pulumi", "up", "-s", STACK, *words)
    assert re.fullmatch(r"\d+ unchanged", changes(again)), changes(again)
    key = (up.checkout.root / ".plat" / "secret-key").read_text()
    state = json.dumps(up.checkout.state(STACK))
    for shown in (again, state, (up.checkout.root / "stacks" / f"Pulumi.{STACK}.yaml").read_text()):
        assert key not in shown
        assert base64.b64encode(key.encode()).decode() not in shown


@pytest.mark.timeout(900)
def test_whoever_uses_the_database_does_not_reach_its_copies(up: Cluster) -> None:
    (pod,) = up.get("pods", f"--namespace={STORE}")["items"]
    words = ["exec", f"--namespace={BOOKS}", "deployment/books", "--", "python", "-c", CONNECTS, pod["status"]["podIP"]]
    assert "connected" not in up.kubectl(*words).stdout
    words[2:3] = [instance(up), "--container=postgres"]
    assert "connected" in up.done(*words)


def looks(cluster: Cluster, name: str, address: str) -> None:
    """Let a pod that bears this name look at metrics again and again, in the namespace in which Prometheus would be."""
    container = pods.container("main", POSTGRESQL, 128, "IfNotPresent", command=["/usr/bin/python3", "-c", MEASURED, address])
    body = pods.pod({labels.NAME: name}, [container])
    body["metadata"] |= {"name": name, "namespace": WATCH}
    cluster.apply({"apiVersion": "v1", "kind": "Pod", **body})


def seen(cluster: Cluster, name: str) -> str:
    return cluster.kubectl("logs", name, f"--namespace={WATCH}", "--tail=20000").stdout


@pytest.mark.timeout(900)
def test_prometheus_reads_what_instances_measure_and_nobody_beside_it(up: Cluster) -> None:
    monitor = up.get("podmonitors.monitoring.coreos.com", f"{SERVER}--metrics", f"--namespace={BOOKS}")
    chosen = ",".join(f"{key}={value}" for key, value in monitor["spec"]["selector"]["matchLabels"].items())
    instances = up.get("pods", f"--namespace={BOOKS}", f"--selector={chosen}")["items"]
    assert {each["metadata"]["name"] for each in instances} == {f"{SERVER}-1", f"{SERVER}-2"}
    (end,) = monitor["spec"]["podMetricsEndpoints"]
    for each in instances:
        (port,) = (one for one in each["spec"]["containers"][0]["ports"] if one["name"] == end["port"])
        assert port["containerPort"] == 9187
    address = instances[0]["status"]["podIP"]
    up.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": WATCH}})
    try:
        for name in ("somebody", "prometheus"):
            looks(up, name, address)
        eventually(lambda: "cnpg_collector_up" in seen(up, "prometheus"), seconds=240)
        assert "timed out" in seen(up, "somebody") or "refused" in seen(up, "somebody")
        assert "cnpg_" not in seen(up, "somebody")
        connect = CONNECTS.replace("7070", "5432")
        words = ("exec", "prometheus", f"--namespace={WATCH}", "--", "/usr/bin/python3", "-c", connect, address)
        assert "connected" not in up.kubectl(*words).stdout
    finally:
        up.done("delete", "namespace", WATCH)


def copy_of(kind: str, **spec: object) -> Mapping[str, Any]:
    metadata = {"name": "by-hand", "namespace": BOOKS, "labels": {labels.TEAM: "books-team"}}
    return {"apiVersion": "postgresql.cnpg.io/v1", "kind": kind, "metadata": metadata, "spec": spec}


OF_SERVER = {"cluster": {"name": SERVER}}
SOURCE = {
    "name": "books",
    "barmanObjectStore": {
        "destinationPath": f"s3://{BUCKET}/{LIFE.rpartition('/')[0]}",
        "serverName": f"{SERVER}-1",
        "s3Credentials": {
            "accessKeyId": {"name": f"{SERVER}--backups", "key": "access-key"},
            "secretAccessKey": {"name": f"{SERVER}--backups", "key": "secret-key"},
        },
    },
}
BY_HAND = [
    copy_of("Backup", **OF_SERVER),
    copy_of("ScheduledBackup", schedule="0 0 0 * * *", **OF_SERVER),
    copy_of("Cluster", instances=1, storage={"size": "1Gi"}, bootstrap={"recovery": {"backup": {"name": "x"}}}),
    copy_of(
        "Cluster",
        instances=1,
        storage={"size": "1Gi"},
        bootstrap={"recovery": {"source": "books"}},
        externalClusters=[SOURCE],
    ),
]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("body", BY_HAND, ids=["copy", "schedule", "out of a copy", "out of an archive"])
def test_nobody_makes_copies_or_a_database_of_one_by_hand(up: Cluster, body: Mapping[str, Any]) -> None:
    refused = up.kubectl("create", "--filename=-", given=json.dumps(body))
    assert refused.returncode != 0
    assert "nothing here knows this kind" in refused.stdout


def state_of(cluster: Cluster) -> str:
    found = json.loads(plat(cluster, "status", "--json"))
    (context,) = found["contexts"]
    (store,) = context["datastores"]
    return str(store["state"])


@pytest.mark.timeout(900)
def test_status_tells_how_many_are_ready_where_one_alone_confirms_nothing(up: Cluster) -> None:
    eventually(lambda: state_of(up) == "RUNNING", seconds=180)
    (other,) = {f"{SERVER}-1", f"{SERVER}-2"} - {instance(up)}
    # Its PostgreSQL ends, its pod stays: https://cloudnative-pg.io/documentation/1.27/fencing/.
    fenced = ("annotate", CLUSTERS, SERVER, f"--namespace={BOOKS}")
    up.done(*fenced, f"cnpg.io/fencedInstances={json.dumps([other])}")
    try:
        eventually(lambda: f"{SERVER}: 1 of 2 nodes are ready" in plat(up, "status"), seconds=120)
        assert state_of(up) == "STARTING"
    finally:
        up.done(*fenced, "cnpg.io/fencedInstances-")
    eventually(lambda: ready(up) == 2, seconds=180)
    eventually(lambda: state_of(up) == "RUNNING", seconds=60)
    assert f"{SERVER}: " not in plat(up, "status")


@pytest.mark.timeout(900)
def test_what_runs_ends_with_the_rest_and_wakes_with_its_rows(up: Cluster) -> None:
    said(up, "CREATE TABLE written (number integer PRIMARY KEY); INSERT INTO written VALUES (1)")
    plat(up, "destroy")
    eventually(lambda: not up.get("pods", f"--namespace={BOOKS}")["items"])
    assert len(up.get("persistentvolumeclaims", f"--namespace={BOOKS}")["items"]) == 2
    assert state_of(up) == "STOPPED"
    assert "all as declared" in plat(up, "up")
    assert said(up, "SELECT number FROM written") == "1"
    eventually(lambda: ready(up) == 2, seconds=180)


@pytest.mark.timeout(1800)
def test_a_lost_database_comes_back_as_it_was(up: Cluster) -> None:
    said(up, "CREATE TABLE kept (number integer); INSERT INTO kept VALUES (1), (2)")
    moment = told(up, "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
    said(up, "DELETE FROM kept")
    switched = told(up, "SELECT pg_walfile_name(pg_switch_wal())")
    eventually(lambda: archived(up) >= switched, seconds=180)
    write_environment(up, moment)
    # While it is there, nothing is made of its copies in its place.
    refused = up.checkout.run("plat", "up", LANDSCAPE, "-e", ENVIRONMENT, timeout=590)
    assert refused.returncode != 0, refused.stdout
    assert f"{SERVER} is there and is not replaced by what its copies hold" in refused.stdout
    assert said(up, "SELECT count(*) FROM kept") == "0"

    up.done("delete", CLUSTERS, SERVER, f"--namespace={BOOKS}", "--cascade=foreground", "--timeout=120s")
    assert "all as declared" in plat(up, "up", "--refresh")
    assert said(up, "SELECT json_agg(number ORDER BY number) FROM kept") == "[1, 2]"
    eventually(lambda: copied(up, 2), seconds=240)
    names = stored(up)
    assert any(name.startswith(f"{LIFE}-2/base/") for name in names), names
    words = ("--yes", "--skip-preview", "--non-interactive", "--policy-pack", "policies")
    again = up.checkout.done("pulumi", "up", "-s", STACK, *words)
    assert re.fullmatch(r"\d+ unchanged", changes(again)), changes(again)
