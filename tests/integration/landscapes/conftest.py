from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.main_job.checkout import Checkout, clone, remove


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A clone in which one landscape after another is brought up."""
    made = clone(Path(tmp_path_factory.mktemp("landscapes")) / "clone", first=16000, last=17999)
    yield made
    remove(made)
