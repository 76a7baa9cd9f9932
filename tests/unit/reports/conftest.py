from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from plat.findings import Finding, Location, Severity
from plat.landscape import Landscape, LinkedException, load_landscape
from plat.places import Places
from plat.project import Checked
from plat.reports import Report
from plat.rules.map import Accepted
from tests.unit.plan.conftest import GOODS, LANDSCAPE, SALES, write

TODAY = date(2026, 11, 21)
SHARED = Finding(
    rule="datastore-ownership",
    message="`goods` writes to datastore `sales--postgresql`",
    location=Location("contexts/shop/goods.yaml", 12, 3),
    field="accesses[0].datastore",
    subject="goods",
    hint="did you mean `goods`?",
    related=(Location("contexts/shop/sales.yaml", 8, 1),),
)
LEAVING = Finding(
    rule="deprecated-event",
    message="event `OrderTaken` is deprecated: it will be retired",
    severity=Severity.WARNING,
    location=Location("contexts/shop/goods.yaml", 10, 12),
    field="consumes[0].event",
    subject="goods",
)
APART = Finding(
    rule="separate-ways",
    message="`goods` calls `sales`",
    location=Location("contexts/shop/goods.yaml", 11, 13),
    subject="goods / sales",
)

Reported = Callable[..., Report]


@pytest.fixture
def landscape(tmp_path: Path) -> Landscape:
    accepted = "{rule: separate-ways, subject: goods / sales, reason: Until May., owner: goods-team, until: 2027-05-31}"
    files = {"landscape.yaml": f"{LANDSCAPE}exceptions: [{accepted}]\n", "sales.yaml": SALES, "goods.yaml": GOODS}
    loaded = load_landscape(write(tmp_path / "contexts" / "shop", files))
    assert loaded.landscape, loaded.findings
    return loaded.landscape


@pytest.fixture
def report(tmp_path: Path, landscape: Landscape) -> Reported:
    """A report of findings in the landscape `shop`, whose folder is in `tmp_path`, with paths relative to that."""

    def reported(*findings: Finding, accepted: tuple[Finding, ...] = (), whole: bool = True, base: Path = tmp_path) -> Report:
        exception: LinkedException = landscape.exceptions[0]
        checked = Checked(landscape, tuple(sorted(findings)), tuple(Accepted(finding, exception) for finding in accepted))
        return Report.of({"shop": checked}, Places(tmp_path / "contexts", base), TODAY, whole=whole)

    return reported


def moved(finding: Finding, lines: int) -> Finding:
    """`finding` in a file that has `lines` more lines above it."""
    place = finding.location
    assert place
    return replace(finding, location=Location(place.file, place.line + lines, place.column))
