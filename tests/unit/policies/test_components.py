"""What our own components register passes, in the first preview and in the update, for every landscape that is sound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.landscape import provision
from plat.plan.model import Plan
from plat.plan.shares import whole
from plat.project import CONTEXTS_VARIABLE, Project
from policies.bench import Bench
from policies.ground import Ground
from policies.observed import Observed
from policies.observers import KINDS
from tests.thorough import all_but_thoroughly
from tests.unit.policies.recorded import fresh_runtime, registered

ROOT = Path(__file__).resolve().parents[3]

LANDSCAPES = {
    "one of everything": ("tests/landscapes", "market"),
    "stores of type mysql": ("tests/landscapes", "bazaar"),
    "a modular monolith": ("tests/landscapes", "modules-that-keep-apart"),
    "a schema for each module": ("tests/landscapes", "emporium"),
    "two contexts of one team": ("tests/landscapes", "orders-api-of-one-team"),
    "events": ("tests/landscapes", "orders-table-with-one-owner"),
    "events through kafka": ("tests/landscapes", "parcels"),
    "calls": ("tests/landscapes", "service-on-its-own-database"),
    "the worked example": ("contexts", "order-processing"),
}

PHASES = {"the first preview": True, "the update": False}


@pytest.fixture(autouse=True)
def _runtime() -> Iterator[None]:
    with fresh_runtime():
        yield


def planned(monkeypatch: pytest.MonkeyPatch, folder: str, landscape: str) -> Plan:
    monkeypatch.setenv(CONTEXTS_VARIABLE, str(ROOT / folder))
    return Project(ROOT).plan(f"{landscape}.local")


def provisioned(plan: Plan, *, preview: bool) -> list[Observed]:
    def program() -> None:
        provision(whole(plan))

    return registered(program, plan.stack, preview=preview)


@pytest.mark.parametrize("preview", PHASES.values(), ids=PHASES.keys())
@pytest.mark.parametrize(
    ("folder", "landscape"),
    all_but_thoroughly([LANDSCAPES["one of everything"]], LANDSCAPES.values()),
    ids=LANDSCAPES.keys(),
)
def test_what_a_sound_landscape_becomes_passes(
    monkeypatch: pytest.MonkeyPatch, folder: str, landscape: str, *, preview: bool
) -> None:
    plan = planned(monkeypatch, folder, landscape)
    bench = Bench(Ground.of(plan))
    resources = provisioned(plan, preview=preview)
    findings = [finding.render() for resource in resources for finding in bench.findings(resource)]
    findings += [finding.render() for _, finding in bench.findings_at_the_end(resources)]
    assert findings == []


def test_everything_that_is_planned_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(monkeypatch, "tests/landscapes", "market")
    counted = Counter(resource.type for resource in provisioned(plan, preview=True))
    assert {type_: counted[type_] for type_ in KINDS if counted[type_]} == {
        "pulumi:pulumi:Stack": 1,
        "pulumi:providers:platlocal": 1,
        "pulumi:providers:postgresql": 2,
        "pulumi:providers:rabbitmq": 1,
        "platlocal:index:PostgresFence": 4,
        "platlocal:index:Process": 5,
        "platlocal:index:RedisUser": 1,
        "platlocal:index:Server": 4,
        "postgresql:index/database:Database": 4,
        "postgresql:index/role:Role": 4,
        "rabbitmq:index/binding:Binding": 2,
        "rabbitmq:index/exchange:Exchange": 2,
        "rabbitmq:index/permissions:Permissions": 4,
        "rabbitmq:index/policy:Policy": 4,
        "rabbitmq:index/queue:Queue": 4,
        "rabbitmq:index/topicPermissions:TopicPermissions": 2,
        "rabbitmq:index/user:User": 3,
        "rabbitmq:index/vHost:VHost": 1,
    }


def test_everything_that_is_planned_in_kafka_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(monkeypatch, "tests/landscapes", "parcels")
    resources = provisioned(plan, preview=True)
    counted = Counter(resource.type for resource in resources)
    assert {type_: counted[type_] for type_ in KINDS if counted[type_]} == {
        "pulumi:pulumi:Stack": 1,
        "pulumi:providers:kafka": 1,
        "pulumi:providers:platlocal": 1,
        "kafka:index/topic:Topic": 6,
        "kafka:index/userScramCredential:UserScramCredential": 3,
        "kafka:index/acl:Acl": 24,
        "platlocal:index:Process": 4,
        "platlocal:index:Server": 1,
    }
    assert all(resource.options.protect for resource in resources if resource.type == "kafka:index/topic:Topic")


def test_a_user_of_kafka_gets_each_right_by_its_literal_name(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(monkeypatch, "tests/landscapes", "parcels")
    acls = [item.properties for item in provisioned(plan, preview=True) if item.type == "kafka:index/acl:Acl"]
    billing = {
        (acl.text("aclResourceType"), acl.text("aclResourceName"), acl.text("aclOperation"))
        for acl in acls
        if acl.text("aclPrincipal") == "User:billing"
    }
    assert {acl.text("resourcePatternTypeFilter") for acl in acls} == {"Literal"}
    assert billing == {
        ("Topic", "parcels.billing.InvoiceSent.v1", "Describe"),
        ("Topic", "parcels.billing.InvoiceSent.v1", "Write"),
        ("Topic", "parcels.shipping.ParcelBooked.v1", "Describe"),
        ("Topic", "parcels.shipping.ParcelBooked.v1", "Read"),
        ("Topic", "invoices.dead", "Describe"),
        ("Topic", "invoices.dead", "Read"),
        ("Topic", "invoices.dead", "Write"),
        ("Group", "invoices", "Read"),
    }
