"""PostgreSQL by CloudNativePG: ours passes, and by hand nobody comes to what an instance holds."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator, Mapping

import pytest

from components.kubernetes.manifest import revealed
from components.landscape import provision
from plat.kubernetes import labels
from plat.plan.model import ApiServer, Plan, PostgreSQLCluster
from policies.bench import Bench
from policies.ground import Ground
from tests.unit.policies.recorded import fresh_runtime, registered
from tests.unit.policies.test_kubernetes import LANDSCAPES, ORDERS, Body, by_hand, observed, pod, said, template
from tests.unit.policies.test_kubernetes import planned as plain

SERVER = "order-processing--postgresql"
KIND = "postgresql.cnpg.io/v1:Cluster"


@pytest.fixture(autouse=True)
def _runtime() -> Iterator[None]:
    with fresh_runtime():
        yield


def planned(landscape: str) -> Plan:
    plan = plain("contexts", landscape)
    assert plan.cluster
    made = PostgreSQLCluster(instances=2, user=26, group=26)
    api = ApiServer(("10.0.0.1/32",), 6443)
    cluster = dataclasses.replace(plan.cluster, operators=("cloudnative-pg",), postgresql=made, api_server=api)
    return dataclasses.replace(plan, cluster=cluster)


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground.of(planned("order-processing"))


@pytest.mark.parametrize("preview", [True, False], ids=["the first preview", "the update"])
@pytest.mark.parametrize("landscape", LANDSCAPES)
def test_what_a_sound_landscape_becomes_by_the_operator_passes(landscape: str, *, preview: bool) -> None:
    plan = planned(landscape)
    resources = registered(lambda: provision(plan) and None, plan.stack, preview=preview)
    bench = Bench(Ground.of(plan))

    assert {resource.label: found for resource in resources if (found := bench.findings(resource))} == {}
    assert list(bench.findings_at_the_end(resources)) == []
    kept = [server for server in plan.servers if server.kind == "postgresql" and server.durability == "persistent"]
    assert len([resource for resource in resources if resource.type == f"kubernetes:{KIND}"]) == len(kept)


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
    "copies by a schedule": ("postgresql.cnpg.io/v1:ScheduledBackup", by_hand(spec={}), "copies a whole database"),
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


@pytest.mark.parametrize("change", [softened, opened, elsewhere], ids=lambda change: change.__name__)
def test_a_planned_cluster_is_as_planned(ground: Ground, change: Callable[[Body], None]) -> None:
    manifest = ground.objects[f"kubernetes:{KIND}", ORDERS, SERVER]
    body = copy.deepcopy(dict(revealed(manifest.body, lambda _: "generated")))
    assert not said(ground, observed(KIND, body, name=SERVER, protect=True))
    change(body["spec"])
    assert "differs from it" in said(ground, observed(KIND, body, name=SERVER, protect=True))


def test_a_cluster_that_is_not_protected_is_refused(ground: Ground) -> None:
    manifest = ground.objects[f"kubernetes:{KIND}", ORDERS, SERVER]
    body = dict(revealed(manifest.body, lambda _: "generated"))
    assert "protect" in said(ground, observed(KIND, body, name=SERVER))
