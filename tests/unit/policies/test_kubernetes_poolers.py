"""Poolers by CloudNativePG: ours pass, and nobody makes another one or comes to a server by way of one."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pulumi
import pytest

from components.landscape import provision
from plat.kubernetes import labels
from plat.plan.shares import whole
from policies.bench import Bench
from policies.ground import Ground
from tests.thorough import all_but_thoroughly
from tests.unit.plan.test_cloudnative_pg import SERVER, WATCHED
from tests.unit.plan.test_poolers import POOLER, pooled
from tests.unit.policies.recorded import fresh_runtime, registered
from tests.unit.policies.test_kubernetes import ORDERS, Body, by_hand, observed, pod, said, template

KIND = "postgresql.cnpg.io/v1:Pooler"


@pytest.fixture(autouse=True)
def _runtime() -> Iterator[None]:
    with fresh_runtime():
        yield
        pulumi.runtime.set_all_config({})


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground.of(pooled(tmp_path_factory.mktemp("pooled"), WATCHED))


@pytest.mark.parametrize("preview", all_but_thoroughly([False], [True, False]), ids=["the first preview", "the update"])
def test_a_landscape_with_a_pooler_passes(tmp_path: Path, *, preview: bool) -> None:
    plan = pooled(tmp_path, WATCHED)
    resources = registered(lambda: provision(whole(plan)) and None, plan.stack, preview=preview)
    bench = Bench(Ground.of(plan))
    assert {resource.label: found for resource in resources if (found := bench.findings(resource))} == {}
    assert list(bench.findings_at_the_end(resources)) == []
    assert [resource.name for resource in resources if resource.type == f"kubernetes:{KIND}"] == [POOLER]


def selecting(**selector: str) -> Body:
    return by_hand(
        spec={"selector": {f"cnpg.io/{name}": value for name, value in selector.items()}, "ports": [{"port": 5432}]}
    )


def labelled(**said: str) -> Body:
    found = template(pod())
    found["spec"]["template"]["metadata"] = {"labels": {labels.TEAM: "orders-team", **said}}
    return found


EVASIONS: Mapping[str, tuple[str, Body, str]] = {
    "a pod that passes for it": ("batch/v1:Job", labelled(**{labels.POOLER: POOLER}), "whose traffic and rights it would get"),
    "a pooler of one's own": (KIND, by_hand(spec={"cluster": {"name": SERVER}}), "another way into a server"),
    "another name for it": ("core/v1:Service", by_hand(spec={"selector": {labels.POOLER: POOLER}}), "another name"),
    "another name for its pods": ("core/v1:Service", selecting(poolerName=POOLER), "operator runs"),
    "its account": ("batch/v1:Job", template(pod(serviceAccountName=POOLER)), "account of a server"),
    "by what it asks the server": (
        "batch/v1:Job",
        template(pod(volumes=[{"name": "x", "secret": {"secretName": f"{SERVER}-pooler"}}])),
        "administrator",
    ),
}


@pytest.mark.parametrize("case", EVASIONS)
def test_what_goes_round_it_by_hand_is_refused(ground: Ground, case: str) -> None:
    token, body, words = EVASIONS[case]
    assert words in said(ground, observed(token, body))


def elsewhere(spec: Body) -> None:
    spec["cluster"] = {"name": "another"}


def by_a_query(spec: Body) -> None:
    spec["pgbouncer"]["authQuery"] = "SELECT 'postgres', 'known'"


def open_to_all(spec: Body) -> None:
    spec["pgbouncer"]["pg_hba"] = ["host all all 0.0.0.0/0 trust"]


def of_another_image(spec: Body) -> None:
    spec["template"]["spec"]["containers"][0]["image"] = "registry.example/mine:1"


@pytest.mark.parametrize("change", [elsewhere, by_a_query, open_to_all, of_another_image], ids=lambda change: change.__name__)
def test_a_planned_pooler_is_as_planned(ground: Ground, change: Callable[[Body], None]) -> None:
    manifest = ground.objects[f"kubernetes:{KIND}", ORDERS, POOLER]
    body = copy.deepcopy(dict(manifest.body))
    assert not said(ground, observed(KIND, body, name=POOLER))
    change(body["spec"])
    assert "differs from it" in said(ground, observed(KIND, body, name=POOLER))
