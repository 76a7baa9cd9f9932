"""A report on a preview as a comment, as text and as JSON; what is not whole never looks like success."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from plat.engine.steps import Violation
from plat.landscape import Landscape
from plat.plan.model import Plan
from plat.plan.shares import whole
from plat.preview import ReportProblem, differences, read
from plat.preview.as_markdown import as_markdown
from plat.preview.as_text import as_text
from plat.preview.make import Looked, preview, without
from plat.preview.model import Report
from plat.rollout import Outcome, State
from tests.unit.preview.shop import MADE, log_of, of_one_stack, step

PROCESS = "platlocal:index:Process"


@pytest.fixture
def report(plan: Plan, landscape: Landscape) -> Report:
    changed = step("update", PROCESS, "goods", {"a": 1}, {"a": 2}, keys=["environment.A"])
    return of_one_stack(plan, landscape, log_of(changed, owner="goods"))


def test_a_comment_begins_with_the_mark_by_which_it_is_found_again(report: Report) -> None:
    assert as_markdown(report).splitlines()[0] == "<!-- plat preview shop.test -->"


def test_findings_and_steps_are_folded(report: Report) -> None:
    text = as_markdown(report)
    head, _, folded = text.partition("<details>")

    assert "### Who must approve" in head
    assert "- `goods-team`: owns goods" in head
    assert "~ platlocal:index:Process goods [environment.A]" in folded
    assert "platlocal" not in head


def test_nothing_to_do_is_said_in_one_sentence(plan: Plan, landscape: Landscape) -> None:
    report = of_one_stack(plan, landscape, log_of(), state=State.CURRENT)

    assert "Nothing would change." in as_text(report)
    assert "Data at risk" not in as_text(report)


@pytest.mark.parametrize("state", [State.FAILED, State.INTERRUPTED, State.HELD_BACK])
def test_a_preview_that_did_not_end_well_is_said_first(plan: Plan, landscape: Landscape, state: State) -> None:
    report = of_one_stack(plan, landscape, log_of(whole=False), state=state, reason="the disk is full\nmore")

    assert not report.complete
    assert not report.quiet
    for text in (as_markdown(report), as_text(report)):
        first = text.split("Made of")[0]
        assert "This preview is not complete" in first
        assert f"{state}: the disk is full" in first
        assert "Nothing would change" not in text


def test_an_engine_that_did_not_come_to_its_end_has_not_looked_at_all(plan: Plan, landscape: Landscape) -> None:
    report = of_one_stack(plan, landscape, log_of(whole=False))

    assert not report.complete
    assert report.stacks[0].state == "failed"


def test_what_the_policy_pack_refuses_is_a_finding_and_no_success(plan: Plan, landscape: Landscape) -> None:
    violation = Violation("fences", "mandatory", "urn:pulumi:shop.test::plat::x:y:Z::thing", "error[x]: no")
    report = of_one_stack(plan, landscape, log_of(violations=[violation]))

    assert not report.complete
    assert "`thing` in `shop.test` [mandatory] fences: error[x]: no" in as_markdown(report)


def test_texts_of_others_are_no_markup(plan: Plan, landscape: Landscape) -> None:
    nasty = "</details><img src=x> ```` [a](b)\n# c"
    changed = step("update", PROCESS, nasty, {"a": 1}, {"a": 2})
    violation = Violation("fences", "mandatory", f"urn:pulumi:shop.test::plat::x:y:Z::{nasty}", nasty)
    report = of_one_stack(plan, landscape, log_of(changed, owner="goods", violations=[violation]), reason=nasty)
    html = MarkdownIt("commonmark").render(as_markdown(report))

    assert "<img" not in html
    assert html.count("</details>") == html.count("<details>")
    assert "<h1>" not in html


def test_a_report_that_no_comment_would_hold_is_cut(plan: Plan, landscape: Landscape) -> None:
    steps = [step("create", PROCESS, f"goods-{index}-{'x' * 60}", None, {"a": 1}) for index in range(2000)]
    text = as_markdown(of_one_stack(plan, landscape, log_of(*steps, owner="goods")))

    assert len(text) < 65_536
    assert "the report in JSON has" in text


def test_a_secret_that_was_said_is_not_in_the_report(plan: Plan, landscape: Landscape) -> None:
    log = log_of(violations=[Violation("fences", "mandatory", "urn", "holds CANARY")])
    log.problems.append("wrong password CANARY")
    outcome = Outcome("", "shop.test", "", State.FAILED, "cannot log in with CANARY")
    looked = without(Looked(whole(plan), outcome, log), ["CANARY"])
    report = preview(landscape, plan, [looked], MADE)

    assert "wrong password [secret]" in as_text(report)
    assert "CANARY" not in as_markdown(report) + as_text(report) + json.dumps(report.to_dict())


def test_json_comes_back_as_it_was(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report.to_dict()))

    assert read(path) == report
    assert differences(read(path), report) == ()


@pytest.mark.parametrize(
    ("content", "reason"), [("{", "is no JSON"), ("[]", "no report of this version"), ('{"version": 1}', "`landscape` is not")]
)
def test_a_file_that_is_no_report_is_refused_with_the_reason(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(content)

    with pytest.raises(ReportProblem, match=reason):
        read(path)
