"""The policies by which a cluster itself refuses what the policy pack refuses."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.kubernetes.admission.facts import fixed, formatted, pod_shape
from components.kubernetes.manifest import Hidden, Manifest
from components.kubernetes.objects import objects_of
from plat.asked import ENVIRONMENTS
from plat.environment import EnvironmentProblem, load_environment
from plat.kubernetes import labels
from plat.outline import outline
from plat.plan.build import build
from plat.plan.model import Plan
from plat.project import Project
from plat.rules import breach, deployable, rights

ROOT = Path(__file__).resolve().parents[3]
KIND, BINDING = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"
ORDERS = "order-processing--order-processing"


def environment(folder: Path, **settings: object) -> None:
    document = yaml.safe_load((ROOT / ENVIRONMENTS / "cluster.yaml").read_text())
    document["cluster"] = {name: value for name, value in document["cluster"].items() if name != "provisioner"} | settings
    (folder / ENVIRONMENTS).mkdir(parents=True)
    (folder / ENVIRONMENTS / "cluster.yaml").write_text(yaml.safe_dump(document))


def planned(folder: Path, **settings: object) -> Plan:
    environment(folder, **settings)
    landscape = Project(ROOT).check("order-processing").landscape
    assert landscape
    return build(landscape, load_environment("cluster", folder))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Project(ROOT).plan("order-processing.cluster")


@pytest.fixture(scope="module")
def objects(plan: Plan) -> tuple[Manifest, ...]:
    return objects_of(plan)


def of_kind(objects: tuple[Manifest, ...], kind: str) -> Iterator[Manifest]:
    return (item for item in objects if item.kind == kind)


def test_policies_are_there_before_any_namespace_and_that_before_anything_in_it(
    objects: tuple[Manifest, ...],
) -> None:
    last = max(index for index, item in enumerate(objects) if item.kind == BINDING)
    for index, item in enumerate(objects):
        if item.kind == "Namespace":
            assert last < index
            assert {other.kind for other in item.after} == {KIND, BINDING}
            assert all(other.namespace != item.name for other in objects[:index])


def test_every_policy_fails_closed_and_is_bound_to_its_landscape_alone(objects: tuple[Manifest, ...]) -> None:
    policies = {item.name: item.content["spec"] for item in of_kind(objects, KIND)}
    bindings = {item.content["spec"]["policyName"]: item.content["spec"] for item in of_kind(objects, BINDING)}
    assert set(policies) == set(bindings)
    for name, spec in policies.items():
        assert name.startswith("order-processing.")
        assert spec["failurePolicy"] == "Fail"
        binding = bindings[name]
        assert binding["validationActions"] == ["Deny"]
        if "matchResources" in binding:
            selected = binding["matchResources"]["namespaceSelector"]["matchLabels"]
            assert selected == {"app.kubernetes.io/part-of": "order-processing"}
        else:
            assert all(rule["scope"] == "Cluster" for rule in spec["matchConstraints"]["resourceRules"])


def test_every_refusal_names_its_rule_and_what_to_do(objects: tuple[Manifest, ...]) -> None:
    known = {breach.ID, deployable.ID, rights.OPAQUE_ID}
    for item in of_kind(objects, KIND):
        for validation in item.content["spec"]["validations"]:
            found = re.fullmatch(r"error\[([a-z-]+)\]: (.+): (.+) \(`plat explain ([a-z-]+)`\)", validation["message"])
            assert found, validation["message"]
            assert found[1] == found[4]
            assert found[1] in known
            assert "\n" not in validation["message"]


def planned_in(namespace: Manifest) -> dict[str, str]:
    found = {key: text for key, text in namespace.annotations.items() if isinstance(text, str) and "plan.plat.dev/" in key}
    return dict(found)


def test_what_is_planned_in_a_namespace_is_all_that_is_made_there(objects: tuple[Manifest, ...]) -> None:
    for item in of_kind(objects, "Namespace"):
        there = {f"{other.kind}.plan.plat.dev/{other.name}" for other in objects if other.namespace == item.name}
        assert set(planned_in(item)) == there | {"plan.plat.dev/servers", "plan.plat.dev/variables"}
    own = planned_in(next(item for item in of_kind(objects, "Namespace") if item.name == ORDERS))
    assert own["plan.plat.dev/servers"] == "order-processing--postgresql"
    assert own["plan.plat.dev/variables"] == "order-processing--env"


def test_what_is_too_long_for_an_annotation_is_for_who_provisions_alone(objects: tuple[Manifest, ...]) -> None:
    policy = next(item for item in objects if item.name == "default-deny")
    assert fixed(policy)
    assert not fixed(dataclasses.replace(policy, content={"spec": {"ingress": ["x" * 70_000]}}))


def test_another_way_changes_what_is_planned_and_no_policy(plan: Plan, objects: tuple[Manifest, ...]) -> None:
    closed = dataclasses.replace(plan, routes=(), externals=(), workloads=plan.workloads[:1])

    def bodies(found: tuple[Manifest, ...], kind: str) -> list[object]:
        return [item.body for item in of_kind(found, kind)]

    other = objects_of(closed)
    assert bodies(other, "Namespace") != bodies(objects, "Namespace")
    assert bodies(other, KIND) == bodies(objects, KIND)
    assert bodies(other, BINDING) == bodies(objects, BINDING)


@pytest.mark.parametrize(
    "group", ["gateway.networking.k8s.io", "keda.sh", "monitoring.coreos.com", "postgresql.cnpg.io", "rabbitmq.com"]
)
def test_what_others_make_servers_and_ways_of_is_removed_by_who_provisions_alone(
    objects: tuple[Manifest, ...], group: str
) -> None:
    (hands,) = (item for item in of_kind(objects, KIND) if item.name.endswith(".hands"))
    (rule,) = (rule for rule in hands.content["spec"]["matchConstraints"]["resourceRules"] if group in rule["apiGroups"])
    assert rule["operations"] == ["CREATE", "UPDATE", "DELETE"]
    assert rule["resources"] == ["*"]


def test_an_environment_may_leave_policies_out(tmp_path: Path) -> None:
    found = objects_of(planned(tmp_path, admission=False))
    assert not {item.kind for item in found} & {KIND, BINDING}
    assert all(not planned_in(item) for item in of_kind(found, "Namespace"))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"provisioner": {"user": "it's me"}}, "request.userInfo.?username.orValue('') == 'it\\'s me'"),
        ({"provisioner": {"group": "platform"}}, "'platform' in request.userInfo.?groups.orValue([])"),
        (
            {},
            "authorizer.group('admissionregistration.k8s.io').resource('validatingadmissionpolicies').check('update').allowed()",
        ),
    ],
    ids=["a user", "a group", "whoever may change policies"],
)
def test_an_environment_says_who_provisions(tmp_path: Path, settings: dict[str, Any], words: str) -> None:
    for item in of_kind(objects_of(planned(tmp_path, **settings)), KIND):
        variables = {variable["name"]: variable["expression"] for variable in item.content["spec"]["variables"]}
        assert variables["provisions"] == words


def test_the_plan_tells_who_provisions(plan: Plan) -> None:
    told = [line.text for section in outline(plan).sections for line in section.lines if line.kind == "admission"]
    assert told == ["user plat-administrator alone changes what is planned"]


def test_who_provisions_is_a_user_or_a_group(tmp_path: Path) -> None:
    environment(tmp_path, provisioner={"user": "a", "group": "b"})
    with pytest.raises(EnvironmentProblem, match="say either `user` or `group`"):
        load_environment("cluster", tmp_path)


def test_operators_are_named_by_their_namespaces(tmp_path: Path) -> None:
    for item in of_kind(objects_of(planned(tmp_path, controllers=["kube-system", "operators"])), KIND):
        conditions = {found["name"]: found["expression"] for found in item.content["spec"]["matchConditions"]}
        assert "'system:serviceaccounts:operators'" in conditions["by-hand"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": [1, True], "a": "x"}, '{"a":"x", "b":[1, true]}'),
        ('say "hi" \\ \n', '"say \\"hi\\" \\\\ \\n"'),
        ("\x01é\x7f\u200b", '"\\x01é\\x7f\\u200b"'),
        ([], "[]"),
        ({}, "{}"),
    ],
)
def test_parts_are_written_as_the_cluster_writes_them(value: object, text: str) -> None:
    assert formatted(value) == text


def test_a_secret_has_no_place_in_what_is_planned() -> None:
    with pytest.raises(TypeError):
        formatted(Hidden((), lambda _: ""))


def test_a_pod_is_compared_by_whose_it_is_and_what_it_holds() -> None:
    template: dict[str, Any] = {
        "metadata": {"labels": {"plat.dev/workload": "orders", "app": "x"}},
        "spec": {
            "serviceAccountName": "orders",
            "containers": [
                {
                    "name": "orders",
                    "image": "orders:1",
                    "env": [
                        {"name": "A", "value": "1"},
                        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                    ],
                }
            ],
            "volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "files", "secret": {"secretName": "s"}}],
        },
    }
    assert pod_shape(template).splitlines() == [
        formatted(["", "", "orders", *[""] * (len(labels.ROLES) - 1)]),
        '["orders"]',
        '[["orders", "orders:1"], [], [], [["A", "1", "", ""], ["B", "", "s", "k"]], "0"]',
        '["tmp", "", "", ""]',
        '["files", "s", "", ""]',
    ]
