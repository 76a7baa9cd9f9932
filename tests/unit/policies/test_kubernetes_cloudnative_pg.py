"""PostgreSQL by CloudNativePG: ours passes, and by hand nobody comes to what an instance holds."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator, Mapping

import pulumi
import pytest

from components.kubernetes.manifest import revealed
from components.landscape import provision
from plat.kubernetes import labels
from plat.plan.model import ApiServer, Backups, Monitoring, Plan, PostgreSQLCluster
from plat.plan.shares import whole
from policies.bench import Bench
from policies.ground import Ground
from tests.thorough import all_but_thoroughly
from tests.unit.policies.recorded import fresh_runtime, registered
from tests.unit.policies.test_kubernetes import (
    LANDSCAPES,
    ORDERS,
    USERS,
    Body,
    by_hand,
    observed,
    pod,
    running,
    said,
    template,
)
from tests.unit.policies.test_kubernetes import planned as plain

SERVER = "order-processing--postgresql"
KIND = "postgresql.cnpg.io/v1:Cluster"


KEYS = {"plat:backups-access-key": "an access key", "plat:backups-secret-key": "canary of the object store"}


@pytest.fixture(autouse=True)
def _runtime() -> Iterator[None]:
    with fresh_runtime():
        pulumi.runtime.set_all_config(KEYS, [*KEYS])
        yield
        pulumi.runtime.set_all_config({})


def planned(landscape: str) -> Plan:
    plan = plain("contexts", landscape)
    assert plan.cluster
    copies = Backups("s3://copies", "https://s3.example", (), 443, None, "eu", "0 0 3 * * *", "30d", {})
    cluster = dataclasses.replace(
        plan.cluster,
        operators=("cloudnative-pg", "prometheus"),
        postgresql=PostgreSQLCluster(instances=2, user=26, group=26, backups=copies),
        api_server=ApiServer(("10.0.0.1/32",), 6443),
        monitoring=Monitoring("monitoring", {}),
    )
    return dataclasses.replace(plan, cluster=cluster)


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground.of(planned("order-processing"))


@pytest.mark.parametrize("preview", all_but_thoroughly([False], [True, False]), ids=["the first preview", "the update"])
@pytest.mark.parametrize("landscape", all_but_thoroughly(["order-processing"], LANDSCAPES))
def test_what_a_sound_landscape_becomes_by_the_operator_passes(landscape: str, *, preview: bool) -> None:
    plan = planned(landscape)
    resources = registered(lambda: provision(whole(plan)) and None, plan.stack, preview=preview)
    bench = Bench(Ground.of(plan))

    assert {resource.label: found for resource in resources if (found := bench.findings(resource))} == {}
    assert list(bench.findings_at_the_end(resources)) == []
    kept = [server for server in plan.servers if server.kind == "postgresql" and server.durability == "persistent"]
    assert len([resource for resource in resources if resource.type == f"kubernetes:{KIND}"]) == len(kept)


OF_SERVER = {"method": "barmanObjectStore", "cluster": {"name": SERVER}}


def volume(claim: str) -> Body:
    return template(pod(volumes=[{"name": "x", "persistentVolumeClaim": {"claimName": claim}}]))


def selecting(**selector: str) -> Body:
    wanted = {name.replace("__", "/").replace("_", "."): value for name, value in selector.items()}
    return by_hand(spec={"selector": wanted, "ports": [{"port": 5432}]})


EVASIONS: Mapping[str, tuple[str, Body, str]] = {
    "the volume of an instance": ("batch/v1:Job", volume(f"{SERVER}-1"), "mounts the volume"),
    "the volume of an instance that is still to come": ("batch/v1:Job", volume(f"{SERVER}-12"), "mounts the volume"),
    "the account of an instance": ("batch/v1:Job", template(pod(serviceAccountName=SERVER)), "account of a server"),
    "it by its older name": ("batch/v1:Job", template(pod(serviceAccount=SERVER)), "account of a server"),
    "another name for the server": ("core/v1:Service", by_hand(spec={"selector": {labels.SERVER: SERVER}}), "another name"),
    "another name for the primary": ("core/v1:Service", selecting(cnpg_io__instanceRole="primary"), "operator runs"),
    "another name for all instances": ("core/v1:Service", selecting(cnpg_io__cluster=SERVER), "operator runs"),
    "the key of an instance": (
        "batch/v1:Job",
        template(pod(volumes=[{"name": "x", "secret": {"secretName": f"{SERVER}-replication"}}])),
        "administrator",
    ),
    "a database of one's own in it": ("postgresql.cnpg.io/v1:Database", by_hand(spec={}), "makes or takes over"),
    "tables for whoever subscribes": ("postgresql.cnpg.io/v1:Publication", by_hand(spec={}), "hands a database's tables on"),
    "copies by a schedule": ("postgresql.cnpg.io/v1:ScheduledBackup", by_hand(spec=OF_SERVER), "copies a whole database"),
    "a copy": ("postgresql.cnpg.io/v1:Backup", by_hand(spec=OF_SERVER), "copies a whole database"),
    "a copy of another context's": (
        "postgresql.cnpg.io/v1:Backup",
        by_hand(namespace=USERS, spec=OF_SERVER),
        "copies a whole database",
    ),
    "another's archive as a beginning": (
        KIND,
        by_hand(
            spec={
                "bootstrap": {"recovery": {"source": "theirs"}},
                "externalClusters": [{"name": "theirs", "barmanObjectStore": {"destinationPath": "s3://copies/theirs"}}],
            }
        ),
        "begin as a copy of somebody else's",
    ),
    "a copy as a beginning": (
        KIND,
        by_hand(spec={"bootstrap": {"recovery": {"backup": {"name": "theirs"}}}}),
        "begin as a copy of somebody else's",
    ),
    "the keys to the copies as files": (
        "batch/v1:Job",
        template(pod(volumes=[{"name": "x", "secret": {"secretName": f"{SERVER}--backups"}}])),
        "the secret of an administrator",
    ),
    "the keys to the copies as variables": (
        "batch/v1:Job",
        template(running(envFrom=[{"secretRef": {"name": f"{SERVER}--backups"}}])),
        "the secret of an administrator",
    ),
    "what somebody else measures": (
        "monitoring.coreos.com/v1:PodMonitor",
        by_hand(spec={"selector": {}, "podMetricsEndpoints": [{"port": "metrics"}]}),
        "hand whatever Secret it names",
    ),
    "a copy of another's as a beginning": (
        KIND,
        by_hand(spec={"bootstrap": {"pg_basebackup": {"source": "x"}}}),
        "no descriptor declares",
    ),
}


@pytest.mark.parametrize("case", EVASIONS)
def test_what_goes_round_the_operator_by_hand_is_refused(ground: Ground, case: str) -> None:
    token, body, words = EVASIONS[case]
    assert words in said(ground, observed(token, body))


def softened(spec: Body) -> None:
    spec["postgresql"].pop("synchronous")


def opened(spec: Body) -> None:
    spec["managed"] = {"roles": [{"name": "x", "superuser": True, "login": True}]}


def elsewhere(spec: Body) -> None:
    spec["externalClusters"] = [{"name": "x", "connectionParameters": {"host": "x"}}]


def recovered(spec: Body) -> None:
    spec["bootstrap"] = {"recovery": {"source": "x"}}


def copied_elsewhere(spec: Body) -> None:
    spec["backup"]["barmanObjectStore"]["destinationPath"] = "s3://mine"


def uncopied(spec: Body) -> None:
    del spec["backup"]


@pytest.mark.parametrize(
    "change", [softened, opened, elsewhere, recovered, copied_elsewhere, uncopied], ids=lambda change: change.__name__
)
def test_a_planned_cluster_is_as_planned(ground: Ground, change: Callable[[Body], None]) -> None:
    manifest = ground.objects[f"kubernetes:{KIND}", ORDERS, SERVER]
    body = copy.deepcopy(dict(revealed(manifest.body, lambda _: "generated")))
    assert not said(ground, observed(KIND, body, name=SERVER, protect=True))
    change(body["spec"])
    assert "differs from it" in said(ground, observed(KIND, body, name=SERVER, protect=True))


@pytest.mark.parametrize("kind", ["ScheduledBackup", "PodMonitor"])
def test_what_goes_with_it_is_as_planned(ground: Ground, kind: str) -> None:
    manifest = next(item for item in ground.objects.values() if item.kind == kind)
    token = manifest.type_token.removeprefix("kubernetes:")
    body = copy.deepcopy(dict(manifest.body))
    assert not said(ground, observed(token, body, name=manifest.name))
    body["spec"] |= {"cluster": {"name": "another"}, "selector": {}}
    assert "differs from it" in said(ground, observed(token, body, name=manifest.name))


def test_a_key_to_the_copies_in_anybodys_hands_is_seen(ground: Ground) -> None:
    key = KEYS["plat:backups-secret-key"]
    plan = planned("order-processing")
    resources = registered(lambda: provision(whole(plan)) and None, plan.stack, preview=False)
    bench = Bench(ground)
    for resource in resources:
        assert not list(bench.findings(resource))
    found = list(bench.findings(observed("core/v1:ConfigMap", by_hand(data={"x": key}))))
    assert "it holds the secret backups/secret-key, which is not its own" in "\n".join(each.message for each in found)
    assert key not in "\n".join(each.message for each in found)


def test_a_cluster_that_is_not_protected_is_refused(ground: Ground) -> None:
    manifest = ground.objects[f"kubernetes:{KIND}", ORDERS, SERVER]
    body = dict(revealed(manifest.body, lambda _: "generated"))
    assert "protect" in said(ground, observed(KIND, body, name=SERVER))
