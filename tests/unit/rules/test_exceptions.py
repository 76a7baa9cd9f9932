"""What a landscape accepts for a while, and what nobody can accept."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from plat.manual import MANUAL
from plat.project import Checked
from plat.rules import RULES
from plat.rules.map import MAP_RULES
from tests.unit.rules.written import TODAY, context, landscape, project

_CYCLE = ("synchronous-cycle", "a / b")


def _exception(rule: str, subject: str, until: str = "2027-06-30") -> str:
    return (
        f"  - rule: {rule}\n    subject: {subject}\n    reason: B has no events yet.\n    owner: b-team\n    until: {until}\n"
    )


def _check(root: Path, *exceptions: str, today: date = TODAY) -> Checked:
    """Check two contexts that call each other, with these exceptions."""
    files = {
        "landscape": landscape("a-team", "b-team", rest="exceptions:\n" + "".join(exceptions) if exceptions else ""),
        "a": context("a", "exposes: {Ask: {}}\nupstreams: [{context: b, uses: [Ask]}]\n"),
        "b": context("b", "exposes: {Ask: {}}\nupstreams: [{context: a, uses: [Ask]}]\n"),
    }
    return dataclasses.replace(project(root, files), today=today).check("shop")


def _rules(checked: Checked) -> list[str]:
    return [finding.rule for finding in checked.findings]


def test_without_an_exception_it_is_an_error(tmp_path: Path) -> None:
    checked = _check(tmp_path)
    assert _rules(checked) == ["synchronous-cycle"]
    assert checked.refused


def test_an_accepted_finding_stands_against_nothing_and_is_told_with_who_answers_for_it(tmp_path: Path) -> None:
    checked = _check(tmp_path, _exception(*_CYCLE))
    assert not checked.refused
    assert _rules(checked) == []
    (accepted,) = checked.accepted
    assert (accepted.finding.rule, accepted.finding.subject) == _CYCLE
    assert accepted.to_dict()["exception"] == {
        "reason": "B has no events yet.",
        "owner": "b-team",
        "until": "2027-06-30",
        "location": {"file": "contexts/shop/landscape.yaml", "line": 11, "column": 5},
    }


def test_a_landscape_with_an_accepted_finding_is_planned(tmp_path: Path) -> None:
    _check(tmp_path / "checked", _exception(*_CYCLE))
    assert dataclasses.replace(project(tmp_path, {}), root=tmp_path / "checked").plan("shop.local").routes


@pytest.mark.parametrize(
    ("today", "rules"),
    [
        (date(2027, 6, 29), []),
        (date(2027, 6, 30), []),
        (date(2027, 7, 1), ["synchronous-cycle", "expired-exception"]),
    ],
)
def test_an_exception_holds_up_to_and_including_its_day(today: date, rules: list[str], tmp_path: Path) -> None:
    assert sorted(_rules(_check(tmp_path, _exception(*_CYCLE), today=today))) == sorted(rules)


def test_an_exception_for_another_subject_accepts_nothing(tmp_path: Path) -> None:
    assert _rules(_check(tmp_path, _exception("synchronous-cycle", "a / c"))) == ["synchronous-cycle", "unused-exception"]


def test_an_exception_from_another_rule_accepts_nothing(tmp_path: Path) -> None:
    assert _rules(_check(tmp_path, _exception("mutual-dependency", "a / b"))) == ["synchronous-cycle", "unused-exception"]


def test_an_exception_that_is_over_is_not_called_unused_as_well(tmp_path: Path) -> None:
    checked = _check(tmp_path, _exception(*_CYCLE), _exception("big-ball-of-mud", "shop", until="2027-01-30"))
    assert _rules(checked) == ["expired-exception"]


NEVER = [rule.id for rule in (*RULES, *(rule for rule in MAP_RULES if not rule.exceptable))]


@pytest.mark.parametrize("rule", [*NEVER, "unknown-event", "duplicate-key", "expired-exception", "unused-exception"])
def test_there_is_no_exception_from(rule: str, tmp_path: Path) -> None:
    checked = _check(tmp_path, _exception(*_CYCLE), _exception(rule, "a"))
    assert _rules(checked) == ["exception-not-allowed"]
    assert checked.refused


def test_what_has_no_exceptions_stands_beside_the_exception(tmp_path: Path) -> None:
    files = {
        "landscape": landscape(
            "a-team",
            "b-team",
            rest="relations: [{between: [a, b], pattern: separate-ways}]\nexceptions:\n"
            + _exception("separate-ways", "a / b"),
        ),
        "a": context("a", "exposes: {Ask: {}}\n"),
        "b": context("b", "upstreams: [{context: a, uses: [Ask]}]\n"),
    }
    checked = project(tmp_path, files).check("shop")
    assert _rules(checked) == ["separate-ways", "exception-not-allowed"]
    assert checked.accepted == ()


def test_an_exception_from_no_rule_is_told_the_nearest_one(tmp_path: Path) -> None:
    (finding, _) = sorted(_check(tmp_path, _exception("synchronous-cycles", "a / b")).findings, key=lambda one: one.rule)
    assert finding.rule == "exception-not-allowed"
    assert finding.hint == "did you mean `synchronous-cycle`?"


def test_the_manual_says_from_which_rules_there_are_exceptions() -> None:
    assert {name for name, rule in MANUAL.items() if rule.exceptable} == {rule.id for rule in MAP_RULES if rule.exceptable}
    assert {*NEVER} & {name for name, rule in MANUAL.items() if rule.exceptable} == set()


def test_an_owner_that_is_no_team_is_refused(tmp_path: Path) -> None:
    checked = _check(tmp_path, _exception(*_CYCLE).replace("b-team", "nobody"))
    assert "unknown-team" in _rules(checked)
