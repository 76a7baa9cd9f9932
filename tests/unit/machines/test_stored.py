"""Machines in the state of a stack: how they are entered, and what is to be gone with what."""

from __future__ import annotations

import copy
import json
from typing import Any

from plat.machines import stored

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEfCy1Uq0g0cYwqo0lCq0m2tG2b9d1J0bN8mX0r4WvQk"
SIGNATURE = "4dabf18193072939515e22adb298388d"


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:shop.vm::plat::{kind}::{name}"


def resource(kind: str, name: str, provider: str = "", **more: object) -> dict[str, Any]:
    package, _, called = provider.partition(" ")
    found = {"urn": urn(kind, name), "type": kind, "custom": not kind.startswith(("plat:", "pulumi:pulumi:")), **more}
    return {**found, "provider": f"{urn(f'pulumi:providers:{package}', called)}::04da6b54"} if provider else found


def secret(text: str) -> dict[str, str]:
    return {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "plaintext": json.dumps(text)}


def entered(name: str, address: str) -> dict[str, Any]:
    inputs = {"address": address, "port": 22, "user": "plat", "hostKey": HOST_KEY, "privateKey": secret(f"key of {name}")}
    return resource("machine:index:Reachable", name, f"machine {name}", inputs=inputs)


KEPT = {"protect": True, "retainOnDelete": True}
STATE: dict[str, Any] = {
    "deployment": {
        "resources": [
            resource("pulumi:pulumi:Stack", "plat-shop.vm"),
            resource("plat:index:Landscape", "shop"),
            resource("pulumi:providers:docker", "made"),
            resource("libvirt:index/domain:Domain", "made", "libvirt hv1"),
            resource("libvirt:index/volume:Volume", "made--data", "libvirt hv1", **KEPT),
            resource("machine:index:SshKey", "made--entry", "machine default"),
            entered("made", "10.0.0.2"),
            entered("found", "10.0.0.3"),
            entered("empty", "10.0.0.4"),
            resource("docker:index/volume:Volume", "sales", "docker made", **KEPT),
            resource("docker:index/container:Container", "sales-api", "docker made"),
            resource("docker:index/volume:Volume", "goods", "docker found", **KEPT),
            resource("machine:index:Firewall", "found", "machine found"),
            resource("platlocal:index:PostgresServer", "local", "platlocal default", **KEPT),
        ]
    }
}


def by_key(state: stored.State) -> dict[tuple[str, str], dict[str, Any]]:
    return {(item["type"].split(":")[0], item["urn"].rpartition("::")[2]): item for item in state["deployment"]["resources"]}


def test_machines_are_entered_as_the_last_update_did() -> None:
    found = stored.connections(STATE)
    assert found.keys() == {"made", "found", "empty"}
    assert (found["made"].where, found["made"].user, found["made"].host_key) == ("10.0.0.2:22", "plat", HOST_KEY)
    assert found["made"].private_key == "key of made"
    assert "key of made" not in repr(found)


def test_nothing_is_known_of_a_stack_without_resources() -> None:
    assert stored.connections({"deployment": {}}) == {}
    assert stored.made({"deployment": {"resources": None}}) == frozenset()


def test_machines_that_alone_can_remove_what_is_on_them() -> None:
    assert stored.occupied(STATE) == {"made", "found"}
    assert stored.made(STATE) == {"made"}


def test_without_machines_only_what_is_on_those_that_were_made_goes_with_them() -> None:
    before = copy.deepcopy(STATE)
    found = by_key(stored.without_machines(STATE))
    assert before == STATE
    domain = urn("libvirt:index/domain:Domain", "made")
    for key, item in found.items():
        here = key in {("docker", "sales"), ("docker", "sales-api"), ("machine", "made")}
        assert item.get("deletedWith") == (domain if here else None), key
        if not here:
            assert item == by_key(STATE)[key]
    assert "protect" not in found["docker", "sales"]


def test_without_anything_only_hypervisors_and_machines_that_are_found_are_asked() -> None:
    before = copy.deepcopy(STATE)
    resources = stored.without_anything(STATE)["deployment"]["resources"]
    assert before == STATE
    assert not any("protect" in item or "retainOnDelete" in item for item in resources)
    assert [(item["type"], item["urn"].rpartition("::")[2]) for item in resources if item["custom"]] == [
        ("pulumi:providers:docker", "made"),
        ("libvirt:index/domain:Domain", "made"),
        ("libvirt:index/volume:Volume", "made--data"),
        ("machine:index:SshKey", "made--entry"),
        ("machine:index:Reachable", "found"),
        ("machine:index:Reachable", "empty"),
        ("docker:index/volume:Volume", "goods"),
        ("machine:index:Firewall", "found"),
    ]


def test_nothing_refers_to_what_is_forgotten() -> None:
    gone, stays = urn("docker:index/volume:Volume", "sales"), urn("machine:index:Reachable", "found")
    needing = {"dependencies": [gone, stays], "propertyDependencies": {"volume": [gone], "host": [stays], "other": None}}
    container = resource("docker:index/container:Container", "goods", "docker found", **needing)
    state = {"deployment": {"resources": [*STATE["deployment"]["resources"], container]}}
    *_, found = stored.without_anything(state)["deployment"]["resources"]
    assert found["dependencies"] == [stays]
    assert found["propertyDependencies"] == {"volume": [], "host": [stays], "other": []}
