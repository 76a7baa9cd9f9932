"""On a cluster a secret's value in another's object is refused, wherever in it; and a stack holds all of its fences."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from components.kubernetes.manifest import revealed
from plat.plan.model import SecretRef
from policies.bench import Bench
from policies.ground import Ground
from policies.observed import UNKNOWN, Observed, Options, Properties
from tests.unit.policies.test_kubernetes import ORDERS, PREFIX, USERS, by_hand, observed, planned, running, template

REDIS = SecretRef("datastore/user-management--redis")
OWN = SecretRef("datastore/order-processing--postgresql")


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground.of(planned("contexts", "order-processing"))


def value(ref: SecretRef) -> str:
    return f"canary{base64.b32encode(ref.encode()).decode().strip('=').lower()}"


def ours(ground: Ground, *, known: bool = True) -> Iterator[Observed]:
    for manifest in ground.objects.values():
        body = revealed(
            dict(manifest.body), lambda hidden: hidden.render({ref: value(ref) for ref in hidden.refs}) if known else UNKNOWN
        )
        kind, name = manifest.type_token, manifest.resource
        yield Observed(f"{PREFIX}{kind}::{name}", kind, name, Properties(body), None, Options(manifest.holds_data))


def said(ground: Ground, *resources: Observed) -> str:
    bench = Bench(ground)
    found = [finding for resource in resources for finding in bench.findings(resource)]
    return "\n".join(f"{finding.rule} {finding.message}" for finding in found)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


PLACES: Mapping[str, tuple[str, dict[str, Any]]] = {
    "a variable": (
        "apps/v1:Deployment",
        template(running(env=[{"name": "X", "value": f"redis://:{value(REDIS)}@somewhere"}])),
    ),
    "an argument": ("batch/v1:Job", template(running(args=["--password", value(REDIS)]))),
    "a ConfigMap": ("core/v1:ConfigMap", by_hand(data={"x": value(REDIS)})),
    "a Secret, encoded": ("core/v1:Secret", by_hand(data={"x": encoded(value(REDIS))})),
    "a Secret as text": ("core/v1:Secret", by_hand(stringData={"x": value(REDIS)})),
    "an annotation": (
        "core/v1:ConfigMap",
        {"metadata": {"name": "x", "namespace": ORDERS, "annotations": {"note": value(REDIS)}}},
    ),
}


@pytest.mark.parametrize("order", ["after ours", "before ours"])
@pytest.mark.parametrize("place", PLACES)
def test_another_contexts_secret_is_refused_wherever_it_stands(ground: Ground, place: str, order: str) -> None:
    theirs = observed(*PLACES[place])
    found = said(ground, *ours(ground), theirs) if order == "after ours" else said(ground, theirs, *ours(ground))
    assert "way-round-the-fence" in found
    assert "it holds the secret datastore/user-management--redis" in found
    assert "datastore-ownership" in found
    assert value(REDIS) not in found


def test_what_we_make_holds_its_own_alone(ground: Ground) -> None:
    assert not said(ground, *ours(ground))


def test_a_unit_may_hand_on_its_own(ground: Ground) -> None:
    assert not said(ground, *ours(ground), observed("core/v1:Secret", by_hand(stringData={"x": value(OWN)})))


def test_an_administrators_secret_is_nobodys_to_hand_on(ground: Ground) -> None:
    theirs = observed("core/v1:Secret", by_hand(stringData={"x": value(SecretRef("server/order-processing--postgresql"))}))
    assert "it holds the secret server/order-processing--postgresql" in said(ground, *ours(ground), theirs)


def test_a_planned_secret_with_anothers_value_is_refused(ground: Ground) -> None:
    resources = list(ours(ground))
    for index, resource in enumerate(resources):
        metadata = resource.properties.plain()["metadata"]
        if metadata["name"] == "order-processing--env":
            data = resource.properties.plain()["data"]
            changed = {**resource.properties.plain(), "data": {**data, min(data): encoded(value(REDIS))}}
            resources[index] = Observed(resource.urn, resource.type, resource.name, Properties(changed))
    assert "it holds the secret datastore/user-management--redis" in said(ground, *resources)


def test_what_a_preview_does_not_know_yet_is_judged_by_the_update(ground: Ground) -> None:
    assert not said(ground, *ours(ground, known=False))


def at_the_end(ground: Ground, *left_out: tuple[str, str | None, str]) -> str:
    bench = Bench(ground)
    names = {ground.objects[key].resource + ground.objects[key].type_token for key in left_out}
    resources = [resource for resource in ours(ground) if resource.name + resource.type not in names]
    for resource in resources:
        bench.findings(resource)
    return "\n".join(finding.message for _, finding in bench.findings_at_the_end(resources))


def test_a_stack_with_all_of_its_fences_passes(ground: Ground) -> None:
    assert not at_the_end(ground)


@pytest.mark.parametrize(
    ("kind", "namespace", "name", "words"),
    [
        ("networking.k8s.io/v1:NetworkPolicy", USERS, "default-deny", "no NetworkPolicy `default-deny` fences this namespace"),
        ("core/v1:ResourceQuota", USERS, "quota", "no ResourceQuota `quota` fences"),
        ("core/v1:LimitRange", USERS, "limits", "no LimitRange `limits` fences"),
        (
            "admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding",
            None,
            "order-processing.pods",
            "no ValidatingAdmissionPolicyBinding `order-processing.pods` fences",
        ),
        ("core/v1:Namespace", None, USERS, f"nothing in the stack makes namespace `{USERS}` and fences it"),
    ],
)
def test_a_stack_without_one_of_its_fences_is_refused(
    ground: Ground, kind: str, namespace: str | None, name: str, words: str
) -> None:
    assert words in at_the_end(ground, (f"kubernetes:{kind}", namespace, name))
