"""The ready workflows are what GitHub and GitLab read, with no more rights than they need."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from plat.cli import main
from plat.preview.as_markdown import marker
from plat.preview.model import Made, Report
from tests.thorough import thorough

ROOT = Path(__file__).resolve().parents[3]
GITHUB = ROOT / "ci" / "github" / "plat.yml"
GITLAB = ROOT / "ci" / "gitlab" / "plat.yml"


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(GITHUB.read_text())
    return found


@thorough
@pytest.mark.parametrize(("schema", "file"), [("vendor.github-workflows", GITHUB), ("vendor.gitlab-ci", GITLAB)])
def test_each_is_as_its_host_publishes_the_form(schema: str, file: Path) -> None:
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    result = subprocess.run(words, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout + result.stderr


@thorough
def test_the_linter_would_find_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "plat.yml"
    wrong.write_text(GITHUB.read_text().replace("runs-on:", "run-on:", 1))
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(wrong)]

    assert subprocess.run(words, capture_output=True, check=False).returncode == 1


def test_nothing_is_allowed_but_what_a_job_names(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == {
        "check": {"contents": "read"},
        "preview": {"contents": "read", "pull-requests": "write"},
        "up": {"actions": "read", "contents": "read", "pull-requests": "read"},
    }


def test_only_the_steps_that_talk_to_the_host_have_its_token(workflow: dict[str, Any]) -> None:
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    with_token = [step["run"] for step in steps if "github.token" in str(step.get("env", ""))]

    assert [script.partition(" --name")[0] for script in with_token] == [
        ".venv/bin/python -m ci comment report.md",
        ".venv/bin/python -m ci fetch report.json",
    ]
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert [step["with"] for step in checkouts] == [{"persist-credentials": False}] * len(workflow["jobs"])


def test_actions_are_the_hosts_own_and_pinned(workflow: dict[str, Any]) -> None:
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]

    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", name) for name in used)


def test_no_script_takes_a_text_of_others_into_its_own(workflow: dict[str, Any]) -> None:
    scripts = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]

    assert [script for script in scripts if "${{" in script] == []


def test_updates_go_one_after_another_and_a_fork_gets_near_no_state(workflow: dict[str, Any]) -> None:
    jobs = workflow["jobs"]

    assert jobs["up"]["concurrency"] == {"group": "plat-up", "cancel-in-progress": False}
    assert "head.repo.full_name == github.repository" in jobs["preview"]["if"]
    pipeline = yaml.safe_load(GITLAB.read_text())
    assert pipeline["plat-up"]["resource_group"] == "plat-up"
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in pipeline["plat-preview"]["rules"][0]["if"]


def test_both_run_the_same_commands(workflow: dict[str, Any]) -> None:
    github = "\n".join(step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step)
    pipeline = yaml.safe_load(GITLAB.read_text())
    parts = ("before_script", "script", "after_script")
    gitlab = "\n".join(line for name in pipeline for part in parts for line in _part(pipeline[name], part))
    for command in (
        "plat codeowners --check",
        'plat preview "$LANDSCAPE" --format markdown --report report.json > report.md',
        "python -m ci comment report.md",
        "python -m ci fetch report.json",
        'plat up "$LANDSCAPE" --only-as report.json',
    ):
        assert command in github
        assert command in gitlab


def test_a_comment_is_found_by_the_mark_that_the_report_bears() -> None:
    report = Report("shop", "units", (), Made("", clean=False, plan="", program=""), complete=True)

    assert marker(report) == "<!-- plat preview shop.units -->"


def test_codeowners_of_this_repository_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", ["plat", "codeowners", "--check", "--organization", "example"])

    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0


def _part(job: Any, name: str) -> list[str]:  # noqa: ANN401 - any value of a pipeline
    return list(job.get(name, ())) if isinstance(job, dict) else []
