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
_LANDSCAPE = "plat:index:Landscape"
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
    domains = _domains(state)
    return _changed(state, lambda resource: _with(resource, domains.get(_machine(resource) or "")))


def without_anything(state: State) -> State:
    """The state out of which the next `destroy` removes all that is on machines, data included, and the machines made.

    What is on machines that were made goes with these; what is on this machine goes with the landscape: it is forgotten.
    """
    domains = _domains(state)
    landscape = next((resource["urn"] for resource in _resources(state) if resource["type"] == _LANDSCAPE), "")

    def released(resource: dict[str, Any]) -> None:
        machine = _machine(resource)
        asked = machine is not None or _package(resource) == _HYPERVISOR
        for mark in ("protect", "retainOnDelete"):
            resource.pop(mark, None)
        if _is_custom(resource):
            _with(resource, domains.get(machine or "") if asked else landscape)

    return _changed(state, released)


def _with(resource: dict[str, Any], other: str | None) -> None:
    """Have a resource be gone when the `other` one is: its provider is not asked (the option `deletedWith`)."""
    if other and other != resource["urn"] and _is_custom(resource):
        resource.pop("protect", None)
        resource["deletedWith"] = other


def _changed(state: State, change: Any) -> State:  # noqa: ANN401 - a function on a resource
    copied = copy.deepcopy(dict(state))
    for resource in _resources(copied):
        change(resource)
    return copied


def _domains(state: State) -> Mapping[str, str]:
    return {_name(resource["urn"]): resource["urn"] for resource in _resources(state) if resource["type"] == _DOMAIN}


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
