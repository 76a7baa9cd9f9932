"""Landscapes on machines, as the pack sees them, and resources beside them that somebody makes by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from components.landscape import provision
from plat.environment import Environment
from plat.kubernetes import labels
from plat.plan.build import build
from plat.plan.model import Machine, Plan
from plat.plan.shares import whole
from plat.project import CONTEXTS_VARIABLE, Project
from policies.bench import Bench
from policies.ground import Ground
from policies.machines import OWN
from policies.observed import Observed, Options, Properties, Provider
from tests.unit.policies.recorded import made

ROOT = Path(__file__).resolve().parents[3]
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEfCy1Uq0g0cYwqo0lCq0m2tG2b9d1J0bN8mX0r4WvQk"
HYPERVISOR = {
    "name": "hv1",
    "uri": "qemu+ssh://root@hv1.example/system",
    "addresses": {"first": "10.0.0.16", "last": "10.0.0.127"},
    "gateway": "10.0.0.1",
    "image": "base.qcow2",
}
MIXED: Mapping[str, Any] = {"kubernetes": "local", "vm": "vm"}
ALL_ON_MACHINES: Mapping[str, Any] = {"kubernetes": "vm", "vm": "vm"}

PORT, CUSTOMS = "harbour--team--port-team", "harbour--customs"
"""The machine of a team, which two of its contexts share, and the one that a context of another team has for itself."""

Inputs = dict[str, Any]
Found = list[tuple[str, str]]
"""Findings as (rule, field)."""


def planned(folder: str, landscape: str, targets: Mapping[str, Any], **machines: object) -> Plan:
    """The plan of a sound landscape, with machines that a hypervisor makes unless `machines` says otherwise."""
    settled = {
        "hypervisors": [HYPERVISOR],
        "sizes": {"medium": {"cpus": 2, "memory": "16Gi", "disk": "200Gi"}},
        "administration": ["10.0.0.1/32"],
        "public": ["192.168.7.0/24"],
        **machines,
    }
    environment = Environment.model_validate(
        {
            "apiVersion": "plat/v1",
            "kind": "Environment",
            "name": "test",
            "targets": targets,
            "local": {"address": "10.0.0.1"},
            "machines": settled,
        }
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / folder))
        found = Project(ROOT).check(landscape).landscape
    assert found
    return build(found, environment)


def made_on_machines(plan: Plan, *, preview: bool) -> list[tuple[Observed, Observed]]:
    """All that our components register for `plan`, as it is before it is made and at the end."""
    return made(lambda: provision(whole(plan)) and None, plan.stack, preview=preview)


@dataclass(frozen=True)
class Harbour:
    """The landscape `harbour` with all that is made of it, and what somebody makes beside it."""

    ground: Ground
    stack: tuple[tuple[Observed, Observed], ...]

    @classmethod
    def made(cls, *, preview: bool = False) -> Harbour:
        plan = planned("tests/landscapes", "harbour", MIXED)
        return cls(Ground.of(plan), tuple(made_on_machines(plan, preview=preview)))

    def machine(self, name: str) -> Machine:
        return self.ground.machines.by_name[name]

    def port_of(self, name: str) -> int:
        found = self.ground.servers.get(name) or self.ground.workloads[name]
        assert found.port
        return found.port

    def planned(self, type_: str, name: str) -> Observed:
        """A planned resource as our components register it."""
        return next(item for item, _ in self.stack if (item.type, item.name) == (type_, name))

    def changed(self, type_: str, name: str, change: Callable[[Inputs], object]) -> Observed:
        """The same with something done to its inputs."""
        found = self.planned(type_, name)
        inputs = _copied(found.properties.plain())
        change(inputs)
        return dataclasses.replace(found, properties=Properties(inputs))

    def by_hand(
        self, type_: str, inputs: Inputs, machine: str = PORT, name: str = "by-hand", options: Options | None = None
    ) -> Observed:
        """A resource that the plan does not have."""
        return Observed(
            f"urn:pulumi:harbour.test::plat::{type_}::{name}",
            type_,
            name,
            Properties(inputs),
            self._provider(type_, machine),
            options or Options(),
        )

    def _provider(self, type_: str, machine: str) -> Provider | None:
        package = type_.partition(":")[0]
        settings: dict[str, Inputs] = {
            "docker": self.docker(machine),
            "libvirt": {"uri": HYPERVISOR["uri"]},
            OWN: {},
        }
        if package not in settings:
            return None
        name = "hv1" if package == "libvirt" else machine
        kind = f"pulumi:providers:{package}"
        return Provider(
            f"urn:pulumi:harbour.test::plat::{kind}::{name}", kind, name, Properties(settings[package], "provider")
        )

    def docker(self, machine: str) -> Inputs:
        """The settings of Docker's provider for a machine, as our components make it."""
        return dict(self.planned("pulumi:providers:docker", machine).properties.plain())

    def found(self, *resources: Observed) -> Found:
        """What is wrong with the last of `resources`, the others having come before it."""
        bench = Bench(self.ground)
        findings = [bench.findings(resource) for resource in resources][-1]
        return sorted((finding.rule, finding.field) for finding in findings)

    def messages(self, *resources: Observed) -> str:
        """All that a user reads about `resources`."""
        bench = Bench(self.ground)
        return "\n".join(finding.render() for resource in resources for finding in bench.findings(resource))

    def at_the_end(self, *others: Observed, without: Callable[[Observed], bool] = lambda _: False) -> str:
        """What a user reads of the stack as a whole, with `others` in the place of those with the same URN."""
        instead = {other.urn: other for other in others}
        before = [instead.pop(item.urn, item) for item, _ in self.stack if not without(item)] + list(instead.values())
        bench = Bench(self.ground)
        for item in before:
            bench.findings(item)
        after = [ended for _, ended in self.stack if not without(ended)]
        return "\n".join(finding.render() for _, finding in bench.findings_at_the_end(after))


def whose(team: str = "port-team", *contexts: str, **more: str) -> list[dict[str, str]]:
    """The labels of something made by hand."""
    found = {labels.TEAM: team, **({labels.CONTEXTS: ",".join(contexts)} if contexts else {}), **more}
    return [{"label": name, "value": value} for name, value in found.items()]


def container(team: str = "port-team", *contexts: str, **inputs: Any) -> Inputs:  # noqa: ANN401 - any input
    """A container as confined as Plat's own are."""
    return {
        "name": "by-hand",
        "image": "registry.example/by-hand:1",
        "user": "10001:10001",
        "readOnly": True,
        "capabilities": {"drops": ["ALL"]},
        "securityOpts": ["no-new-privileges:true"],
        "memory": 128,
        "memorySwap": 128,
        "networksAdvanced": [{"name": "by-hand"}],
        "labels": whose(team, *(contexts or ("berths",))),
        **inputs,
    }


def _copied(value: Any) -> Any:  # noqa: ANN401 - any part of a resource; what is unknown stays the one marker
    if isinstance(value, Mapping):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value
