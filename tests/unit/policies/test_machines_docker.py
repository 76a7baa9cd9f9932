"""Networks, volumes, images and providers of Docker on machines."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from plat.machines.ways import bridge
from policies.machines import CONTAINER, IMAGE, NETWORK, OWN, VOLUME, host_of
from policies.observed import UNKNOWN, Observed, Options, Properties, Provider
from tests.unit.policies.machines import PORT, Found, Harbour, Inputs, container, whose
from tests.unit.policies.resources import BREACH, NONE, UNPROTECTED, UNREADABLE, Market

DATA = "berths--postgresql"
DEVICE = "com.docker.network.bridge.name"


def network(**inputs: object) -> Inputs:
    return {"name": "by-hand", "labels": whose("port-team", "berths"), **inputs}


HARMLESS: dict[str, tuple[str, Inputs]] = {
    "a network": (NETWORK, network(driver="bridge", ipamDriver="default")),
    "a network that leads nowhere": (NETWORK, network(internal=True)),
    "a volume": (VOLUME, network(driver="local")),
    "an image": (IMAGE, {"name": "registry.example/by-hand:1", "keepLocally": True}),
    "an image of the plan": (IMAGE, {"name": "registry.example/berths:1.0.0", "keepLocally": True}),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_opens_no_way_may_be_added(harbour: Harbour, case: str) -> None:
    assert harbour.found(harbour.by_hand(*HARMLESS[case])) == NONE


EVASIONS: dict[str, tuple[str, Inputs, Found, str]] = {
    "a network without an owner": (NETWORK, network(labels=[]), [(UNREADABLE, "labels")], "nobody says whose it is"),
    "a network of another team": (
        NETWORK,
        network(labels=whose("customs-team", "customs")),
        [(BREACH, "")],
        "it is customs-team's, and the machine",
    ),
    "a network of Docker's own": (NETWORK, network(name="host"), [(BREACH, "name")], "it is a network of Docker's own"),
    "a network without a bridge": (
        NETWORK,
        network(driver="macvlan", options={"parent": "eth0"}),
        [(BREACH, "driver"), (BREACH, "options.parent")],
        "`macvlan` leads past the machine's firewall",
    ),
    "a network of all machines": (
        NETWORK,
        network(driver="overlay", attachable=True),
        [(BREACH, "driver"), (UNREADABLE, "attachable")],
        "`overlay` leads past the machine's firewall",
    ),
    "a network whose traffic passes for another's": (
        NETWORK,
        network(options={DEVICE: bridge("cranes")}),
        [(BREACH, f"options.{DEVICE}")],
        "it has the device by which firewalls know `cranes`, and would get its ways",
    ),
    "a network whose traffic passes for that of one on another machine": (
        NETWORK,
        network(options={DEVICE: bridge("customs")}),
        [(BREACH, f"options.{DEVICE}")],
        "it has the device by which firewalls know `customs`",
    ),
    "a network on a device that is there": (
        NETWORK,
        network(options={DEVICE: "docker0"}),
        [(BREACH, f"options.{DEVICE}")],
        "it takes a device of its own choice",
    ),
    "a network whose device is not known": (
        NETWORK,
        network(options={DEVICE: UNKNOWN}),
        [(UNREADABLE, f"options.{DEVICE}")],
        "it is not known before the update",
    ),
    "a network with another's addresses": (
        NETWORK,
        network(ipamConfigs=[{"subnet": "10.0.0.0/24"}]),
        [(BREACH, "ipamConfigs")],
        "it takes addresses of its own choice, which may be others'",
    ),
    "a network of a swarm": (
        NETWORK,
        network(ingress=True),
        [(UNREADABLE, "ingress")],
        "no observer of the policy pack knows what it does",
    ),
    "a volume without an owner": (VOLUME, {"name": "by-hand"}, [(UNREADABLE, "labels")], "nobody says whose it is"),
    "a volume that is a folder of the machine": (
        VOLUME,
        network(driverOpts={"type": "none", "o": "bind", "device": "/var/lib/docker/volumes"}),
        [(BREACH, "driverOpts.device")],
        "it is a folder, a device or a share that is there already",
    ),
    "a volume that is another machine's share": (
        VOLUME,
        network(driverOpts={"type": "nfs", "o": "addr=10.0.0.9", "device": ":/"}),
        [(BREACH, "driverOpts.device")],
        "it is a folder, a device or a share that is there already",
    ),
    "a volume of another driver": (
        VOLUME,
        network(driver="sshfs"),
        [(BREACH, "driver")],
        "nobody can tell whose storage it is",
    ),
    "a volume that all machines have": (
        VOLUME,
        network(cluster={"scope": "multi"}),
        [(UNREADABLE, "cluster")],
        "no observer of the policy pack knows what it does",
    ),
    "a volume by the name of a server on another machine": (
        VOLUME,
        network(name="customs--postgresql"),
        [(BREACH, "name")],
        "it bears the name of a server of the plan",
    ),
    "a volume by a name that begins as a server's": (
        VOLUME,
        network(name="customs--postgresql--new"),
        [(BREACH, "name")],
        "it bears the name of a server of the plan",
    ),
    "an image that is built": (
        IMAGE,
        {"name": "by-hand", "build": {"context": "/"}},
        [(UNREADABLE, "build")],
        "nobody can tell what is built",
    ),
    "an image of the plan that is built": (
        IMAGE,
        {"name": "registry.example/berths:1.0.0", "keepLocally": True, "build": {"context": "/"}},
        [(BREACH, "build")],
        "differs from it",
    ),
    "an image of the plan that is taken away from others": (
        IMAGE,
        {"name": "registry.example/berths:1.0.0", "forceRemove": True},
        [(BREACH, "forceRemove")],
        "differs from it",
    ),
    "another name for an image": (
        "docker:index/tag:Tag",
        {"sourceImage": "evil", "targetImage": "registry.example/berths:1.0.0"},
        [(BREACH, "")],
        "it gives an image another one's name",
    ),
    "an image made here": ("docker:index/image:Image", {}, [(BREACH, "")], "nobody can tell what is built"),
    "an image made by the newer builder": ("docker-build:index:Image", {}, [(BREACH, "")], "nobody can tell what is built"),
    "an image that is sent away": ("docker:index/registryImage:RegistryImage", {}, [(BREACH, "")], "it sends an image"),
    "a service of a swarm": ("docker:index/service:Service", {}, [(BREACH, "")], "machines that nobody chose"),
    "a secret of a swarm": ("docker:index/secret:Secret", {}, [(BREACH, "")], "machines that nobody chose"),
    "settings of a swarm": ("docker:index/serviceConfig:ServiceConfig", {}, [(BREACH, "")], "machines that nobody chose"),
    "a part of Docker itself": ("docker:index/plugin:Plugin", {}, [(BREACH, "")], "root on the machine"),
    "a builder": ("docker:index/buildxBuilder:BuildxBuilder", {}, [(BREACH, "")], "it runs a builder that nothing fences"),
    "a type that is to come": (
        "docker:index/pod:Pod",
        {},
        [(UNREADABLE, "")],
        "no observer of the policy pack knows this type",
    ),
    "another spelling of a type": (
        "docker:index:Container",
        {},
        [(UNREADABLE, "")],
        "no observer of the policy pack knows this type",
    ),
}


@pytest.mark.parametrize("case", EVASIONS)
def test_what_goes_round_a_fence_is_refused(harbour: Harbour, case: str) -> None:
    type_, inputs, found, message = EVASIONS[case]
    resource = harbour.by_hand(type_, inputs)

    assert harbour.found(resource) == sorted(found)
    assert message in harbour.messages(resource)


@pytest.mark.parametrize("type_", ["command:remote:Command", "command:local:Command", "pulumi-python:dynamic:Resource"])
def test_commands_and_programs_of_a_program_reach_no_machine(harbour: Harbour, type_: str) -> None:
    given = {"connection": {"host": harbour.machine(PORT).address}, "create": "nft flush ruleset"}
    assert harbour.found(harbour.by_hand(type_, given)) == [(UNREADABLE, "")]


CHANGES: dict[str, tuple[str, str, Callable[[Inputs], object], str]] = {
    "a network of another device": (
        NETWORK,
        "berths",
        lambda found: found["options"].update({DEVICE: bridge("cranes")}),
        f"options.{DEVICE}",
    ),
    "a network without a device": (NETWORK, "berths", lambda found: found.pop("options"), "options"),
    "a network with others' addresses": (
        NETWORK,
        "berths",
        lambda found: found.update(ipamConfigs=[{"subnet": "10.0.0.0/24"}]),
        "ipamConfigs",
    ),
    "a network that others join": (NETWORK, "berths", lambda found: found.update(attachable=True), "attachable"),
    "a volume that is a folder": (
        VOLUME,
        DATA,
        lambda found: found.update(driverOpts={"device": "/", "o": "bind"}),
        "driverOpts",
    ),
    "a volume of another": (VOLUME, DATA, lambda found: found["labels"].pop(), "labels"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_is_planned_is_just_as_planned(harbour: Harbour, case: str) -> None:
    type_, name, change, field = CHANGES[case]
    assert harbour.found(harbour.changed(type_, name, change)) == [(BREACH, field)]


def test_data_are_protected(harbour: Harbour) -> None:
    volume = dataclasses.replace(harbour.planned(VOLUME, DATA), options=Options(protect=False))

    assert harbour.found(volume) == [(UNPROTECTED, "protect")]
    assert f"volume `{DATA}` holds data" in harbour.messages(volume)


OPTIONS: dict[str, Options] = {
    "what it ignores": Options(protect=True, ignore_changes=("driverOpts",)),
    "another's state": Options(
        protect=True, aliases=(f"urn:pulumi:harbour.test::plat::{VOLUME}::customs--postgresql",)
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OPTIONS)
def test_options_change_nothing_of_what_was_judged(harbour: Harbour, case: str) -> None:
    volume = dataclasses.replace(harbour.planned(VOLUME, DATA), options=OPTIONS[case])
    assert [rule for rule, _ in harbour.found(volume)] == [BREACH]


def provider(package: str, name: str, **settings: object) -> Observed:
    kind = f"pulumi:providers:{package}"
    return Observed(f"urn:pulumi:harbour.test::plat::{kind}::{name}", kind, name, Properties(settings))


PROVIDERS: dict[str, tuple[Callable[[Harbour], Observed], Found]] = {
    "the machine's own passes": (lambda h: provider("docker", PORT, **h.docker(PORT)), NONE),
    "a second one to the same machine passes": (lambda h: provider("docker", "mine", **h.docker(PORT)), NONE),
    "the machine's own passes before it is made": (lambda _: provider("docker", PORT, host=UNKNOWN, sshOpts=UNKNOWN), NONE),
    "one whose machine nobody can tell yet": (lambda _: provider("docker", "mine", host=UNKNOWN), [(UNREADABLE, "host")]),
    "one to another machine": (
        lambda h: provider("docker", PORT, **h.docker(PORT) | {"host": "ssh://plat@10.9.9.9:22"}),
        [(UNREADABLE, "host")],
    ),
    "one to another port": (
        lambda h: provider("docker", PORT, **h.docker(PORT) | {"host": f"ssh://plat@{h.machine(PORT).address}:2222"}),
        [(UNREADABLE, "host")],
    ),
    "one as another user": (
        lambda h: provider("docker", PORT, **h.docker(PORT) | {"host": f"ssh://root@{h.machine(PORT).address}:22"}),
        [(UNREADABLE, "host")],
    ),
    "one without SSH": (
        lambda h: provider("docker", PORT, **h.docker(PORT) | {"host": f"tcp://{h.machine(PORT).address}:2375"}),
        [(UNREADABLE, "host")],
    ),
    "one to this machine's Docker": (
        lambda _: provider("docker", "x", host="unix:///var/run/docker.sock"),
        [(UNREADABLE, "host")],
    ),
    "one that the environment decides": (lambda _: provider("docker", "default"), [(UNREADABLE, "host")]),
    "one that asks nobody who it is": (
        lambda h: provider("docker", PORT, **h.docker(PORT) | {"sshOpts": '["-o","StrictHostKeyChecking=no"]'}),
        [(UNREADABLE, "sshOpts")],
    ),
    "one with credentials for registries": (
        lambda h: provider("docker", PORT, **h.docker(PORT), registryAuth='[{"password":"canary"}]'),
        [(UNREADABLE, "registryAuth")],
    ),
    "libvirt's own passes": (lambda _: provider("libvirt", "hv1", uri="qemu+ssh://root@hv1.example/system"), NONE),
    "one to another hypervisor": (lambda _: provider("libvirt", "hv1", uri="qemu:///system"), [(UNREADABLE, "uri")]),
    "libvirt where the environment decides": (lambda _: provider("libvirt", "default"), [(UNREADABLE, "uri")]),
    "our own passes": (lambda _: provider(OWN, "default", version="1.0.0"), NONE),
    "our own that lends keys which nobody planned": (
        lambda _: provider(OWN, "mine", lentKeys='["canary"]'),
        [(UNREADABLE, "lentKeys[0]")],
    ),
    "one that fetches its plugin elsewhere": (
        lambda h: provider("docker", PORT, **h.docker(PORT), pluginDownloadURL="https://evil.example"),
        [(UNREADABLE, "pluginDownloadURL")],
    ),
}


@pytest.mark.parametrize("case", PROVIDERS)
def test_providers_lead_to_the_plans_machines_by_the_plans_way(harbour: Harbour, case: str) -> None:
    make, found = PROVIDERS[case]
    resource = make(harbour)

    assert harbour.found(resource) == found
    assert "canary" not in harbour.messages(resource)


def test_a_resource_of_a_provider_pointed_elsewhere_is_refused_and_told_the_nearest(harbour: Harbour) -> None:
    near = host_of(harbour.machine(PORT)).replace("plat@", "root@")
    kind = "pulumi:providers:docker"
    elsewhere = Provider("urn", kind, PORT, Properties({"host": near}, "provider"))
    resource = dataclasses.replace(harbour.by_hand(CONTAINER, container()), provider=elsewhere)

    assert harbour.found(resource) == [(UNREADABLE, "provider.host")]
    assert f"the nearest is {host_of(harbour.machine(PORT))}" in harbour.messages(resource)


def test_a_resource_without_a_provider_is_refused(harbour: Harbour) -> None:
    resource = dataclasses.replace(harbour.by_hand(NETWORK, network()), provider=None)
    assert harbour.found(resource) == [(UNREADABLE, "provider")]


def test_a_landscape_without_machines_has_no_containers(market: Market) -> None:
    container_ = market.resource(CONTAINER, container(), market.provider("docker", host="ssh://plat@10.0.0.16:22"))
    assert "this landscape has no machines here" in market.messages(container_)
    assert market.found(market.resource("pulumi:providers:docker", {"host": "x"})) == [(UNREADABLE, "")]
