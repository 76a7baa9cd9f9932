"""A landscape of which some is on a cluster and some on machines beside it: who reaches whom, by which address."""

from __future__ import annotations

import base64
import dataclasses
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from components.kubernetes.admission.facts import PLANNED
from components.kubernetes.manifest import Hidden, Manifest
from components.kubernetes.objects import objects_of, steps_of
from components.vm.objects import objects_of as on_machines
from plat.environment import Environment
from plat.kubernetes import depth
from plat.kubernetes.flows import Elsewhere, End, Flow, flows_of
from plat.machines.firewall import ruleset
from plat.machines.ways import bridge
from plat.plan.build import build
from plat.plan.model import Endpoint, Plan
from plat.plan.problem import PlanProblem
from plat.plan.reaching import ways
from plat.plan.shares import whole
from plat.whereabouts import whereabouts
from tests.unit.plan.conftest import GOODS, LANDSCAPE, SALES
from tests.unit.plan.test_machines import HYPERVISOR, ON_VM, shop

REACHED = {"address": "192.0.2.10"}
OUTGOING = ["192.0.2.0/28"]
API: dict[str, Any] = {"api-server": {"networks": ["192.0.2.1/32"], "port": 6443}}
SERVICE, POLICY = "kubernetes:core/v1:Service", "kubernetes:networking.k8s.io/v1:NetworkPolicy"


def environment(
    *, targets: dict[str, str] | None = None, ports: dict[str, int] | None = None, **cluster: object
) -> Environment:
    return Environment.model_validate(
        {
            "apiVersion": "plat/v1",
            "kind": "Environment",
            "name": "test",
            "targets": {"kubernetes": "kubernetes", "vm": "vm", **(targets or {})},
            "cluster": {"reached": REACHED, "outgoing": OUTGOING, **cluster},
            "machines": {"hypervisors": [HYPERVISOR], "administration": ["10.0.0.1/32"]},
            **({"ports": ports} if ports else {}),
        }
    )


@pytest.fixture
def sales_on_vm(tmp_path: Path) -> Plan:
    """Goods and the broker are on the cluster: a pod calls a machine, and a machine reaches the broker."""
    return build(shop(tmp_path), environment())


@pytest.fixture
def goods_on_vm(tmp_path: Path) -> Plan:
    """Sales and the broker are on the cluster: a machine calls a pod."""
    return build(shop(tmp_path, sales=SALES, goods=GOODS + ON_VM), environment())


def address(plan: Plan) -> str:
    assert plan.fleet
    (machine,) = plan.fleet.machines
    return machine.address


def objects(plan: Plan, token: str) -> dict[str, Manifest]:
    return {item.name: item for item in objects_of(plan) if item.type_token == token}


def test_everybody_gets_the_address_that_is_for_where_it_runs(sales_on_vm: Plan) -> None:
    broker, sales, goods = (
        sales_on_vm.server("platform--rabbitmq"),
        sales_on_vm.workload("sales-api"),
        sales_on_vm.workload("goods"),
    )

    assert broker.outside
    assert (broker.host, broker.port) == ("platform--rabbitmq.shop--platform.svc.cluster.local", 5672)
    assert (broker.outside.host, broker.outside.behind) == ("192.0.2.10", 5672)
    assert 30000 <= broker.outside.port <= 32767
    assert f"@{broker.host}:5672/" in goods.environment["BROKER_URL"]
    assert f"@192.0.2.10:{broker.outside.port}/" in sales.environment["BROKER_URL"]
    assert goods.environment["SALES_URL"].endswith(f"@{address(sales_on_vm)}:{sales.port}")
    assert sales.environment["PGHOST"] == address(sales_on_vm)


def test_only_what_a_machine_has_a_way_to_is_outside(goods_on_vm: Plan) -> None:
    assert {server.name for server in goods_on_vm.servers if server.outside} == {"platform--rabbitmq"}
    assert {workload.name for workload in goods_on_vm.workloads if workload.outside} == {"sales-api"}
    surface, serving = goods_on_vm.surface("sales"), goods_on_vm.workload("sales-api")
    assert surface
    assert surface.outside == serving.outside
    assert serving.outside
    assert serving.outside.behind == serving.port == 8080
    goods = goods_on_vm.workload("goods").environment
    assert goods["SALES_URL"].endswith(f"@192.0.2.10:{serving.outside.port}")


