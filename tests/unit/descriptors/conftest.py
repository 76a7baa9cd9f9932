from pathlib import Path

import pytest

from tests.unit.descriptors.parcels import Parcels


@pytest.fixture
def parcels(tmp_path: Path) -> Parcels:
    return Parcels(tmp_path / "contexts" / "parcels")
