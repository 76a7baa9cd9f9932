from __future__ import annotations

import copy
import dataclasses
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.kubernetes.manifest import revealed
from plat.audit.live.cluster import ask, findings
from plat.kubernetes.kubectl import Kubectl
from plat.project import Project
from policies.ground import Ground

ROOT = Path(__file__).resolve().parents[3]
ORDERS, USERS = "order-processing--order-processing", "order-processing--user-management"
Object = dict[str, Any]


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground.of(Project(ROOT).plan("order-processing.cluster"))


@pytest.fixture
def planned(ground: Ground) -> list[Object]:
    """What the API server would list of what the landscape becomes, with what it adds by itself."""
    found: list[Object] = [revealed(item.body, lambda _: "hidden") for item in ground.objects.values() if item.namespace]
    made = copy.deepcopy(found)
    for item in made:
        item["metadata"] |= {"uid": "1", "creationTimestamp": "2026-11-28T12:00:00Z", "managedFields": []}
        item["status"] = {}
        if item["kind"] == "Deployment":
            item["spec"] |= {"progressDeadlineSeconds": 600, "replicas": 7}
            item["spec"]["template"]["spec"] |= {"dnsPolicy": "ClusterFirst"}
    own = {"kind": "ReplicaSet", "name": "order-processing-1", "uid": "2"}
    made.append(by_hand("v1", "Pod", "order-processing-1-x", ownerReferences=[own]))
    made.append(by_hand("v1", "ServiceAccount", "default"))
    return made


def by_hand(version: str, kind: str, name: str, namespace: str = ORDERS, **more: Any) -> Object:  # noqa: ANN401 - any part
    owners = {"ownerReferences": more.pop("ownerReferences")} if "ownerReferences" in more else {}
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": namespace, **owners}, **more}


def policy(**spec: Any) -> Object:  # noqa: ANN401 - any part of a policy
    return by_hand("networking.k8s.io/v1", "NetworkPolicy", "open", spec={"podSelector": {}, **spec})


def binding(name: str, role: str, subject: Object) -> Object:
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}
    return by_hand("rbac.authorization.k8s.io/v1", "RoleBinding", name, roleRef=ref, subjects=[subject])


def test_what_the_landscape_becomes_is_not_reported(ground: Ground, planned: list[Object]) -> None:
    assert list(findings(planned, ground)) == []


@pytest.mark.parametrize(
    ("item", "rule", "step"),
    [
        (policy(ingress=[{}]), "way-round-the-fence", f"`kubectl delete networkpolicy open --namespace {ORDERS}`"),
        (policy(policyTypes=["Ingress"]), "right-beyond-plan", f"`kubectl delete networkpolicy open --namespace {ORDERS}`"),
        (
            policy(egress=[{}]) | {"metadata": {"name": "mine", "namespace": ORDERS, "ownerReferences": [{"kind": "Pod"}]}},
            "way-round-the-fence",
            f"`kubectl delete networkpolicy mine --namespace {ORDERS}`",
        ),
        (
            binding("debug", "view", {"kind": "Group", "name": "orders-team"}),
            "way-round-the-fence",
            f"`kubectl delete rolebinding debug --namespace {ORDERS}`",
        ),
        (
            by_hand("v1", "Secret", "copied", data={"password": "aGlkZGVu"}),
            "right-beyond-plan",
            f"`kubectl delete secret copied --namespace {ORDERS}`",
        ),
        (
            by_hand("v1", "Pod", "shell", spec={"containers": [{"name": "shell", "image": "busybox"}]}),
            "right-beyond-plan",
            f"`kubectl delete pod shell --namespace {ORDERS}`",
        ),
        (
            by_hand("v1", "Service", "outside", spec={"type": "NodePort", "selector": {"app": "x"}}),
            "way-round-the-fence",
            f"`kubectl delete service outside --namespace {ORDERS}`",
        ),
    ],
)
def test_what_was_made_by_hand_is_found_with_what_removes_it(
    ground: Ground, planned: list[Object], item: Object, rule: str, step: str
) -> None:
    found = list(findings([*planned, item], ground))

    assert rule in {finding.rule for finding in found}
    assert {finding.hint for finding in found} == {step}
    assert all(f"in namespace `{ORDERS}`" in finding.subject for finding in found)
    assert "aGlkZGVu" not in "".join(finding.render() for finding in found)


