from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.main_job.checkout import Checkout, clone, remove


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A clone below a folder that only its owner may enter, as /root is: with a space in its name."""
    made = clone(Path(tmp_path_factory.mktemp("clone")) / "a clone")
    yield made
    remove(made)


@pytest.fixture(scope="session")
def brought_up(checkout: Checkout) -> str:
    """What the first `plat up` printed."""
    return checkout.done("plat", "up", "order-processing")
