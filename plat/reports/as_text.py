"""The report for people: findings, then a line for each landscape."""

from __future__ import annotations

from rich.console import Console

from plat.findings import INDENT, Severity
from plat.reports.model import Judged, Report, Told

_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def print_report(report: Report, out: Console, err: Console) -> None:
    """Prints what stands against each landscape to `err`, and what it accepts and its summary to `out`."""
    for landscape in report.landscapes:
        for told in landscape.standing:
            style = _STYLES[told.finding.severity]
            err.print(told.finding.render(), markup=False, highlight=False, soft_wrap=True, style=style)
        for line in (*map(_accepted, landscape.accepted), _summary(landscape)):
            out.print(line, markup=False, highlight=False, soft_wrap=True)
    if report.told:
        out.print("`plat explain RULE` tells why a rule is one", markup=False, highlight=False, soft_wrap=True)


def _accepted(told: Told) -> str:
    exemption = told.exemption
    by = f" until {exemption.until} by {exemption.owner}" if exemption else ""
    reason = f"\n{INDENT}{exemption.reason}" if exemption else ""
    return f"{told.location}: accepted[{told.finding.rule}]{by}: {told.finding.message}{reason}"


def _summary(landscape: Judged) -> str:
    counts = landscape.counts
    counted = _count(counts[Severity.WARNING], "warning")
    counted += f", {counts['accepted']} accepted" if counts["accepted"] else ""
    if landscape.contexts is not None and landscape.ok:
        return f"{landscape.name}: {landscape.contexts} context(s), {landscape.deployables} deployable(s), {counted}"
    return f"{landscape.name}: {_count(counts[Severity.ERROR], 'error')}, {counted}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number or 'no'} {noun}s"