@pytest.mark.parametrize("name", ["sales_on_vm", "goods_on_vm"])
def test_a_way_leads_where_the_variables_of_its_source_do(name: str, request: pytest.FixtureRequest) -> None:
    plan: Plan = request.getfixturevalue(name)
    found = list(ways(plan))

    assert any(way.source.target != way.target.target for way in found)
    for way in found:
        assert any(f"{way.host}:{way.port}" in text for text in way.source.environment.values()), way


def test_a_name_has_its_port_for_good(tmp_path: Path) -> None:
    before = build(shop(tmp_path / "before"), environment()).server("platform--rabbitmq").outside
    # Another machine comes, and with it others on the cluster that have an address outside.
    more = GOODS.replace("name: goods", "name: parcels") + ON_VM
    sales = SALES.replace("name: sales", "name: billing").replace("sales-api", "billing-api")
    parcels = more.replace("context: sales", "context: billing").replace("sales.OrderTaken", "billing.OrderTaken")
    after = build(shop(tmp_path / "after", parcels=parcels, billing=sales), environment())

    assert after.workload("billing-api").outside
    assert after.server("platform--rabbitmq").outside == before
    fixed = environment(reached={**REACHED, "ports": {"fixed": {"platform--rabbitmq": 31000}}})
    assert build(shop(tmp_path / "fixed"), fixed).server("platform--rabbitmq").outside == Endpoint("192.0.2.10", 31000, 5672)


def test_machines_reach_a_service_at_a_port_of_nodes_and_nobody_else_gets_in(sales_on_vm: Plan) -> None:
    broker = sales_on_vm.server("platform--rabbitmq")
    assert broker.outside
    services, policies = objects(sales_on_vm, SERVICE), objects(sales_on_vm, POLICY)
    (outside,) = (item for item in services.values() if item.content["spec"].get("type") == "NodePort")
    end = End.of_server(broker)

    assert (outside.name, outside.namespace) == ("platform--rabbitmq--outside", "shop--platform")
    assert outside.content["spec"] == {
        "type": "NodePort",
        "externalTrafficPolicy": "Local",
        "selector": end.labels,
        "ports": [
            {"name": "outside", "port": 5672, "targetPort": 5672, "nodePort": broker.outside.port, "protocol": "TCP"},
        ],
    }
    assert "type" not in services["platform--rabbitmq"].content["spec"]
    ingress = policies["platform--rabbitmq"].content["spec"]["ingress"]
    blocks = [rule for rule in ingress if any("ipBlock" in peer for peer in rule["from"])]
    assert blocks == [
        {"from": [{"ipBlock": {"cidr": f"{address(sales_on_vm)}/32"}}], "ports": [{"protocol": "TCP", "port": 5672}]}
    ]


def test_a_pod_reaches_the_machine_that_it_has_a_way_to_and_that_port_alone(sales_on_vm: Plan) -> None:
    port = sales_on_vm.workload("sales-api").port
    policies = objects(sales_on_vm, POLICY)
    egress = policies["goods"].content["spec"]["egress"]

    assert [rule for rule in egress if any("ipBlock" in peer for peer in rule["to"])] == [
        {"to": [{"ipBlock": {"cidr": f"{address(sales_on_vm)}/32"}}], "ports": [{"protocol": "TCP", "port": port}]}
    ]
    others = [item for name, item in policies.items() if name != "goods" and "egress" in item.content["spec"]]
    assert not [item.name for item in others if "ipBlock" in str(item.content["spec"]["egress"])]


def test_the_flows_between_both_are_the_ways_between_both(goods_on_vm: Plan) -> None:
    machine = Elsewhere(address(goods_on_vm))
    between = {flow for flow in flows_of(goods_on_vm) if machine in {flow.source, flow.target}}

    assert between == {
        Flow(machine, End.of_server(goods_on_vm.server("platform--rabbitmq")), 5672),
        Flow(machine, End.of_workload(goods_on_vm.workload("sales-api")), 8080),
    }


def test_a_machines_firewall_lets_nodes_in_where_a_pod_has_a_way(sales_on_vm: Plan) -> None:
    assert sales_on_vm.fleet
    (machine,) = sales_on_vm.fleet.machines
    broker, sales = sales_on_vm.server("platform--rabbitmq").outside, sales_on_vm.workload("sales-api")
    assert broker
    text = ruleset(sales_on_vm, machine)

    meant = f"ct original ip daddr {machine.address} ct original proto-dst {sales.port}"
    assert f'oifname "{bridge("sales-api")}" ip saddr 192.0.2.0/28 ip protocol tcp {meant} accept' in text
    assert f'iifname "{bridge("sales-api")}" ip daddr 192.0.2.10 tcp dport {broker.port} accept' in text
    assert text.count("192.0.2.") == 2


