"""What has to be moved so that everything stands in the stack that it belongs to. It looks at states and moves nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plat.plan.shares import Share
from plat.restack.belongs import Belongs

_COMPONENTS = ("plat:", "pulumi:pulumi:")
_PROVIDER = "pulumi:providers:"


@dataclass(frozen=True, slots=True)
class Move:
    """Resources, by URN, that go from the stack `source` into that of the share `share`."""

    source: str
    dest: str
    share: str
    urns: tuple[str, ...]


def moves(shares: Mapping[str, Share], states: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[Move, ...]:
    """The moves for the resources of all stacks of a landscape, `states` by stack; what no share knows stays where it is."""
    belongs = Belongs(shares)
    names = {str(share.stack): name for name, share in shares.items()}
    found: dict[tuple[str, str], list[str]] = {}
    for source, resources in sorted(states.items()):
        for resource in resources:
            kind, urn = str(resource.get("type", "")), str(resource.get("urn", ""))
            if kind.startswith((*_COMPONENTS, _PROVIDER)) or resource.get("delete"):
                continue
            share = belongs.share_of(kind, urn.rpartition("::")[2], names.get(source))
            if share is not None and str(shares[share].stack) != source:
                found.setdefault((source, share), []).append(urn)
    return tuple(Move(source, str(shares[share].stack), share, tuple(urns)) for (source, share), urns in sorted(found.items()))


def is_left(resources: Sequence[Mapping[str, Any]]) -> bool:
    """Whether nothing but components and providers is left in a stack."""
    return all(str(item.get("type", "")).startswith((*_COMPONENTS, _PROVIDER)) for item in resources)