@pytest.mark.parametrize(
    ("which", "change", "field"),
    [
        (
            ("NetworkPolicy", "user-management--redis"),
            lambda item: item["spec"]["ingress"].append({"from": [{"namespaceSelector": {}}]}),
            "spec.ingress",
        ),
        (
            ("NetworkPolicy", "user-management--redis"),
            lambda item: item["spec"]["ingress"][1]["from"][0]["podSelector"].clear(),
            "spec.ingress[1].from[0].podSelector.matchLabels",
        ),
        (("NetworkPolicy", "default-deny"), lambda item: item["spec"]["policyTypes"].pop(), "spec.policyTypes"),
        (("Role", "team"), lambda item: item["rules"][0]["verbs"].append("delete"), "rules[0].verbs"),
        (("RoleBinding", "team"), lambda item: item["subjects"][0].update(name="other"), "subjects[0].name"),
        (
            ("Deployment", "user-management"),
            lambda item: item["spec"]["template"]["spec"]["containers"][0].update(image="other"),
            "containers[0].image",
        ),
    ],
)
def test_a_planned_object_that_differs_is_found(
    ground: Ground, planned: list[Object], which: tuple[str, str], change: Callable[[Object], None], field: str
) -> None:
    change(next(item for item in planned if (item["kind"], item["metadata"]["name"]) == which))
    (found,) = findings(planned, ground)

    assert (found.rule, found.field) == ("right-beyond-plan", field)
    assert found.hint == "`plat up order-processing -e cluster --refresh` makes it as planned"


def test_a_fence_that_is_gone_is_found(ground: Ground, planned: list[Object]) -> None:
    left = [item for item in planned if (item["metadata"]["name"], item["metadata"]["namespace"]) != ("default-deny", USERS)]
    (found,) = findings(left, ground)

    assert found.rule == "right-missing"
    assert found.message.startswith(f"NetworkPolicy `default-deny` is missing in namespace `{USERS}`")


def test_a_right_in_every_namespace_is_found_where_it_is_the_landscapes(ground: Ground, planned: list[Object]) -> None:
    def wide(subject: Object) -> Object:
        ref = {"kind": "ClusterRole", "name": "cluster-admin"}
        metadata = {"name": "all"}
        version = "rbac.authorization.k8s.io/v1"
        return {
            "apiVersion": version,
            "kind": "ClusterRoleBinding",
            "metadata": metadata,
            "roleRef": ref,
            "subjects": [subject],
        }

    account = wide({"kind": "ServiceAccount", "name": "order-processing", "namespace": ORDERS})
    others = wide({"kind": "ServiceAccount", "name": "order-processing", "namespace": "kube-system"})
    without_a_context = "returns-team"
    ground = Ground.of(dataclasses.replace(ground.plan, groups=(*ground.plan.groups, without_a_context)))
    teams = [wide({"kind": "Group", "name": name}) for name in ("orders-team", without_a_context)]

    assert list(findings([*planned, others], ground)) == []
    for item in (account, *teams):
        (found,) = findings([*planned, item], ground)
        assert (found.rule, found.hint) == ("way-round-the-fence", "`kubectl delete clusterrolebinding all`")


def test_values_of_secrets_are_let_go_of(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"items": [by_hand("v1", "Secret", "one", data={"password": "aGlkZGVu"})]}
    done = subprocess.CompletedProcess([], 0, json.dumps(answer), "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    monkeypatch.setattr(Kubectl, "command", lambda _, *words: list(words))
    assert ground.plan.cluster

    assert "aGlkZGVu" not in str(ask(Kubectl(ground.plan.cluster, ROOT), [ORDERS]))