def test_a_machines_firewall_lets_no_node_in_where_no_pod_has_a_way(goods_on_vm: Plan) -> None:
    assert goods_on_vm.fleet
    (machine,) = goods_on_vm.fleet.machines

    assert "192.0.2.0/28" not in ruleset(goods_on_vm, machine)


def test_each_target_gets_its_part_and_both_together_all(sales_on_vm: Plan) -> None:
    on_cluster = {item.resource for item in objects_of(sales_on_vm)}
    beside = {item.resource for item in on_machines(sales_on_vm)}

    assert {"goods", "platform--rabbitmq"} <= on_cluster - beside
    assert {"sales-api", "sales--postgresql", "sales--redis"} <= beside - on_cluster
    assert {namespace.name for namespace in sales_on_vm.namespaces} == {"shop--goods", "shop--platform"}
    assert sales_on_vm.targets == ("kubernetes", "vm")


def test_what_runs_is_told_apart_from_what_it_waits_for(sales_on_vm: Plan) -> None:
    steps = steps_of(whole(sales_on_vm))

    assert {item.name for item in steps.run if item.kind == "Deployment"} == {"goods"}
    assert not [item.name for item in steps.provided if item.kind == "Deployment"]
    assert [item.kind for item in steps.inside["platform--rabbitmq"]][-1] == "Job"


def test_a_namespace_may_have_as_many_ports_of_nodes_as_are_planned(sales_on_vm: Plan) -> None:
    quotas = {
        item.namespace: item.content["spec"]["hard"]["services.nodeports"]
        for item in objects_of(sales_on_vm)
        if item.kind == "ResourceQuota"
    }
    assert quotas == {"shop--goods": "0", "shop--platform": "1"}


def test_the_clusters_own_policies_know_which_ports_of_nodes_are_planned(sales_on_vm: Plan) -> None:
    broker = sales_on_vm.server("platform--rabbitmq").outside
    assert broker
    (platform,) = (item for item in objects_of(sales_on_vm) if (item.kind, item.name) == ("Namespace", "shop--platform"))
    said = str(platform.annotations[f"Service{PLANNED}platform--rabbitmq--outside"])

    assert f'["{broker.port}"], ["NodePort", "Local"]' in said
    assert '["0"' in str(platform.annotations[f"Service{PLANNED}platform--rabbitmq"])


def test_kafka_tells_machines_where_they_reach_it(tmp_path: Path) -> None:
    kafka = LANDSCAPE.replace("type: rabbitmq", "type: kafka")
    plan = build(shop(tmp_path, landscape=kafka), environment())
    broker = plan.server("platform--kafka")
    assert broker.outside
    secret = next(item for item in objects_of(plan) if item.resource == "platform--kafka--files")
    hidden = secret.content["data"]["server.properties"]
    assert isinstance(hidden, Hidden)

    text = base64.b64decode(hidden.render(dict.fromkeys(hidden.refs, "a-password"))).decode()

    (advertised,) = (line for line in text.splitlines() if line.startswith("advertised.listeners"))
    assert f"CLIENTS://{broker.host}:9092" in advertised
    assert f"OUTSIDE://192.0.2.10:{broker.outside.port}" in advertised
    assert "OUTSIDE://0.0.0.0:9095" in text
    assert "OUTSIDE:SASL_PLAINTEXT" in text
    assert "listener.name.outside.sasl.enabled.mechanisms" in text
    assert broker.outside.behind == 9095
    machine = Elsewhere(address(plan))
    assert [flow.port for flow in flows_of(plan) if flow.source == machine] == [9095]


def test_a_kafka_that_strimzi_makes_is_not_reached_from_machines(tmp_path: Path) -> None:
    kafka = LANDSCAPE.replace("type: rabbitmq", "type: kafka")
    with pytest.raises(PlanProblem, match="`sales-api` reaches `platform--kafka`, from a machine into a Kafka that Strimzi"):
        build(shop(tmp_path, landscape=kafka), environment(operators=["strimzi"], **API))


def test_no_operator_of_the_cluster_makes_what_is_on_machines(tmp_path: Path) -> None:
    plan = build(shop(tmp_path), environment(operators=["cloudnative-pg"], **API))
    assert plan.cluster
    assert not plan.cluster.operates(plan.server("sales--postgresql"))
    assert not plan.backups_of(plan.server("sales--postgresql"))


