"""What our components register on machines passes, in the first preview and in the update, for landscapes of every make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from policies.bench import Bench
from policies.ground import Ground
from policies.machines import CONTAINER, FIREWALL, NETWORK
from providers.machine.keys import new_private_key
from tests.thorough import all_but_thoroughly
from tests.unit.policies.machines import ALL_ON_MACHINES, HOST_KEY, MIXED, made_on_machines, planned
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


@pytest.mark.parametrize("preview", all_but_thoroughly([False], [True, False]), ids=["the first preview", "the update"])
@pytest.mark.parametrize(
    ("folder", "landscape", "environment"), all_but_thoroughly([("contexts", "order-processing", MIXED)], LANDSCAPES)
)
def test_what_a_sound_landscape_becomes_on_machines_passes(
    folder: str, landscape: str, environment: Mapping[str, Any], *, preview: bool
) -> None:
    plan = planned(folder, landscape, environment)
    resources = made_on_machines(plan, preview=preview)
    bench = Bench(Ground.of(plan))

    assert {resource.label: found for resource, _ in resources if (found := bench.findings(resource))} == {}
    assert list(bench.findings_at_the_end(ended for _, ended in resources)) == []
    assert {CONTAINER, FIREWALL, NETWORK} <= {item.type for item, _ in resources}


def test_a_host_of_the_inventory_passes_too(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(new_private_key())
    hosts = [
        {"name": team, "address": f"10.1.0.{last}", "host-key": HOST_KEY, "key": str(key), "team": team}
        for last, team in enumerate(("customs-team", "port-team"), 1)
    ]
    plan = planned("tests/landscapes", "harbour", MIXED, hypervisors=[], inventory=hosts)
    bench = Bench(Ground.of(plan))

    assert {item.label: found for item, _ in made_on_machines(plan, preview=False) if (found := bench.findings(item))} == {}
