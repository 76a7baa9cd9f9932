"""A landscape with one of everything: shared servers, a deployable of two contexts, a backend for a frontend."""

from __future__ import annotations

import shutil

from tests.integration.main_job.checkout import Checkout


def test_every_shape_of_context_and_deployable_is_fenced_as_declared(checkout: Checkout) -> None:
    shutil.copytree(checkout.root / "tests" / "landscapes" / "market", checkout.root / "contexts" / "market")
    try:
        output = checkout.done("plat", "up", "market")
    finally:
        checkout.run("plat", "destroy", "market", "--with-data", "--confirm", "market")

    assert "240 tried: 20 open, 220 closed, all as declared." in output
