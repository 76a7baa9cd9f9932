"""What a plan is on a cluster, and the objects that it becomes."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from components.kubernetes.manifest import Hidden, Manifest, revealed
from components.kubernetes.objects import objects_of
from plat.kubernetes import labels, pods
from plat.kubernetes.flows import Elsewhere, End, Flow, end_of, flows_of
from plat.plan.model import Plan, SecretRef
from plat.project import CONTEXTS_VARIABLE, Project
from plat.quantities import mebibytes
from tests.thorough import values_but_thoroughly

ROOT = Path(__file__).resolve().parents[3]
LANDSCAPES = sorted(folder.name for folder in (ROOT / "contexts").iterdir() if (folder / "landscape.yaml").exists())

ORDERS = "order-processing--order-processing"


def planned(landscape: str, folder: str = "contexts", environment: str = "cluster") -> Plan:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / folder))
        return Project(ROOT).plan(f"{landscape}.{environment}")


@pytest.fixture(scope="module", params=values_but_thoroughly(["order-processing"], LANDSCAPES))
def plan(request: pytest.FixtureRequest) -> Plan:
    return planned(request.param)


@pytest.fixture(scope="module")
def objects(plan: Plan) -> tuple[Manifest, ...]:
    return objects_of(plan)


@pytest.fixture(scope="module")
def orders() -> Plan:
    return planned("order-processing")


def of_kind(objects: tuple[Manifest, ...], kind: str) -> Iterator[Manifest]:
    return (item for item in objects if item.kind == kind)


def templates(objects: tuple[Manifest, ...]) -> Iterator[tuple[Manifest, Mapping[str, Any]]]:
    for item in objects:
        if item.kind in {"Deployment", "StatefulSet", "Job"}:
            yield item, item.content["spec"]["template"]


def test_names_and_rights_are_those_of_the_local_target(plan: Plan) -> None:
    local = planned(plan.landscape, environment="local")

    def rights(one: Plan) -> object:
        stores = [(store.name, store.database, store.schema, store.role, store.secret) for store in one.datastores]
        return (stores, one.broker, one.contracts, one.claims, one.secrets, [route.operations for route in one.routes])

    assert rights(plan) == rights(local)
    assert [server.name for server in plan.servers] == [server.name for server in local.servers]


def test_every_unit_has_a_namespace_of_its_own_and_every_thing_is_in_its_owners(plan: Plan) -> None:
    units = {namespace.name: namespace for namespace in plan.namespaces}
    assert len({namespace.unit for namespace in plan.namespaces}) == len(units)
    assert {units[server.namespace or ""].unit for server in plan.servers} == {server.owner for server in plan.servers}
    for workload in plan.workloads:
        home = units[workload.namespace or ""]
        assert home.team == workload.team
        assert home.unit in {workload.name, *workload.contexts}


def test_each_address_leads_to_a_service_of_the_plan(plan: Plan, objects: tuple[Manifest, ...]) -> None:
    services = {f"{item.name}.{item.namespace}.svc.cluster.local" for item in of_kind(objects, "Service")}
    hosts = {server.host for server in plan.servers} | {surface.host for surface in plan.surfaces}
    assert hosts <= services


def test_objects_come_after_those_that_they_wait_for_and_have_names_of_their_own(objects: tuple[Manifest, ...]) -> None:
    seen: set[tuple[str, str]] = set()
    for item in objects:
        assert {(other.type_token, other.resource) for other in item.after} <= seen
        assert (item.type_token, item.resource) not in seen
        seen.add((item.type_token, item.resource))
    assert len({(item.kind, item.namespace, item.name) for item in objects}) == len(objects)


def test_names_are_such_as_the_cluster_takes(objects: tuple[Manifest, ...]) -> None:
    assert [item.name for item in objects if len(item.name) > 63] == []
    # Their pods bear a label of their name and a hash.
    assert [item.name for item in of_kind(objects, "StatefulSet") if len(item.name) > 52] == []
    values = {value for item in objects for value in item.labels.values()}
    assert [value for value in values if len(value) > 63] == []


def test_no_object_but_a_secret_holds_one(objects: tuple[Manifest, ...]) -> None:
    hidden: dict[str, set[str]] = {}
    for item in objects:
        refs: list[Hidden] = []
        revealed(dict(item.content), refs.append)
        if refs:
            hidden.setdefault(item.kind, set()).add(item.name)
    # An annotation of pods is a digest of them.
    assert set(hidden) <= {"Secret", "Deployment", "Job"}
    for item, template in templates(objects):
        if item.kind in {"Deployment", "Job"}:
            annotations = dict(template["metadata"]["annotations"])
            assert isinstance(annotations.pop(labels.SECRETS), Hidden)
            plain = {**template, "metadata": {**template["metadata"], "annotations": annotations}}
            revealed(plain, lambda found: pytest.fail(f"{found.refs} stand in a pod's description"))


def test_every_pod_is_as_restricted_as_its_namespace_demands(objects: tuple[Manifest, ...]) -> None:
    for item, template in templates(objects):
        spec = template["spec"]
        assert spec["automountServiceAccountToken"] is False, item.name
        assert spec["securityContext"]["runAsUser"] == pods.USER
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"]
            assert security["runAsNonRoot"]
            assert security["capabilities"] == {"drop": ["ALL"]}
            assert not security["allowPrivilegeEscalation"]
            assert set(container["resources"]) == {"limits", "requests"}
        accounts = {other.name for other in of_kind(objects, "ServiceAccount") if other.namespace == item.namespace}
        assert spec["serviceAccountName"] in accounts
    for namespace in of_kind(objects, "Namespace"):
        assert namespace.labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_every_namespace_is_closed_both_ways_before_anything_runs_in_it(plan: Plan, objects: tuple[Manifest, ...]) -> None:
    closed = {item.namespace: index for index, item in enumerate(objects) if item.name == "default-deny"}
    assert set(closed) == {namespace.name for namespace in plan.namespaces}
    for index, item in enumerate(objects):
        if item.kind in {"Deployment", "StatefulSet", "Job"}:
            assert closed[item.namespace] < index
    for item in of_kind(objects, "NetworkPolicy"):
        if item.name == "default-deny":
            assert item.content == {"spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}}


def test_everything_in_a_namespace_waits_for_all_that_fences_it(objects: tuple[Manifest, ...]) -> None:
    walls = {("NetworkPolicy", "default-deny"), ("NetworkPolicy", "ask-for-names"), ("ResourceQuota", "quota")}
    walls |= {("LimitRange", "limits")}
    for item in objects:
        if item.namespace:
            waits = {(other.kind, other.name) for other in item.after if other.namespace in {None, item.namespace}}
            assert ("Namespace", item.namespace) in waits
            assert walls <= waits or (item.kind, item.name) in walls


def test_another_value_of_a_secret_is_another_pod_for_whoever_reads_it(orders: Plan) -> None:
    def pods(values: Mapping[SecretRef, str]) -> dict[str, str]:
        return {
            item.resource: json.dumps(revealed(template, lambda hidden: hidden.render(values)))
            for item, template in templates(objects_of(orders))
        }

    before = {ref: f"value of {ref}" for ref in orders.secrets}
    after = before | {SecretRef("datastore/order-processing--postgresql"): "another"}
    one, other = pods(before), pods(after)
    assert {name for name in one if one[name] != other[name]} == {"order-processing", "order-processing--postgresql--inside"}


def ends_of(peer: Mapping[str, Any], objects: tuple[Manifest, ...]) -> Iterator[tuple[str, str]]:
    """The namespace and the name of each whose pods a peer is: one by its name, or all who say they have something there."""
    if "podSelector" not in peer or "namespaceSelector" not in peer:
        return
    pods, spaces = peer["podSelector"]["matchLabels"], peer["namespaceSelector"]["matchLabels"]
    if not pods.keys() & labels.AT.values():
        (name,), (namespace,) = pods.values(), spaces.values()
        yield namespace, name
        return
    for space in of_kind(objects, "Namespace"):
        if spaces.items() <= space.labels.items():
            for item, template in templates(objects):
                found = template["metadata"]["labels"]
                if item.namespace == space.name and pods.items() <= found.items():
                    yield space.name, found[labels.WORKLOAD]


def test_policies_open_exactly_the_ways_of_the_plan(plan: Plan, objects: tuple[Manifest, ...]) -> None:
    found: dict[str, set[tuple[str, str, str, str, int]]] = {"ingress": set(), "egress": set()}
    for item in of_kind(objects, "NetworkPolicy"):
        selected = item.content["spec"]["podSelector"].get("matchLabels", {})
        own = (item.namespace or "", *selected.values())
        for direction, peers in (("ingress", "from"), ("egress", "to")):
            for rule in item.content["spec"].get(direction, ()):
                for namespace, name in (end for peer in rule[peers] for end in ends_of(peer, objects)):
                    if len(own) == 2:
                        ends = (*own, namespace, name) if direction == "egress" else (namespace, name, *own)
                        found[direction] |= {(*ends, port["port"]) for port in rule["ports"]}
    wanted = {
        (flow.source.namespace, flow.source.value, flow.target.namespace, flow.target.value, flow.port)
        for flow in flows_of(plan)
        if isinstance(flow.source, End) and isinstance(flow.target, End)
    }
    assert found == {"ingress": wanted, "egress": wanted}


def test_what_holds_data_is_protected(plan: Plan, objects: tuple[Manifest, ...]) -> None:
    kept = {server.name for server in plan.servers if server.durability == "persistent"}
    assert {item.name for item in of_kind(objects, "PersistentVolumeClaim")} == kept
    assert all(item.holds_data for item in of_kind(objects, "PersistentVolumeClaim"))
    holding = {server.namespace for server in plan.servers}
    assert {item.name for item in of_kind(objects, "Namespace") if item.holds_data} == holding


def test_what_a_team_may_see_does_not_let_it_act_as_its_pods(objects: tuple[Manifest, ...]) -> None:
    for item in of_kind(objects, "Role"):
        for rule in item.content["rules"]:
            assert set(rule["verbs"]) <= {"get", "list", "watch"}
            assert "pods/exec" not in rule["resources"]
            if "secrets" in rule["resources"]:
                assert all(name.endswith("--env") for name in rule["resourceNames"])


def test_the_same_plan_gives_the_same_objects(plan: Plan, objects: tuple[Manifest, ...]) -> None:
    def shown(found: tuple[Manifest, ...]) -> str:
        return json.dumps([revealed(item.body, lambda hidden: list(hidden.refs)) for item in found])

    assert shown(objects) == shown(objects_of(planned(plan.landscape)))


def test_the_ways_of_the_worked_example_are_these(orders: Plan) -> None:
    def shown(end: End | Elsewhere) -> str:
        assert isinstance(end, End)
        return f"{end.namespace.partition('--')[2]}/{end.value}" + (" inside" if end.key == labels.INSIDE else "")

    ways = {(shown(flow.source), shown(flow.target), flow.port) for flow in flows_of(orders)}
    assert ways == {
        ("notification/notification", "platform/platform--rabbitmq", 5672),
        ("order-processing/order-processing", "order-processing/order-processing--postgresql", 5432),
        ("order-processing/order-processing", "platform/platform--rabbitmq", 5672),
        ("order-processing/order-processing--postgresql inside", "order-processing/order-processing--postgresql", 5432),
        ("platform/platform--rabbitmq inside", "platform/platform--rabbitmq", 5672),
        ("platform/platform--rabbitmq inside", "platform/platform--rabbitmq", 15672),
        ("user-management/user-management", "user-management/user-management--redis", 6379),
        ("user-management/user-management--redis inside", "user-management/user-management--redis", 6379),
    }
    assert isinstance(flows_of(orders)[0], Flow)


def test_a_relation_that_is_taken_back_takes_exactly_its_way_along() -> None:
    plan = planned("workforce")
    for route in plan.routes:
        without = dataclasses.replace(plan, routes=tuple(other for other in plan.routes if other != route))
        gone = set(flows_of(plan)) - set(flows_of(without))
        surface = plan.surface(route.destination)
        assert surface
        callers = {item.name for item in plan.workloads if route.source in {item.name, *item.contexts}}
        pairs = {(end_of(plan, plan.workload(name)), end_of(plan, plan.workload(surface.workload))) for name in callers}
        assert {(flow.source, flow.target) for flow in gone} == pairs
        assert set(flows_of(without)) <= set(flows_of(plan))
    assert plan.routes


def test_a_task_says_all_that_is_inside_of_a_server_and_its_name_changes_with_it(orders: Plan) -> None:
    def tasks(plan: Plan) -> dict[str, tuple[str, Any]]:
        found = {}
        for item in objects_of(plan):
            if item.kind == "Secret" and item.resource.endswith("--inside"):
                hidden = item.content["data"]["task.json.gz"]
                values = {SecretRef(ref): f"value of {ref}" for ref in hidden.refs}
                found[item.resource] = (item.name, json.loads(gzip.decompress(base64.b64decode(hidden.render(values)))))
        return found

    name, task = tasks(orders)["order-processing--postgresql--inside"]
    assert [step["type"] for step in task["steps"]] == ["PostgresRole", "PostgresDatabase", "PostgresFence", "OnlyAccounts"]
    assert task["server"]["adminPassword"] == "value of server/order-processing--postgresql"
    assert task["steps"][0]["inputs"] == {
        "name": "order_processing",
        "password": "value of datastore/order-processing--postgresql",
    }
    _, broker = tasks(orders)["platform--rabbitmq--inside"]
    assert broker["steps"][0]["inputs"]["vhost"] == "order-processing"

    other = planned("order-processing-cached")
    assert name.startswith("order-processing--postgresql--inside-")
    assert {item for item, _ in tasks(other).values()} != {item for item, _ in tasks(orders).values()}


def test_whoever_works_inside_of_a_server_goes_when_it_has_ended_and_is_another_when_it_changes(orders: Plan) -> None:
    jobs = [item for item in objects_of(orders) if item.kind == "Job"]
    assert {(item.content["spec"]["ttlSecondsAfterFinished"], item.passing) for item in jobs} == {(120, True)}
    assert not [item for item in objects_of(orders) if item.passing and item.kind != "Job"]


@pytest.mark.parametrize(("quantity", "size"), [("512Mi", 512), ("20Gi", 20 * 1024), ("1Ti", 1024 * 1024)])
def test_sizes_are_compared_by_what_they_say(quantity: str, size: int) -> None:
    assert mebibytes(quantity) == size
