"""What a plan becomes on machines: containers, their networks and volumes, and the firewall."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.kubernetes.manifest import Hidden
from components.vm.declared import Declared, From, KeyFile, Unknown, filled, needed
from components.vm.objects import objects_of
from plat.machines.firewall import ruleset
from plat.machines.ways import bridge
from plat.plan.build import build
from plat.plan.model import Plan
from tests.unit.plan.conftest import GOODS
from tests.unit.plan.test_machines import HYPERVISOR, ON_VM, environment, host, shop

CONTAINER = "docker:index/container:Container"


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return build(shop(tmp_path, goods=GOODS + ON_VM), environment(hypervisors=(HYPERVISOR,), public=("192.168.7.0/24",)))


@pytest.fixture
def objects(plan: Plan) -> tuple[Declared, ...]:
    return objects_of(plan)


def of_type(objects: tuple[Declared, ...], token: str) -> Iterator[Declared]:
    return (item for item in objects if item.type_token == token)


def by_name(objects: tuple[Declared, ...], token: str) -> dict[str, Declared]:
    return {item.resource: item for item in of_type(objects, token)}


def test_everything_comes_after_all_that_it_needs_and_once(objects: tuple[Declared, ...]) -> None:
    seen: set[tuple[str, str]] = set()
    for item in objects:
        assert {before.key for before in needed(item)} <= seen, item.key
        assert item.key not in seen
        seen.add(item.key)


def test_every_container_is_confined(objects: tuple[Declared, ...]) -> None:
    containers = list(of_type(objects, CONTAINER))

    assert [item.resource for item in containers] == ["sales--postgresql", "sales--redis", "goods", "sales-api"]
    for item in containers:
        inputs = item.inputs
        assert inputs["user"] == "10001:10001"
        assert inputs["readOnly"] is True
        assert inputs["capabilities"] == {"drops": ["ALL"]}
        assert inputs["securityOpts"] == ["no-new-privileges:true"]
        assert inputs["memorySwap"] == inputs["memory"] > 0
        assert inputs["restart"] == "unless-stopped"
        assert inputs["logOpts"]
        assert "privileged" not in inputs
        assert "networkMode" not in inputs


def test_what_has_a_port_is_published_at_its_machines_address_alone(plan: Plan, objects: tuple[Declared, ...]) -> None:
    assert plan.fleet
    addresses = {machine.name: machine.address for machine in plan.fleet.machines}
    for item in of_type(objects, CONTAINER):
        for port in item.inputs["ports"]:
            assert (port["ip"], port["internal"]) == (addresses[item.machine], port["external"])
    assert not by_name(objects, CONTAINER)["goods"].inputs["ports"], "who serves nothing is published nowhere"


def test_every_container_has_a_network_for_itself(objects: tuple[Declared, ...]) -> None:
    for item in of_type(objects, CONTAINER):
        (network,) = item.inputs["networksAdvanced"]
        found: From = network["name"]
        assert found.resource.resource == item.resource
        assert found.resource.inputs["options"] == {"com.docker.network.bridge.name": bridge(item.resource)}
    assert all(len(bridge(item.resource)) <= 15 for item in objects)


def test_data_outlive_what_uses_them(objects: tuple[Declared, ...]) -> None:
    protected = {item.resource for item in objects if item.holds_data}

    assert protected == {
        "shop--team--goods-team--data",
        "shop--team--sales-team--data",
        "sales--postgresql",
        "sales--redis",
    }


def test_a_machine_that_is_to_be_another_one_is_made_anew(objects: tuple[Declared, ...]) -> None:
    for domain in of_type(objects, "libvirt:index/domain:Domain"):
        assert domain.anew == ("cloudinit", "disks", "networkInterfaces")
        (interface,) = domain.inputs["networkInterfaces"]
        assert interface["mac"].startswith("52:54:00:"), "by which cloud-init finds the device"


def test_no_secret_stands_in_plain_text(objects: tuple[Declared, ...]) -> None:
    for item in of_type(objects, CONTAINER):
        for variable in item.inputs["envs"]:
            if isinstance(variable, str):
                assert not re.match(r"[A-Z_]*(?:PASSWORD|TOKEN|URL|CALLERS)=", variable), variable
    (sales,) = [item for item in of_type(objects, CONTAINER) if item.resource == "sales-api"]
    hidden = [item for item in sales.inputs["envs"] if isinstance(item, Hidden)]
    rendered = {text.render({ref: f"<{ref}>" for ref in text.refs}) for text in hidden}
    assert any(text.startswith("POSTGRESQL_URL=postgresql://sales:<datastore/sales--postgresql>@") for text in rendered)
    assert "PRICE=5$" in sales.inputs["envs"], "a team's own dollar sign stays one"


def section(text: str, chain: str) -> list[str]:
    body = text.split(f"chain {chain} {{")[1].split("}\n\tchain", maxsplit=1)[0]
    return [line.strip() for line in body.splitlines() if line.strip().endswith("accept") and "pl-" in line]


def test_the_firewall_opens_what_relations_open_and_nothing_else(plan: Plan) -> None:
    assert plan.fleet
    sales_machine, goods_machine = (
        plan.fleet.machine("shop--team--sales-team"),
        plan.fleet.machine("shop--team--goods-team"),
    )
    api, broker = plan.workload("sales-api"), plan.server("platform--rabbitmq")
    stores = [plan.server("sales--postgresql"), plan.server("sales--redis")]
    here, there = sales_machine.address, goods_machine.address
    port = f"ct original ip daddr {here} ct original proto-dst {api.port} accept"

    text = ruleset(plan, sales_machine)
    assert section(text, "input") == [
        *(f'iifname "{bridge(store.name)}" ip daddr {here} tcp dport {store.port} accept' for store in stores),
        *(f'iifname "{bridge("sales-api")}" ip daddr {here} tcp dport {store.port} accept' for store in stores),
    ]
    assert section(text, "forward") == [
        f'iifname "{bridge("sales-api")}" ip daddr 10.0.0.1 tcp dport {broker.port} accept',
        f'oifname "{bridge("sales-api")}" ip saddr {there}/32 ip protocol tcp {port}',
        f'oifname "{bridge("sales-api")}" ip saddr 192.168.7.0/24 ip protocol tcp {port}',
    ]

    text = ruleset(plan, goods_machine)
    assert section(text, "input") == []
    assert section(text, "forward") == [
        f'iifname "{bridge("goods")}" ip daddr 10.0.0.1 tcp dport {broker.port} accept',
        f'iifname "{bridge("goods")}" ip daddr {here} tcp dport {api.port} accept',
    ]


def test_ssh_is_open_to_administrators_alone(plan: Plan) -> None:
    assert plan.fleet
    for machine in plan.fleet.machines:
        lines = [line.strip() for line in ruleset(plan, machine).splitlines() if "dport 22 " in line]
        assert lines == ["ip saddr { 10.0.0.1/32 } tcp dport 22 accept"]


def test_an_external_system_is_reached_by_who_names_it_and_by_its_name(tmp_path: Path) -> None:
    landscape = """
