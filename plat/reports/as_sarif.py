"""The report in SARIF, which code scanning reads.

Sources: OASIS, Static Analysis Results Interchange Format (SARIF) 2.1.0; GitHub, "SARIF support for code scanning", for what
that host needs besides: descriptions and help of each rule, all four ends of a region, paths relative to the repository, and
the fingerprint by the name of `primaryLocationLineHash`.
"""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import quote

import plat
from plat.findings import Location, Severity
from plat.manual import MANUAL, Explanation
from plat.manual.page import as_markdown, as_text
from plat.reports.model import Report, Told

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT: Final = "%SRCROOT%"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning"}
_TEXT_LIMIT: Final = 1024  # characters of a description that code scanning shows
_INDEX: Final = {rule: index for index, rule in enumerate(MANUAL)}
_LINK = re.compile(r"\[(?=[^\[\]]*\]\()")  # how an embedded link begins (3.11.6)


def render(report: Report) -> str:
    """The report as SARIF text: one run, with every rule that there is and a result for each finding."""
    run = {
        "tool": {"driver": _driver()},
        "automationDetails": {"id": f"{_category(report)}/"},
        "invocations": [{"executionSuccessful": report.readable}],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The top of the repository that holds the landscapes."}}},
        "results": [_result(told) for told in report.told],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _category(report: Report) -> str:
    # Results of one category replace each other: a check of some landscapes must not close the findings of the others.
    names = [] if report.whole else ["+".join(landscape.name for landscape in report.landscapes)]
    return "/".join(["plat", report.command, *names])


def _driver() -> dict[str, Any]:
    return {"name": "plat", "semanticVersion": plat.__version__, "rules": [_rule(rule) for rule in MANUAL.values()]}


def _rule(rule: Explanation) -> dict[str, Any]:
    level = _LEVELS[rule.severity]
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title[:_TEXT_LIMIT]},
        "fullDescription": {"text": rule.why[:_TEXT_LIMIT]},
        "help": {"text": as_text(rule), "markdown": as_markdown(rule)},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": [rule.group.name.lower()], "precision": "very-high", "problem.severity": level},
    }


def _result(told: Told) -> dict[str, Any]:
    finding = told.finding
    result = {
        "ruleId": finding.rule,
        "ruleIndex": _INDEX[finding.rule],
        "level": "note" if told.exemption else _LEVELS[finding.severity],
        "message": {"text": _message(told)},
        "locations": [{"physicalLocation": _physical(told.location)}],
        "partialFingerprints": {"primaryLocationLineHash": told.fingerprint, "platFinding/v1": told.fingerprint},
    }
    if finding.related:
        result["relatedLocations"] = [_related(number, other) for number, other in enumerate(finding.related, 1)]
    if told.exemption:
        by = f"{told.exemption.reason} (until {told.exemption.until}, {told.exemption.owner})"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": by}]
    return result


def _message(told: Told) -> str:
    texts = [_sentence(_LINK.sub(r"\\[", text)) for text in (told.finding.message, told.finding.hint) if text]
    texts += [f"See [{other.file}:{other.line}]({number})." for number, other in enumerate(told.finding.related, 1)]
    return "\n".join(texts)


def _sentence(text: str) -> str:
    # Code scanning shows the first sentence alone where there is little space.
    return text if text.endswith((".", "?", ")")) else f"{text}."


def _related(number: int, location: Location) -> dict[str, Any]:
    text = f"{location.file}:{location.line}"
    return {"id": number, "physicalLocation": _physical(location), "message": {"text": text}}


def _physical(location: Location) -> dict[str, Any]:
    line, column = location.line, location.column
    region = {"startLine": line, "startColumn": column, "endLine": line, "endColumn": column + 1}
    if PurePosixPath(location.file).is_absolute():
        return {"artifactLocation": {"uri": f"file://{quote(location.file)}"}, "region": region}
    return {"artifactLocation": {"uri": quote(location.file), "uriBaseId": _ROOT}, "region": region}
