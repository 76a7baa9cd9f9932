from __future__ import annotations

from pathlib import Path

import pytest

from plat.plan.model import Plan
from plat.project import CONTEXTS_VARIABLE, Project
from policies.ground import Ground

ROOT = Path(__file__).resolve().parents[3]


def plan_of(stack: str) -> Plan:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / "tests" / "landscapes"))
        return Project(ROOT).plan(stack)


@pytest.fixture(scope="session")
def market() -> Ground:
    return Ground.of(plan_of("market.local"))


@pytest.fixture(scope="session")
def parcels() -> Ground:
    return Ground.of(plan_of("parcels.local"))
