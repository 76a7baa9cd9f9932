"""What a killed update leaves behind in Pulumi's state, and how the next one gets over it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Creating one of these twice is an error at the server, so a create that may have happened has to be looked up. The
# value is the input whose value is the id, as the official providers form it.
_LOOKED_UP_BY = {
    "kafka:index/topic:Topic": "name",
    "postgresql:index/database:Database": "name",
    "postgresql:index/role:Role": "name",
}

# Creating one of these again fails as well, and its id nobody knows before it is there. Their plugins take away what was
# begun, by its name, before they make it: nothing is in them that anybody has written.
_BEGUN = frozenset(
    (
        "docker:index/container:Container",
        "docker:index/network:Network",
        "libvirt:index/cloudInitDisk:CloudInitDisk",
        "libvirt:index/domain:Domain",
        "libvirt:index/volume:Volume",
    )
)

HALF_MADE = "PLAT_HALF_MADE"
"""A variable for plugins: the file with what a killed update had begun to make (toolchain/go/machines/internal/halfmade)."""


def pending(deployment: Mapping[str, Any]) -> tuple[list[tuple[str, str]], int]:
    """Of an exported stack: the pending creates to look up, as (URN, id), and how many operations are pending in all."""
    operations = deployment.get("deployment", {}).get("pending_operations") or []
    found = []
    for operation in operations:
        resource = operation.get("resource", {})
        key = _LOOKED_UP_BY.get(resource.get("type", ""))
        name = resource.get("inputs", {}).get(key) if key else None
        if operation.get("type") == "creating" and isinstance(name, str):
            found.append((resource["urn"], name))
    return found, len(operations)


def half_made(deployment: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """Of an exported stack: what was begun and holds no data, each with `type` and `name`.

    What is protected is never among it: a disk for data that was there before would be taken for one that was begun.
    """
    found: list[Mapping[str, str]] = []
    for operation in deployment.get("deployment", {}).get("pending_operations") or []:
        resource = operation.get("resource", {})
        name = resource.get("inputs", {}).get("name")
        begun = operation.get("type") == "creating" and resource.get("type") in _BEGUN and not resource.get("protect")
        if begun and isinstance(name, str):
            found.append({"type": resource["type"], "name": name})
    return found
