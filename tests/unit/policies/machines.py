"""Landscapes on machines, as the pack sees them, and resources beside them that somebody makes by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from components.landscape import provision
from plat.environment import Environment
from plat.plan.build import build
from plat.plan.model import Plan
from plat.project import CONTEXTS_VARIABLE, Project
from policies.observed import Observed
from tests.unit.policies.recorded import registered

ROOT = Path(__file__).resolve().parents[3]
HYPERVISOR = {
    "name": "hv1",
    "uri": "qemu+ssh://root@hv1.example/system",
    "addresses": {"first": "10.0.0.16", "last": "10.0.0.127"},
    "gateway": "10.0.0.1",
    "image": "base.qcow2",
}
MIXED: Mapping[str, Any] = {"kubernetes": "local", "vm": "vm"}
ALL_ON_MACHINES: Mapping[str, Any] = {"kubernetes": "vm", "vm": "vm"}


def planned(folder: str, landscape: str, targets: Mapping[str, Any], **machines: object) -> Plan:
    """The plan of a sound landscape, with machines that a hypervisor makes unless `machines` says otherwise."""
    settled = {
        "hypervisors": [HYPERVISOR],
        "shared": {},
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


def registered_on_machines(plan: Plan, *, preview: bool) -> list[Observed]:
    """All that our components register for `plan`."""
    return registered(lambda: provision(plan) and None, plan.stack, preview=preview)
