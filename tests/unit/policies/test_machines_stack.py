"""What only a whole stack with machines shows: fences that are missing, and what came from somewhere else than is planned."""

from __future__ import annotations

import dataclasses

import pytest

from policies.machines import CONTAINER, FIREWALL, IMAGE, KEY, NETWORK
from policies.observed import Observed, Properties
from tests.unit.policies.machines import CUSTOMS, PORT, Harbour, Inputs, container
from tests.unit.policies.resources import BREACH, UNREADABLE, Found

PROVIDER = "pulumi:providers:docker"
EVIL = f"sha256:{'6' * 64}"


def test_the_stack_as_planned_passes(harbour: Harbour) -> None:
    assert harbour.at_the_end() == ""


def test_a_machine_with_containers_has_its_firewall(harbour: Harbour) -> None:
    said = harbour.at_the_end(without=lambda item: (item.type, item.name) == (FIREWALL, PORT))
    assert f"no Firewall fences the machine `{PORT}`" in said
    assert "harbour--customs" not in said


def test_a_container_is_in_a_network_of_the_stack(harbour: Harbour) -> None:
    said = harbour.at_the_end(without=lambda item: (item.type, item.name) == (NETWORK, "cranes"))
    assert "nothing in the stack makes the network `cranes` that it is in alone" in said


def test_so_is_one_that_somebody_adds(harbour: Harbour) -> None:
    by_hand = harbour.by_hand(CONTAINER, container())
    network = harbour.by_hand(NETWORK, {"name": "by-hand", "labels": container()["labels"]})
    apart = harbour.by_hand(CONTAINER, container(networkMode="none", networksAdvanced=[]))

    assert "nothing in the stack makes the network `by-hand`" in harbour.at_the_end(by_hand)
    assert harbour.at_the_end(by_hand, network) == ""
    assert harbour.at_the_end(apart) == ""


def test_an_image_is_the_one_that_the_plan_fetches(harbour: Harbour) -> None:
    changed = harbour.changed(CONTAINER, "berths", lambda found: found.update(image=EVIL))

    assert harbour.found(changed) == [], "by itself nobody can tell what an image of that number is"
    assert "`image` opens a way round the fences: it bears the name of what the landscape plans" in harbour.at_the_end(changed)


def test_an_image_of_that_resources_name_is_not_the_one_that_is_planned(harbour: Harbour) -> None:
    changed = harbour.changed(CONTAINER, "berths", lambda found: found.update(image=EVIL))
    twin = dataclasses.replace(
        harbour.by_hand(IMAGE, {"name": "evil", "imageId": EVIL}, name="berths--image"), urn="urn:pulumi:x::y::z::twin"
    )
    assert "differs from it" in harbour.at_the_end(changed, twin)


@pytest.mark.parametrize(
    ("type_", "name", "field", "value"),
    [
        (FIREWALL, PORT, "hostKey", f"ssh-ed25519 {'A' * 68} mine"),
        (FIREWALL, PORT, "privateKey", "-----BEGIN OPENSSH PRIVATE KEY-----\nmine\n-----END OPENSSH PRIVATE KEY-----\n"),
    ],
)
def test_keys_are_those_that_the_plan_makes(harbour: Harbour, type_: str, name: str, field: str, value: str) -> None:
    changed = harbour.changed(type_, name, lambda found: found.update({field: value}))
    assert f"`{field}` opens a way round the fences" in harbour.at_the_end(changed)


def test_a_machine_starts_with_the_keys_that_the_plan_makes(harbour: Harbour) -> None:
    seed = "libvirt:index/cloudInitDisk:CloudInitDisk"
    own = next(ended for _, ended in harbour.stack if (ended.type, ended.name) == (KEY, f"{PORT}--entry"))
    public = own.properties.text("publicKey")

    def let_in(found: Inputs) -> None:
        found["userData"] = found["userData"].replace(public, f"ssh-ed25519 {'A' * 68} mine")

    changed = harbour.changed(seed, f"{PORT}--seed", let_in)
    assert harbour.found(changed) == []
    assert "`userData` opens a way round the fences" in harbour.at_the_end(changed)


def test_a_provider_asks_for_the_key_that_the_plan_makes(harbour: Harbour) -> None:
    own, other = (harbour.docker(machine)["sshOpts"] for machine in (PORT, CUSTOMS))
    swapped = harbour.changed(PROVIDER, PORT, lambda found: found.update(sshOpts=other))

    assert own != other
    assert harbour.found(swapped) == [], "by itself nobody can tell whose key it is"
    assert "by another way than the plan's" in harbour.at_the_end(swapped)


def test_a_password_is_the_one_that_was_generated(harbour: Harbour) -> None:
    generated = next(ended for _, ended in harbour.stack if ended.name == "datastore/berths--postgresql")
    secret = generated.properties.text("result")

    def known(found: Inputs) -> None:
        found["envs"] = [text.replace(secret, "known2everybody") for text in found["envs"]]

    said = harbour.at_the_end(harbour.changed(CONTAINER, "berths", known))
    assert "`envs[" in said
    assert "known2everybody" not in said


def local(type_: str, **properties: object) -> Observed:
    kind, name = f"platlocal:index:{type_}", str(properties["name"])
    return Observed(f"urn:pulumi:harbour.test::plat::{kind}::{name}", kind, name, Properties(properties))


def process(harbour: Harbour, name: str, contexts: str, **properties: object) -> Observed:
    planned = harbour.ground.workloads.get(name)
    given: Inputs = {
        "name": name,
        "command": ["python", "-m", "x"],
        "labels": {"team": "port-team", "contexts": contexts},
        "host": planned.host if planned else "127.0.0.1",
        **properties,
    }
    return local("Process", **given)


def server(harbour: Harbour, name: str, **changed: object) -> Observed:
    planned = harbour.ground.servers[name]
    given: Inputs = {
        "name": name,
        "kind": planned.kind,
        "port": planned.port,
        "adminUser": planned.admin_user,
        "host": planned.host,
        "labels": {"team": planned.team, "context": planned.owner},
        "durability": planned.durability,
        "extraPorts": dict(planned.extra_ports),
        "version": planned.version or "",
        **changed,
    }
    type_ = "platlocal:index:Server"
    return Observed("urn:x::plat::y::z", type_, name, Properties(given), None, harbour.planned(FIREWALL, PORT).options)


def test_what_is_planned_on_a_machine_is_not_run_on_this_one(harbour: Harbour) -> None:
    found: Found = [(BREACH, "host"), (BREACH, "name")]
    assert harbour.found(process(harbour, "berths", "berths")) == found
    assert harbour.found(server(harbour, "berths--postgresql")) == [(BREACH, "name")]
    assert f"`berths` is planned on the machine `{PORT}`" in harbour.messages(process(harbour, "berths", "berths"))


def test_on_this_machine_only_what_is_planned_so_is_reached_from_machines(harbour: Harbour) -> None:
    own = harbour.ground.servers["platform--rabbitmq"].host
    assert own == "10.0.0.1"
    assert harbour.found(process(harbour, "by-hand", "pilots", host=own)) == [(BREACH, "host")]
    assert harbour.found(server(harbour, "platform--postgresql", host=own)) == [
        ("datastore-unprotected", "protect"),
        (BREACH, "host"),
    ]


def test_a_server_on_a_machine_is_not_at_this_ones_loopback(harbour: Harbour) -> None:
    redis = {"port": harbour.port_of("cranes--redis"), "user": "cranes", "password": "x"}
    here = local("RedisUser", name="x", host="127.0.0.1", **redis)
    assert harbour.found(here) == [(UNREADABLE, "port")]
