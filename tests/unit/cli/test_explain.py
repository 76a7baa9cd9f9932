from __future__ import annotations

import json

import pytest

from plat.manual import MANUAL, Group
from tests.unit.cli.conftest import Run


@pytest.mark.parametrize("rule", MANUAL)
def test_explain_tells_what_a_rule_demands_and_whose_wisdom_it_is(
    run: Run, capsys: pytest.CaptureFixture[str], rule: str
) -> None:
    assert run("explain", rule) == 0
    text = capsys.readouterr().out

    assert text.startswith(f"{rule} ({MANUAL[rule].severity}): ")
    for part in ("Why", "How to comply", "Where it comes from", "Exceptions"):
        assert f"\n{part}\n  " in text


def test_explain_without_a_rule_lists_all_of_them_by_what_they_are_about(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain") == 0
    lines = capsys.readouterr().out.splitlines()

    assert [line for line in lines if line in set(Group)] == [str(group) for group in Group]
    assert {line.split()[0] for line in lines if line.startswith("  ")} == set(MANUAL)


def test_explain_gives_programs_all_rules_or_the_one_that_they_ask_for(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", "--format", "json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["version"], {rule["id"] for rule in found["rules"]}) == (1, set(MANUAL))

    assert run("explain", "queue-taken", "--format", "json") == 0
    assert [rule["id"] for rule in json.loads(capsys.readouterr().out)["rules"]] == ["queue-taken"]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("datastore-ownershp", "there is no rule `datastore-ownershp`: did you mean `datastore-ownership`?\n"),
        ("xyz", "there is no rule `xyz`: `plat explain` lists all rules\n"),
    ],
)
def test_explain_of_no_rule_names_the_nearest_one(
    run: Run, capsys: pytest.CaptureFixture[str], word: str, message: str
) -> None:
    assert run("explain", word) == 2
    assert capsys.readouterr().err == message
