"""What must not be on machines: each story as raw resources, registered by their type, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pulumi
import pulumi_random as random

from plat.kubernetes import labels
from plat.machines.ways import bridge
from plat.plan.model import Machine, Plan
from policies.machines import CONTAINER, DOMAIN, NETWORK, VOLUME, host_of

CANARY = "canary-5d1f07aa"


@dataclass(frozen=True)
class Beside:
    """The plan, beside whose resources others stand."""

    plan: Plan

    @property
    def machine(self) -> Machine:
        assert self.plan.fleet
        return self.plan.fleet.machine("harbour--team--port-team")

    @cached_property
    def docker(self) -> pulumi.ProviderResource:
        """The way to the machine, as a preview sees it before there is one: by its name alone."""
        later = random.RandomPassword("later", length=8).result
        return pulumi.ProviderResource("docker", self.machine.name, {"host": later, "sshOpts": later})

    def make(self, type_: str, name: str, inputs: Mapping[str, Any]) -> None:
        provider = self.docker
        if type_.startswith("libvirt:"):
            assert self.machine.hypervisor
            provider = pulumi.ProviderResource("libvirt", f"{name}-libvirt", {"uri": self.machine.hypervisor.uri})
        pulumi.CustomResource(type_, name, dict(inputs), pulumi.ResourceOptions(provider=provider))

    def container(self, name: str, /, **inputs: object) -> None:
        confined = {
            "name": name,
            "image": "registry.example/by-hand:1",
            "user": "10001:10001",
            "readOnly": True,
            "capabilities": {"drops": ["ALL"]},
            "securityOpts": ["no-new-privileges:true"],
            "memory": 64,
            "memorySwap": 64,
            "networksAdvanced": [{"name": name}],
            "labels": owner(),
        }
        self.make(CONTAINER, name, confined | inputs)


def owner() -> list[dict[str, str]]:
    return [{"label": labels.TEAM, "value": "port-team"}, {"label": labels.CONTEXTS, "value": "berths"}]


def beside_docker(beside: Beside) -> None:
    beside.container("socket", mounts=[{"type": "bind", "source": "/var/run/docker.sock", "target": "/s"}])


def on_the_host(beside: Beside) -> None:
    beside.container("host", networkMode="host", networksAdvanced=[])


def privileged(beside: Beside) -> None:
    beside.container("privileged", privileged=True)


def at_every_address(beside: Beside) -> None:
    beside.container("open", ports=[{"internal": 80, "external": 8123}])


def another_contexts_database(beside: Beside) -> None:
    server = beside.plan.server("customs--postgresql")
    secret = pulumi.Output.secret(f"URL=postgresql://customs:{CANARY}@{server.host}:{server.port}/customs")
    beside.container("thief", envs=[secret])


def anothers_data(beside: Beside) -> None:
    beside.container("data", mounts=[{"type": "volume", "source": "berths--postgresql", "target": "/x"}])


def anothers_place(beside: Beside) -> None:
    beside.container("twin", name="cranes")


def a_forged_device(beside: Beside) -> None:
    options = {"com.docker.network.bridge.name": bridge("cranes")}
    beside.make(NETWORK, "forged", {"name": "forged", "options": options, "labels": owner()})


def a_folder_of_the_machine(beside: Beside) -> None:
    options = {"type": "none", "o": "bind", "device": "/"}
    beside.make(VOLUME, "folder", {"name": "folder", "driverOpts": options, "labels": owner()})


def a_second_provider(beside: Beside) -> None:
    settings = {"host": host_of(beside.machine), "sshOpts": ["-oStrictHostKeyChecking=no"]}
    pulumi.ProviderResource("docker", "mine", settings)


def a_tag(beside: Beside) -> None:
    beside.make("docker:index/tag:Tag", "tag", {"sourceImage": "evil", "targetImage": "registry.example/berths:1.0.0"})


def an_unfenced_machine(beside: Beside) -> None:
    disks = [{"file": "/pool/harbour--customs--data"}]
    beside.make(DOMAIN, "machine", {"name": "machine", "memory": 64, "disks": disks})


STORIES: Mapping[str, Callable[[Beside], None]] = {
    story.__name__: story
    for story in (
        a_folder_of_the_machine,
        a_forged_device,
        a_second_provider,
        a_tag,
        an_unfenced_machine,
        another_contexts_database,
        anothers_data,
        anothers_place,
        at_every_address,
        beside_docker,
        on_the_host,
        privileged,
    )
}
