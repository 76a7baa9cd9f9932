"""When a contract ends: the last day is in force, the day after is not, and thirty days before somebody is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from plat.project import CONTEXTS_VARIABLE, Project

ROOT = Path(__file__).resolve().parents[3]
LANDSCAPES = ROOT / "tests" / "landscapes" / "rules" / "contract-expired"

DAYS = {
    date(2027, 6, 30): [],
    date(2027, 7, 1): [("contract-expires-soon", "ends in 29 days, on 2027-07-30")],
    date(2027, 7, 29): [("contract-expires-soon", "ends tomorrow, on 2027-07-30")],
    date(2027, 7, 30): [("contract-expires-soon", "ends today, on 2027-07-30")],
    date(2027, 7, 31): [
        ("datastore-ownership", "contract `pricing-rates` is not in force for this"),
        ("contract-expired", "ended on 2027-07-30"),
    ],
}


@pytest.mark.parametrize(("today", "found"), DAYS.items(), ids=map(str, DAYS))
def test_a_contract_until_the_thirtieth_of_july(
    monkeypatch: pytest.MonkeyPatch, today: date, found: list[tuple[str, str]]
) -> None:
    monkeypatch.setenv(CONTEXTS_VARIABLE, str(LANDSCAPES))
    findings = Project(ROOT, today).check("just-not").findings

    assert [finding.rule for finding in findings] == [rule for rule, _ in found]
    assert [
        finding.message for finding, (_, end) in zip(findings, found, strict=True) if not finding.message.endswith(end)
    ] == []
