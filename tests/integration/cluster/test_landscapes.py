"""Every landscape of the project comes up on a real cluster, and its fences hold."""

from __future__ import annotations

import re

import pytest

from plat.kubernetes import labels
from tests.integration.cluster.conftest import Cluster

HERE = ("-e", "cluster")


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("landscape", ["workforce", "restaurant", "parcel-shipping-year-1", "parcel-shipping", "e-commerce"])
def test_it_comes_up_and_every_fence_holds(cluster: Cluster, landscape: str) -> None:
    try:
        ran = cluster.checkout.run("plat", "up", landscape, *HERE, timeout=1100)
        assert ran.returncode == 0, ran.stdout
        assert re.search(r"\d+ tried: \d+ open, \d+ closed, all as declared", ran.stdout)
    finally:
        cluster.checkout.run("plat", "destroy", landscape, *HERE, "--with-data", "--confirm", landscape, timeout=300)
    assert not cluster.get("namespaces", f"--selector={labels.PART_OF}={landscape}")["items"]
