"""What the name of a resource in Pulumi says: `urn:pulumi:<stack>::<project>::<types of its parents and its own>::<name>`.

Source: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
"""

from __future__ import annotations

from collections.abc import Mapping

_CONTEXT = "plat:index:BoundedContext"


def context_above(urn: str, parents: Mapping[str, str]) -> str:
    """The context whose component a resource stands below, or is; empty where there is none. `parents` are URNs by URN."""
    while urn:
        chain, _, name = urn.split("::", 2)[-1].partition("::")
        if chain.rpartition("$")[2] == _CONTEXT:
            return name
        urn = parents.get(urn, "")
    return ""
