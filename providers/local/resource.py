"""What types of resources on this machine have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from providers.common.errors import Problem
from providers.common.resource import Outputs
from providers.local import spec
from providers.local.machine import Machine


def with_restart(found: Outputs, known: Outputs) -> Outputs:
    """Return `found` with `restartedAt` if something that was `known` to run has ended since and was started again."""
    again = found["running"] and known.get("startedAt") and known["startedAt"] != found["startedAt"]
    return {**found, "restartedAt": found["startedAt"]} if again else found


@contextmanager
def forgotten_if_it_fails(machine: Machine, name: str) -> Iterator[None]:
    """Stop and forget the programs of `name` when the making of it fails: Pulumi will not know of them. Data stays."""
    try:
        yield
    except Problem:
        mine = [item.name for item in reversed(spec.load_all(machine.paths.specs)) if item.owner == name]
        machine.supervisor.unregister(mine)
        raise
