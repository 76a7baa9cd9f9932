"""Machines as the state of a stack has them: how they are entered, and how they leave it. Pure; works on exported states.

A state is what `pulumi stack export` prints (https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_export/).
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

from plat.machines.ssh import Connection

State = Mapping[str, Any]

_REACHABLE = "machine:index:Reachable"
_DOMAIN = "libvirt:index/domain:Domain"
_ON_MACHINES = ("docker", "machine")
_HYPERVISOR = "libvirt"
_PROVIDER = "pulumi:providers:"


def connections(state: State) -> Mapping[str, Connection]:
    """The ways into all machines of a stack that was exported with its secrets in plain text, by the machines' names."""
    found = {}
    for resource in _resources(state):
        if resource["type"] == _REACHABLE:
            given = {name: _plain(value) for name, value in resource.get("inputs", {}).items()}
            entrance = given["address"], int(given.get("port", 22)), given["user"], given["hostKey"], given["privateKey"]
            found[_name(resource["urn"])] = Connection(*entrance)
    return found


def made(state: State) -> frozenset[str]:
    """The machines that a hypervisor has made."""
    return frozenset(_name(resource["urn"]) for resource in _resources(state) if resource["type"] == _DOMAIN)


def occupied(state: State) -> frozenset[str]:
    """The machines that have something of the stack on them, which they alone can remove."""
    return frozenset(machine for resource in _resources(state) if (machine := _machine(resource)) and _is_docker(resource))


def without_machines(state: State) -> State:
    """The state out of which the next `destroy` removes machines that were made: what is on them goes with them.

    Their disks for data stay as they are, and so does everything on machines that nobody made.
    """
    changed = copy.deepcopy(dict(state))
    domains = {_name(resource["urn"]): resource["urn"] for resource in _resources(changed) if resource["type"] == _DOMAIN}
    for resource in _resources(changed):
        domain = domains.get(_machine(resource) or "")
        if domain and _is_custom(resource):
            # Its provider is not asked then: https://www.pulumi.com/docs/iac/concepts/resources/options/deletedwith/
            resource["deletedWith"] = domain
            resource.pop("protect", None)
    return changed


def without_anything(state: State) -> State:
    """The state out of which the next `destroy` removes machines that were made, all their disks, and all that is on others.

    What is on machines that were made is forgotten, since they need not answer any more; so is what is on this machine.
    """
    changed = copy.deepcopy(dict(state))
    lost = made(state)
    forgotten = {resource["urn"] for resource in _resources(changed) if _is_custom(resource) and not _is_asked(resource, lost)}
    if forgotten:
        changed["deployment"]["resources"] = [item for item in _resources(changed) if item["urn"] not in forgotten]
    for resource in _resources(changed):
        for mark in ("protect", "retainOnDelete"):
            resource.pop(mark, None)
        needs = resource.get("dependencies") or []
        by_property = resource.get("propertyDependencies") or {}
        resource["dependencies"] = [urn for urn in needs if urn not in forgotten]
        resource["propertyDependencies"] = {
            name: [urn for urn in urns or [] if urn not in forgotten] for name, urns in by_property.items()
        }
    return changed


def _is_asked(resource: Mapping[str, Any], lost: frozenset[str]) -> bool:
    """Whether somebody has to remove a resource for it to be gone."""
    machine = _machine(resource)
    return machine not in lost if machine else _package(resource) == _HYPERVISOR


def _resources(state: State) -> Iterator[Any]:
    yield from state.get("deployment", {}).get("resources") or ()


def _is_custom(resource: Mapping[str, Any]) -> bool:
    """Whether a provider has made it; providers themselves are nobody's."""
    return bool(resource.get("custom")) and not resource["type"].startswith(_PROVIDER)


def _is_docker(resource: Mapping[str, Any]) -> bool:
    return _package(resource) == "docker"


def _machine(resource: Mapping[str, Any]) -> str | None:
    """The machine that a resource is on: providers of what is on one bear its name."""
    return _name(_provider(resource)) if _package(resource) in _ON_MACHINES else None


def _package(resource: Mapping[str, Any]) -> str:
    return _provider(resource).partition(_PROVIDER)[2].partition("::")[0]


def _provider(resource: Mapping[str, Any]) -> str:
    """The URN of its provider, which is written with its id behind it."""
    return str(resource.get("provider") or "").rpartition("::")[0]


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    return json.loads(value["plaintext"]) if isinstance(value, dict) and "plaintext" in value else value