def test_a_broker_on_a_machine_is_reached_from_pods_and_keda_is_not_asked_about_it(tmp_path: Path) -> None:
    driven = GOODS + "scaling: {profile: queue-driven, min: 1, max: 3}\n"
    settled = environment(targets={"platform": "vm"}, operators=["keda"])
    plan = build(shop(tmp_path, goods=driven), settled)
    goods, broker = plan.workload("goods"), plan.server("platform--rabbitmq")

    assert (broker.target, broker.outside) == ("vm", None)
    assert f"@{broker.host}:{broker.port}/" in goods.environment["BROKER_URL"]
    assert Flow(End.of_workload(goods), Elsewhere(broker.host), broker.port) in flows_of(plan)
    assert depth.waiting_for(plan, goods) == ()
    assert {item.kind for item in objects_of(plan) if "cale" in item.kind} == {"HorizontalPodAutoscaler"}


def test_addresses_of_both_are_read_out_of_texts(sales_on_vm: Plan) -> None:
    where = whereabouts(sales_on_vm)
    broker, sales = sales_on_vm.server("platform--rabbitmq"), sales_on_vm.workload("sales-api")
    database = sales_on_vm.server("sales--postgresql")
    assert broker.outside

    assert where.servers(f"amqp://192.0.2.10:{broker.outside.port}/") == [broker]
    assert where.servers(f"amqp://{broker.host}:5672/") == [broker]
    assert where.servers(f"PORT={database.port}") == [database]
    assert where.workloads(f"http://{address(sales_on_vm)}:{sales.port}/") == [sales]
    assert where.server_at("192.0.2.10", broker.outside.port) == broker
    assert where.server_at(broker.host, 5672) == broker
    assert where.server_at(address(sales_on_vm), database.port) == database
    assert where.server_at("192.0.2.11", broker.outside.port) is None
    assert not where.servers("5672"), "usual ports say nothing on a cluster"
    assert [item.unit for item in where.astray("http://other.shop--goods.svc.cluster.local")] == ["goods"]


def test_a_plan_within_one_target_has_nothing_outside(tmp_path: Path) -> None:
    landscape = shop(tmp_path, sales=SALES)
    plan = build(landscape, environment())

    assert not [server.name for server in plan.servers if server.outside]
    assert not [item.name for item in objects_of(plan) if item.content.get("spec", {}).get("type") == "NodePort"]
    alone = Environment.model_validate(
        {
            "apiVersion": "plat/v1",
            "kind": "Environment",
            "name": "test",
            "targets": {"kubernetes": "kubernetes", "vm": "kubernetes"},
            "cluster": {},
        }
    )
    assert build(landscape, alone).workloads == plan.workloads
    assert build(landscape, alone).servers == plan.servers


@pytest.mark.parametrize(
    ("cluster", "message"),
    [
        ({"reached": None}, "`sales-api` reaches `platform--rabbitmq`, from a machine into the cluster"),
        ({"outgoing": []}, "`goods` reaches `sales-api`, from the cluster on a machine"),
    ],
)
def test_what_the_environment_does_not_say_is_asked_for(cluster: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(PlanProblem) as found:
        build(shop(tmp_path), environment(**cluster))
    assert message in str(found.value)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"targets": {"vm": "local"}}, "kubernetes may stand beside vm, and local beside vm"),
        ({"targets": {"platform": "local"}}, "kubernetes stands beside local"),
        ({"reached": {"address": "8.8.8.8"}}, "public address"),
        ({"reached": {"address": "127.0.0.1"}}, "each machine's own"),
        ({"reached": {**REACHED, "ports": {"first": 29000}}}, "may give the same port"),
        ({"ports": {"first": 20000, "last": 31000}}, "may give the same port"),
        ({"outgoing": ["fd00::/8"]}, "outgoing"),
    ],
)
def test_an_environment_that_cannot_be_is_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as found:
        environment(**changed)
    assert message in str(found.value)


def test_ways_from_machines_are_none_of_a_cluster_without_them() -> None:
    document = environment().model_dump(by_alias=True, exclude={"machines"})
    document["targets"] = {"kubernetes": "kubernetes", "vm": "kubernetes"}
    with pytest.raises(ValidationError, match="`reached` and `outgoing` are for machines beside it"):
        Environment.model_validate(document)


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path, sales_on_vm: Plan) -> None:
    again = build(shop(tmp_path / "again"), environment())

    assert again.digest == sales_on_vm.digest
    broker = sales_on_vm.server("platform--rabbitmq")
    elsewhere = dataclasses.replace(broker, outside=None)
    servers = tuple(elsewhere if server == broker else server for server in sales_on_vm.servers)
    assert dataclasses.replace(sales_on_vm, servers=servers).digest != sales_on_vm.digest
