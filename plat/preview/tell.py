"""A report in sentences, for whichever form shows them: names stand between backticks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from plat.preview.model import Change, Report, Right, StackPreview

Section = tuple[str, list[str]]
"""A title, and what stands below it, a line each."""

_SIGNS = {"create": "+", "delete": "-", "import": "=", "replace": "±", "update": "~"}
_SHORT = 12


def title(report: Report) -> str:
    """What the report is on."""
    units = f" ({', '.join(report.units)})" if report.units else ""
    return f"{report.landscape} in {report.environment}{units}"


def warnings(report: Report) -> list[str]:
    """Why nothing may be concluded from it; none where it is complete."""
    if report.complete:
        return []
    lines = ["This preview is not complete: what stands below is less than what would change, and is no ground to approve on."]
    for stack in report.unwell:
        first, _, _ = stack.reason.partition("\n")
        team = f" ({stack.team})" if stack.team else ""
        lines.append(f"`{stack.stack}`{team}: {stack.state}" + (f": {first}" if first else ""))
    return lines


def made(report: Report) -> str:
    """What it was made of."""
    if not report.made.commit:
        commit = "no commit"
    else:
        commit = f"commit `{report.made.commit[:_SHORT]}`" + ("" if report.made.clean else " and changes that are in none")
    return f"Made of {commit}, plan `{report.made.plan[:_SHORT]}`, program `{report.made.program[:_SHORT]}`."


def verdict(report: Report) -> str:
    """What would happen, in one sentence."""
    if report.quiet:
        return "Nothing would change."
    changing = [stack for stack in report.stacks if stack.changes]
    teams = {touched.team for touched in report.contexts} - {""}
    counted = Counter(change.op for stack in changing for change in stack.changes)
    steps = ", ".join(f"{counted[op]} {op}" for op in sorted(counted)) or "nothing that could be seen"
    owners, stacks = len(report.contexts), len(changing)
    return f"{owners} owner(s) of {len(teams)} team(s) would be touched, in {stacks} stack(s): {steps}."


def sections(report: Report) -> Iterator[Section]:
    """What it says in the domain's words; sections without anything are left out, but for data at risk."""
    yield from _some("Who must approve", [_approval(item.team, item.contact, item.reasons) for item in report.approvals])
    touched = []
    for item in report.contexts:
        touched.append(f"`{item.name}` ({item.team or 'no team any more'})")
        touched += [f"  {change}" for change in item.changes]
    yield from _some("Contexts and teams touched", touched)
    yield from _some("Rights that appear", [_right(right, "may") for right in report.appearing])
    yield from _some("Rights that disappear", [_right(right, "may no longer") for right in report.disappearing])
    risks = [f"{risk.what} of `{risk.owner}`: {risk.happens}" for risk in report.data]
    if not report.quiet:
        yield "Data at risk", risks or ["None that this preview has seen." if not report.complete else "None."]
    runs = [f"`{item.deployable}` ({item.team or 'no team any more'}) is {item.happens}" for item in report.deployables]
    yield from _some("Deployables", runs)
    left = [f"`{stack}` stays as it is: no descriptor stands for it any more" for stack in report.left]
    yield from _some("Left over", left)


def findings(report: Report) -> list[str]:
    """What the policy pack found, each with the lines that it said."""
    return [f"`{item.resource}` in `{item.stack}` [{item.level}] {item.policy}: {item.message}" for item in report.found]


def steps(stack: StackPreview) -> list[str]:
    """Pulumi's own steps on a stack, without values."""
    return [step(change) for change in stack.changes]


def step(change: Change) -> str:
    """One step, without values."""
    keys = f" [{', '.join(change.keys)}]" if change.keys else ""
    return f"{_SIGNS.get(change.op, '?')} {change.type} {change.name}{keys}"


def _approval(team: str, contact: str | None, reasons: tuple[str, ...]) -> str:
    return f"`{team}`" + (f" ({contact})" if contact else "") + f": {'; '.join(reasons)}"


def _right(right: Right, may: str) -> str:
    return f"`{right.who}` {may} {right.what}" + (f" (`{right.other}`'s)" if right.other else "")


def _some(name: str, lines: list[str]) -> Iterator[Section]:
    if lines:
        yield name, lines
