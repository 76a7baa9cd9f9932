from __future__ import annotations

from pathlib import Path

import pytest

from plat.plan.model import Plan
from plat.project import CONTEXTS_VARIABLE, Project
from policies.ground import Ground
from tests.unit.policies.machines import Harbour
from tests.unit.policies.recorded import fresh_runtime
from tests.unit.policies.resources import Market

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def plan() -> Plan:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / "tests" / "landscapes"))
        return Project(ROOT).plan("market.local")


@pytest.fixture(scope="session")
def ground(plan: Plan) -> Ground:
    return Ground.of(plan)


@pytest.fixture(scope="session")
def market(ground: Ground) -> Market:
    return Market(ground)


@pytest.fixture(scope="session")
def harbour() -> Harbour:
    with fresh_runtime():
        return Harbour.made()


@pytest.fixture(scope="session")
def harbour_foreseen() -> Harbour:
    with fresh_runtime():
        return Harbour.made(preview=True)
