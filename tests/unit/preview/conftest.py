from __future__ import annotations

from pathlib import Path

import pytest

from plat.landscape import Landscape
from plat.plan.build import build
from plat.plan.model import Plan
from tests.unit.plan.conftest import ENVIRONMENT, GOODS, LANDSCAPE, SALES, load, write


@pytest.fixture
def landscape(tmp_path: Path) -> Landscape:
    return load(write(tmp_path / "shop", {"landscape.yaml": LANDSCAPE, "sales.yaml": SALES, "goods.yaml": GOODS}))


@pytest.fixture
def plan(landscape: Landscape) -> Plan:
    return build(landscape, ENVIRONMENT)
