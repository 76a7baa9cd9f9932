"""Where something is for who is somewhere else: what is on a cluster has one address there, and another one for machines."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

from plat.plan.model import Server, Surface

_T = TypeVar("_T", Server, Surface)


def seen_from(target: str, thing: _T) -> _T:
    """`thing` with the host and the port by which whoever is on `target` reaches it."""
    if thing.outside is None or target == "kubernetes":
        return thing
    seen = dataclasses.replace(thing, host=thing.outside.host, port=thing.outside.port)
    return dataclasses.replace(seen, poolers=()) if isinstance(seen, Server) else seen
