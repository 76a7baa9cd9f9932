"""A report for a terminal."""

from __future__ import annotations

from plat.findings import INDENT
from plat.preview import tell
from plat.preview.model import Report


def as_text(report: Report) -> str:
    """The report as plain text."""
    lines = [tell.title(report), *tell.warnings(report), tell.verdict(report), tell.made(report)]
    for name, inside in tell.sections(report):
        lines += ["", name, *(f"  {line}" for line in inside)]
    if found := tell.findings(report):
        lines += ["", "Findings of the policy pack", *(f"  {line}".replace("\n", f"\n{INDENT}") for line in found)]
    for stack in report.unwell:
        lines += ["", f"{stack.stack}: {stack.state}", f"  {stack.reason}".replace("\n", f"\n{INDENT}")]
    for stack in report.stacks:
        if stack.changes:
            lines += ["", f"Pulumi's steps in {stack.stack}", *(f"  {line}" for line in tell.steps(stack))]
    return "\n".join(lines).replace("`", "")
