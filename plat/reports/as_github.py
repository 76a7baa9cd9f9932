"""The report as workflow commands of GitHub Actions, which the host shows beside the lines of a change.

Source: GitHub Actions, "Workflow commands for GitHub Actions", and how its toolkit escapes them: `%`, carriage return and
newline everywhere, in properties the colon and the comma too.
"""

from __future__ import annotations

from plat.findings import Severity
from plat.reports.model import Report, Told

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning"}
_IN_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def render(report: Report) -> str:
    """One command per finding (what is accepted is a notice), and last a line that sums up."""
    counts = report.counts
    counted = [f"{counts[severity]} {severity}(s)" for severity in Severity]
    summary = ", ".join(
        [f"plat {report.command}: {len(report.landscapes)} landscape(s)", *counted, f"{counts['accepted']} accepted"]
    )
    return "\n".join([*(_command(told) for told in report.told), summary])


def _command(told: Told) -> str:
    name = "notice" if told.exemption else _COMMANDS[told.finding.severity]
    properties = {
        "file": told.location.file,
        "line": str(told.location.line),
        "col": str(told.location.column),
        "title": told.finding.rule,
    }
    written = ",".join(f"{key}={value.translate(_IN_PROPERTY)}" for key, value in properties.items())
    return f"::{name} {written}::{_message(told).translate(_IN_DATA)}"


def _message(told: Told) -> str:
    finding, exemption = told.finding, told.exemption
    lines = [finding.message]
    if exemption:
        lines.append(f"accepted until {exemption.until} by {exemption.owner}: {exemption.reason}")
    elif finding.hint:
        lines.append(finding.hint)
    lines += [f"see {other}" for other in finding.related]
    lines.append(f"`plat explain {finding.rule}` tells why")
    return "\n".join(lines)
