"""What SARIF 2.1.0 and code scanning need of a report, after the standard and GitHub's list of what it supports."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from plat.findings import Finding, Location
from plat.manual import MANUAL
from plat.reports.as_sarif import render
from tests.unit.reports.conftest import APART, LEAVING, SHARED, Reported, moved

_TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
_DESCRIPTION = {**_TEXT, "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 1024}}}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}
_NUMBER = {"type": "integer", "minimum": 1}
_ENDS = ("startLine", "startColumn", "endLine", "endColumn")
_PHYSICAL = {
    "type": "object",
    "required": ["artifactLocation", "region"],
    "properties": {
        "artifactLocation": {
            "required": ["uri"],
            "additionalProperties": False,
            "properties": {"uri": {"type": "string", "pattern": "^[^ \\\\]+$"}, "uriBaseId": {"const": "%SRCROOT%"}},
        },
        "region": {"required": list(_ENDS), "additionalProperties": False, "properties": dict.fromkeys(_ENDS, _NUMBER)},
    },
}
_RULE = {
    "type": "object",
    "required": ["id", "shortDescription", "fullDescription", "help", "defaultConfiguration"],
    "properties": {
        "shortDescription": _DESCRIPTION,
        "fullDescription": _DESCRIPTION,
        "help": {**_TEXT, "required": ["text", "markdown"]},
        "defaultConfiguration": {"properties": {"level": _LEVEL}},
    },
}
_RESULT = {
    "type": "object",
    "required": ["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"],
    "properties": {
        "level": _LEVEL,
        "message": _TEXT,
        "locations": {"minItems": 1, "maxItems": 10, "items": {"properties": {"physicalLocation": _PHYSICAL}}},
        "relatedLocations": {
            "items": {"required": ["id", "physicalLocation", "message"], "properties": {"physicalLocation": _PHYSICAL}}
        },
        "partialFingerprints": {"required": ["primaryLocationLineHash"], "additionalProperties": {"type": "string"}},
        "suppressions": {"items": {"required": ["kind"], "properties": {"kind": {"enum": ["inSource", "external"]}}}},
    },
}
_RUN = {
    "type": "object",
    "required": ["tool", "results", "columnKind"],
    "properties": {
        "tool": {"properties": {"driver": {"required": ["name"], "properties": {"rules": {"items": _RULE}}}}},
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": _RESULT},
        "invocations": {"items": {"required": ["executionSuccessful"]}},
    },
}
ESSENTIALS = {
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "properties": {"version": {"const": "2.1.0"}, "runs": {"minItems": 1, "items": _RUN}},
}
_ESSENTIAL = jsonschema.Draft202012Validator(ESSENTIALS)


def run_of(report: Reported, *findings: Finding, **options: Any) -> Any:  # noqa: ANN401 - JSON
    value = json.loads(render(report(*findings, **options)))
    _ESSENTIAL.validate(value)
    return value["runs"][0]


def test_a_report_without_findings_still_names_every_rule(report: Reported) -> None:
    run = run_of(report)

    assert run["results"] == []
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(MANUAL)


def test_a_finding_is_a_result_at_its_place_in_the_repository(report: Reported) -> None:
    (result,) = run_of(report, SHARED)["results"]

    assert (result["ruleId"], result["level"]) == ("datastore-ownership", "error")
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "contexts/shop/goods.yaml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 12, "startColumn": 3, "endLine": 12, "endColumn": 4},
            }
        }
    ]
    assert result["message"]["text"] == (
        "`goods` writes to datastore `sales--postgresql`.\ndid you mean `goods`?\nSee [contexts/shop/sales.yaml:8](1)."
    )
    (other,) = result["relatedLocations"]
    assert other["id"] == 1
    assert other["physicalLocation"]["artifactLocation"]["uri"] == "contexts/shop/sales.yaml"


def test_a_results_index_leads_to_its_rule(report: Reported) -> None:
    run = run_of(report, SHARED, LEAVING)

    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_a_warning_stays_one(report: Reported) -> None:
    (result,) = run_of(report, LEAVING)["results"]

    assert result["level"] == "warning"


def test_an_accepted_finding_is_suppressed_with_its_reason(report: Reported) -> None:
    (result,) = run_of(report, accepted=(APART,))["results"]

    assert result["level"] == "note"
    assert result["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "Until May. (until 2027-05-31, goods-team)"}
    ]


def test_a_fingerprint_survives_moved_lines_another_order_and_other_words(report: Reported) -> None:
    there = replace(moved(SHARED, 7), field="accesses[3].datastore", message="datastore of `goods`: `sales--postgresql`, no")

    assert fingerprints(report, SHARED) == fingerprints(report, replace(there, message=SHARED.message))
    assert fingerprints(report, SHARED) == fingerprints(report, replace(there, message=f"{SHARED.message}, which is new"))


@pytest.mark.parametrize(
    ("sentence", "other"),
    [
        ("another rule", replace(SHARED, rule="deployable-ownership")),
        ("another file", replace(SHARED, location=Location("contexts/shop/sales.yaml", 12, 3))),
        ("another field", replace(SHARED, field="accesses[0].tables")),
        ("another subject", replace(SHARED, subject="sales")),
        ("another name", replace(SHARED, message="`goods` writes to datastore `sales--redis`")),
    ],
)
def test_a_fingerprint_tells_findings_apart(report: Reported, sentence: str, other: Finding) -> None:
    assert fingerprints(report, SHARED) != fingerprints(report, other), sentence


def test_two_findings_that_say_the_same_have_fingerprints_of_their_own(report: Reported) -> None:
    one, two = fingerprints(report, SHARED, moved(SHARED, 1))

    assert (one.rpartition(":")[0], one, two[-2:]) == (two.rpartition(":")[0], f"{one[:-2]}:1", ":2")


def fingerprints(report: Reported, *findings: Finding) -> list[str]:
    results = run_of(report, *findings)["results"]
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]


def test_a_check_of_some_landscapes_does_not_replace_the_results_of_the_others(report: Reported) -> None:
    assert run_of(report)["automationDetails"]["id"] == "plat/check/"
    assert run_of(report, whole=False)["automationDetails"]["id"] == "plat/check/shop/"


def test_what_looks_like_a_link_in_a_message_is_none(report: Reported) -> None:
    (result,) = run_of(report, replace(SHARED, message="`[x](1)` and [y]", related=(), hint=""))["results"]

    assert result["message"]["text"] == r"`\[x](1)` and [y]."


def test_a_landscape_outside_of_the_repository_has_addresses_of_files(report: Reported, tmp_path: Path) -> None:
    elsewhere = tmp_path / "repository"
    (result,) = run_of(report, SHARED, base=elsewhere)["results"]

    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": (tmp_path / "contexts" / "shop" / "goods.yaml").as_uri()
    }


def test_a_run_that_could_not_read_everything_says_so(report: Reported) -> None:
    broken = replace(SHARED, rule="not-yaml")

    assert run_of(report, SHARED)["invocations"] == [{"executionSuccessful": True}]
    assert run_of(report, broken)["invocations"] == [{"executionSuccessful": False}]
