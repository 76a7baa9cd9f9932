"""What our components register on machines passes, in the first preview and in the update, for landscapes of every make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from components.landscape import provision
from plat.plan.model import Plan
from policies.bench import Bench
from policies.ground import Ground
from policies.observed import Observed
from tests.unit.policies.machines import ALL_ON_MACHINES, MIXED, planned, registered_on_machines
from tests.unit.policies.recorded import fresh_runtime


@pytest.fixture(autouse=True)
def _runtime() -> Iterator[None]:
    with fresh_runtime():
        yield


LANDSCAPES = [
    ("contexts", "order-processing", MIXED),
    ("contexts", "order-processing-cached", MIXED),
    ("contexts", "order-processing", ALL_ON_MACHINES),
    ("contexts", "e-commerce", ALL_ON_MACHINES),
    ("contexts", "workforce", ALL_ON_MACHINES),
    ("tests/landscapes", "harbour", MIXED),
    ("tests/landscapes", "harbour", ALL_ON_MACHINES),
    ("tests/landscapes", "bazaar", ALL_ON_MACHINES),
    ("tests/landscapes", "documents", ALL_ON_MACHINES),
    ("tests/landscapes", "emporium", ALL_ON_MACHINES),
    ("tests/landscapes", "market", ALL_ON_MACHINES),
    ("tests/landscapes", "modules-that-keep-apart", ALL_ON_MACHINES),
    ("tests/landscapes", "parcels", ALL_ON_MACHINES),
]


@pytest.mark.parametrize("preview", [True, False], ids=["the first preview", "the update"])
@pytest.mark.parametrize(("folder", "landscape", "environment"), LANDSCAPES)
def test_what_a_sound_landscape_becomes_on_machines_passes(
    folder: str, landscape: str, environment: Mapping[str, Any], *, preview: bool
) -> None:
    plan = planned(folder, landscape, environment)
    resources = registered_on_machines(plan, preview=preview)
    bench = Bench(Ground.of(plan))

    assert {resource.label: found for resource in resources if (found := bench.findings(resource))} == {}
    assert list(bench.findings_at_the_end(resources)) == []
    assert {"docker:index/container:Container", "docker:index/network:Network"} <= {item.type for item in resources}
