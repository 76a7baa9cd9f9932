from __future__ import annotations

from pathlib import Path

import pytest

from plat.landscape import Landscape
from plat.map.build import context_map
from plat.map.model import ContextMap
from tests.unit.map import atlas


@pytest.fixture
def landscape(tmp_path: Path) -> Landscape:
    return atlas.load(tmp_path)


@pytest.fixture
def drawn(landscape: Landscape) -> ContextMap:
    return context_map(landscape)