apiVersion: plat/v1
kind: Landscape
name: shop
teams: [{name: sales-team}, {name: goods-team}, {name: platform-team, type: platform}]
platform-team: platform-team
broker: {type: rabbitmq}
externals: [{name: carrier, host: api.carrier.example, port: 443, purpose: Carries.}]
"""
    goods = GOODS.replace("command: [python, -m, goods]}", "command: [python, -m, goods], externals: [carrier]}") + ON_VM
    found = build(shop(tmp_path, landscape=landscape, goods=goods), environment(hypervisors=(HYPERVISOR,)))
    assert found.fleet
    text = ruleset(found, found.fleet.machine("shop--team--goods-team"))

    assert re.search(rf'iifname "{bridge("goods")}" ip daddr != \{{ .* \}} tcp dport 443 accept', text)
    assert f'iifname "{bridge("goods")}" ip daddr {{ 10.0.0.1 }} meta l4proto {{ tcp, udp }} th dport 53 accept' in text
    assert "dport 443" not in ruleset(found, found.fleet.machine("shop--team--sales-team"))


def test_a_host_of_the_inventory_is_entered_with_its_own_key_and_is_not_made(tmp_path: Path) -> None:
    found = build(shop(tmp_path), environment(inventory=(host("two", "sales-team"),)))
    objects = objects_of(found)

    assert not [item for item in objects if item.type_token.startswith("libvirt:")]
    (reachable,) = of_type(objects, "machine:index:Reachable")
    assert reachable.inputs["privateKey"] == KeyFile("keys/one")
    assert reachable.inputs["hostKey"].startswith("ssh-ed25519 ")


def test_the_same_plan_gives_the_same_resources(plan: Plan) -> None:
    def shown(unknown: Unknown) -> Any:  # noqa: ANN401 - any part of an input
        return type(unknown).__name__

    def told() -> list[Any]:
        return [(item.key, filled(item.inputs, shown)) for item in objects_of(plan)]

    assert told() == told()
