"""Each rule over the map has a landscape that trips it, exactly as said here, and one that just does not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from plat.findings import Severity
from plat.project import CONTEXTS_VARIABLE, Checked, Project
from plat.rules import RULES
from plat.rules.map import EXCEPTION_RULES, MAP_RULES

ROOT = Path(__file__).resolve().parents[3]
LANDSCAPES = ROOT / "tests" / "landscapes" / "rules"
TODAY = date(2027, 1, 31)

Found = tuple[str, str, str]

TRIPPED: dict[str, list[Found]] = {
    "separate-ways": [("separate-ways", "sales / support", "support.yaml:9")],
}
"""By rule: rule, subject, and file and line, of every finding in its landscape `trips`."""


def _check(rule: str, folder: str, monkeypatch: pytest.MonkeyPatch) -> Checked:
    monkeypatch.setenv(CONTEXTS_VARIABLE, str(LANDSCAPES / rule))
    return Project(ROOT, TODAY).check(folder)


@pytest.mark.parametrize("rule", [rule.id for rule in MAP_RULES])
def test_a_landscape_trips_the_rule(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    findings = _check(rule, "trips", monkeypatch).findings
    places = [(one.rule, one.subject, one.location) for one in findings]
    assert [(name, subject, f"{Path(at.file).name}:{at.line}") for name, subject, at in places if at] == TRIPPED[rule]


@pytest.mark.parametrize("rule", [rule.id for rule in MAP_RULES])
def test_a_landscape_just_does_not_trip_the_rule(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = _check(rule, "just-not", monkeypatch)
    assert checked.landscape
    assert [one.render() for one in checked.findings if one.rule == rule or one.severity == Severity.ERROR] == []


def test_every_landscape_here_belongs_to_a_rule() -> None:
    assert {folder.name for folder in LANDSCAPES.iterdir()} == TRIPPED.keys()


def test_rules_of_either_kind_have_names_of_their_own() -> None:
    rules = (*RULES, *MAP_RULES, *EXCEPTION_RULES)
    assert len({rule.id for rule in rules}) == len(rules)


def test_every_rule_over_the_map_explains_itself() -> None:
    rules = (*MAP_RULES, *EXCEPTION_RULES)
    assert [rule.id for rule in rules if not (rule.title and rule.why and rule.fix and rule.source)] == []
