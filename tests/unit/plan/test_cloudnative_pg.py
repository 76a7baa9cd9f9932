"""Where an environment says so, what CloudNativePG's servers hold is copied elsewhere, and what they measure is read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from components.kubernetes.manifest import Manifest, revealed
from components.kubernetes.objects import objects_of
from plat.environment import EnvironmentProblem, load_environment
from plat.plan.model import Plan, SecretRef
from plat.project import CONTEXTS_VARIABLE, Project, Refusal
from tests.thorough import all_but_thoroughly
from tests.unit.plan.test_cluster import LANDSCAPES

ROOT = Path(__file__).resolve().parents[3]
SERVER = "order-processing--postgresql"
KEYS = (SecretRef("backups/access-key"), SecretRef("backups/secret-key"))
ENVIRONMENT = """
apiVersion: plat/v1
kind: Environment
name: shop
targets: {kubernetes: kubernetes, vm: kubernetes}
cluster:
  context: shop
  operators: [cloudnative-pg]
  api-server: {networks: [10.0.0.1/32]}
"""
COPIES = """
  postgresql:
    backups:
      destination: s3://copies/of-all
      endpoint: https://s3.example
"""
WATCHED = ENVIRONMENT.replace("[cloudnative-pg]", "[cloudnative-pg, prometheus]")


def written(root: Path, text: str) -> Path:
    folder = root / "stacks" / "environments"
    folder.mkdir(parents=True)
    (folder / "shop.yaml").write_text(text)
    return root


def planned(root: Path, text: str = ENVIRONMENT + COPIES, landscape: str = "order-processing") -> Plan:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / "contexts"))
        return Project(written(root, text)).plan(f"{landscape}.shop")


def made(plan: Plan, kind: str) -> dict[str, Manifest]:
    return {item.resource: item for item in objects_of(plan) if item.kind == kind}


def cluster_of(plan: Plan) -> Mapping[str, Any]:
    spec: Mapping[str, Any] = made(plan, "Cluster")[SERVER].content["spec"]
    return spec


def refs(item: Manifest) -> list[SecretRef]:
    found: list[SecretRef] = []
    revealed(item.body, lambda hidden: found.extend(hidden.refs))
    return found


def archive(life: int) -> dict[str, object]:
    secret = f"{SERVER}--backups"
    return {
        "destinationPath": "s3://copies/of-all/order-processing/shop/order-processing",
        "serverName": f"{SERVER}-{life}",
        "endpointURL": "https://s3.example",
        "s3Credentials": {
            "accessKeyId": {"name": secret, "key": "access-key"},
            "secretAccessKey": {"name": secret, "key": "secret-key"},
            "region": {"name": secret, "key": "region"},
        },
        "wal": {"compression": "gzip"},
        "data": {"compression": "gzip", "immediateCheckpoint": True, "jobs": 1},
    }


def test_a_server_is_copied_to_a_path_of_its_own_by_a_schedule_and_at_once(tmp_path: Path) -> None:
    plan = planned(tmp_path)
    spec = cluster_of(plan)
    assert spec["backup"] == {"retentionPolicy": "30d", "barmanObjectStore": archive(1)}
    assert set(spec["bootstrap"]) == {"initdb"}
    (schedule,) = made(plan, "ScheduledBackup").values()
    assert schedule.content["spec"] == {
        "schedule": "0 0 3 * * *",
        "immediate": True,
        "method": "barmanObjectStore",
        "backupOwnerReference": "cluster",
        "cluster": {"name": SERVER},
    }


@pytest.mark.parametrize("landscape", all_but_thoroughly(["order-processing"], LANDSCAPES))
def test_no_two_servers_share_a_path(tmp_path: Path, landscape: str) -> None:
    stores = [
        item.content["spec"]["backup"]["barmanObjectStore"]
        for item in made(planned(tmp_path, landscape=landscape), "Cluster").values()
    ]
    assert len({(store["destinationPath"], store["serverName"]) for store in stores}) == len(stores)


def test_the_keys_are_given_and_stand_in_the_secrets_of_servers_alone(tmp_path: Path) -> None:
    plan = planned(tmp_path)
    holders = [f"{item.kind} {item.name}" for item in objects_of(plan) if {*KEYS} & {*refs(item)}]
    assert holders == [f"Secret {SERVER}--backups"]
    assert plan.given == KEYS
    assert not {*plan.secrets} & {*KEYS}
    for item in objects_of(plan):
        if item.kind != "Cluster":
            assert f"{SERVER}--backups" not in str(item.content.get("spec", {}).get("template", ""))


@pytest.mark.parametrize(
    ("further", "to", "port"),
    [
        ("", "0.0.0.0/0", 443),
        ("      networks: [10.5.0.0/24]\n", "10.5.0.0/24", 443),
        ("      networks: [10.5.0.7/32]\n      endpoint: http://store.shop:9000\n", "10.5.0.7/32", 9000),
    ],
)
def test_a_server_reaches_where_its_copies_go_and_no_workload_does(tmp_path: Path, further: str, to: str, port: int) -> None:
    copies = COPIES.replace("      endpoint: https://s3.example\n", "") if "endpoint" in further else COPIES
    plan = planned(tmp_path, ENVIRONMENT + copies + further)
    reaching = {
        item.name: [peer["ipBlock"]["cidr"] for peer in rule["to"]]
        for item in made(plan, "NetworkPolicy").values()
        for rule in item.content["spec"].get("egress", ())
        if "ipBlock" in str(rule) and rule["ports"] == [{"protocol": "TCP", "port": port}]
    }
    assert set(reaching) == {SERVER}
    assert reaching[SERVER][0] == to
    assert len(reaching[SERVER]) == (2 if to == "0.0.0.0/0" else 1)


def test_who_vouches_for_the_store_is_told_where_somebody_does(tmp_path: Path) -> None:
    pem = "-----BEGIN CERTIFICATE-----\\nMIIB+/=\\n-----END CERTIFICATE-----\\n"
    plan = planned(tmp_path, f'{ENVIRONMENT}{COPIES}      authority: "{pem}"\n')
    store = cluster_of(plan)["backup"]["barmanObjectStore"]
    assert store["endpointCA"] == {"name": f"{SERVER}--backups", "key": "ca.crt"}
    assert "ca.crt" in made(plan, "Secret")[f"{SERVER}--backups"].content["data"]


RECOVERED = f"      recoveries: {{order-processing/{SERVER}: [%s], another/one: [latest]}}\n"


@pytest.mark.parametrize(
    ("moments", "life", "target"),
    [
        ("latest", 2, {}),
        ("latest, '2026-11-28T12:00:00Z'", 3, {"recoveryTarget": {"targetTime": "2026-11-28 12:00:00+00"}}),
    ],
)
def test_a_server_that_is_recovered_begins_as_its_last_archive_and_has_the_next(
    tmp_path: Path, moments: str, life: int, target: dict[str, object]
) -> None:
    plan = planned(tmp_path, ENVIRONMENT + COPIES + RECOVERED % moments)
    spec = cluster_of(plan)
    owned = {"database": "order_processing", "owner": "order_processing", "secret": {"name": f"{SERVER}--owner"}}
    assert spec["bootstrap"] == {"recovery": {**owned, "source": "archive", **target}}
    assert spec["externalClusters"] == [{"name": "archive", "barmanObjectStore": archive(life - 1)}]
    assert spec["backup"]["barmanObjectStore"] == archive(life)
    assert [item.name for item in made(plan, "ScheduledBackup").values()] == [f"{SERVER}-{life}"]
    assert made(plan, "Cluster")[SERVER].once == ("spec.externalClusters",)


def test_a_server_of_which_there_are_no_copies_is_not_recovered(tmp_path: Path) -> None:
    recovered = (RECOVERED % "latest").replace(SERVER, "order-procesing--postgresql")
    with pytest.raises(Refusal, match=r"recoveries` names order-processing/order-procesing--postgresql.*" + SERVER):
        planned(tmp_path, ENVIRONMENT + COPIES + recovered)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("destination: https://copies", "destination"),
        ("destination: s3://copies/../other", "destination"),
        ("endpoint: https://key:secret@s3.example", "endpoint"),
        ("endpoint: https://s3.example/path", "endpoint"),
        ("schedule: 0 3 * * *", "schedule"),
        ("retention: 30 days", "retention"),
        ("networks: [everywhere]", "networks"),
        ("authority: /etc/ssl/ca.pem", "authority"),
        ("recoveries: {order-processing/x: [yesterday]}", "recoveries"),
        ("recoveries: {x: [latest]}", "recoveries"),
        ("secret-key: abcdefgh", "secret-key"),
    ],
)
def test_what_is_wrong_is_named_and_no_value_is_shown(tmp_path: Path, line: str, words: str) -> None:
    kept = [text for text in COPIES.splitlines() if not text.strip().startswith(f"{line.partition(':')[0]}:")]
    root = written(tmp_path, "\n".join([ENVIRONMENT, *kept, f"      {line}"]))
    with pytest.raises(EnvironmentProblem, match=words) as caught:
        load_environment("shop", root)
    assert "secret@" not in str(caught.value)
    assert "abcdefgh" not in str(caught.value)


def test_without_copies_and_prometheus_there_are_none_of_their_objects(tmp_path: Path) -> None:
    plan = planned(tmp_path, ENVIRONMENT)
    assert not {"ScheduledBackup", "PodMonitor"} & {item.kind for item in objects_of(plan)}
    assert not {"backup", "externalClusters"} & {*cluster_of(plan)}
    assert plan.given == ()


def test_prometheus_reads_metrics_and_reaches_no_database(tmp_path: Path) -> None:
    text = WATCHED + "  monitoring: {namespace: watch, labels: {release: prometheus}}\n"
    plan = planned(tmp_path, text)
    monitor = made(plan, "PodMonitor")[f"{SERVER}--metrics"]
    assert monitor.labels["release"] == "prometheus"
    assert monitor.content["spec"] == {
        "selector": {"matchLabels": {"plat.dev/server": SERVER, "cnpg.io/podRole": "instance"}},
        "podMetricsEndpoints": [{"port": "metrics"}],
    }
    entering = [
        (name, rule["ports"])
        for name, item in made(plan, "NetworkPolicy").items()
        for rule in item.content["spec"].get("ingress", ())
        if "watch" in str(rule["from"])
    ]
    assert entering == [(SERVER, [{"protocol": "TCP", "port": 9187}])]


def test_a_label_of_prometheus_takes_none_of_ours_away(tmp_path: Path) -> None:
    plan = planned(tmp_path, WATCHED + "  monitoring: {labels: {managed: x}}\n")
    monitor = made(plan, "PodMonitor")[f"{SERVER}--metrics"]
    assert monitor.labels["app.kubernetes.io/managed-by"] == "plat"


@pytest.mark.parametrize(("instances", "needed"), [(1, 1), (2, 2), (3, 2), (5, 2)])
def test_from_two_instances_on_two_are_needed(tmp_path: Path, instances: int, needed: int) -> None:
    plan = planned(tmp_path, f"{ENVIRONMENT}  postgresql: {{instances: {instances}}}\n")
    assert plan.cluster
    assert plan.cluster.needed_of(plan.server(SERVER)) == needed
    assert plan.cluster.needed_of(plan.server("user-management--redis")) == 1
