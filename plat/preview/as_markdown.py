"""A report for a comment on a pull request or a merge request."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from plat.markdown import escaped
from plat.preview import tell
from plat.preview.model import Report

_LINES = 300
"""How many steps of Pulumi's are shown: a comment holds 65,536 characters."""

_ROOM = 60_000


def marker(report: Report) -> str:
    """The hidden line by which a comment is found again, to be updated: one for each landscape and environment."""
    return f"<!-- plat preview {report.landscape}.{report.environment} -->"


def as_markdown(report: Report) -> str:
    """The report as Markdown; what is long is folded, and cut off where a comment would not hold it."""
    head = "\n".join(_head(report))
    folded = "\n".join(_folded(report))
    if len(head) + len(folded) > _ROOM:
        folded = "\n*Findings and steps are left out, as a comment does not hold them: the report in JSON has them.*"
    if len(head) > _ROOM:
        head = head[:_ROOM].rpartition("\n")[0] + "\n\n*More does not fit into a comment: the report in JSON has it.*"
    return f"{head}\n{folded}".rstrip() + "\n"


def _head(report: Report) -> Iterator[str]:
    yield marker(report)
    yield f"## Plat preview: {escaped(tell.title(report))}"
    if found := tell.warnings(report):
        yield "\n> [!CAUTION]"
        yield f"> **{_inline(found[0])}**"
        yield from (f"> - {_inline(line)}" for line in found[1:])
    yield f"\n{_inline(tell.verdict(report))}\n"
    yield _inline(tell.made(report))
    for name, inside in tell.sections(report):
        yield f"\n### {name}\n"
        yield from (f"{'  ' if line.startswith('  ') else ''}- {_inline(line.strip())}" for line in inside)


def _folded(report: Report) -> Iterator[str]:
    if found := tell.findings(report):
        yield from _details(f"Findings of the policy pack ({len(found)})", found)
    if report.unwell:
        lines = [f"{stack.stack}: {stack.state}\n{stack.reason}" for stack in report.unwell]
        yield from _details("Why stacks could not be previewed", lines)
    room = _LINES
    for stack in report.stacks:
        if not stack.changes:
            continue
        lines = tell.steps(stack)[:room]
        room -= len(lines)
        if more := len(stack.changes) - len(lines):
            lines.append(f"... and {more} more, which the report in JSON has")
        yield from _details(f"Pulumi's diff of {stack.stack} ({len(stack.changes)})", lines, "diff")


def _details(summary: str, lines: list[str], language: str = "text") -> Iterator[str]:
    text = "\n".join(lines)
    fence = "`" * max(3, max(map(len, re.findall("`+", text)), default=0) + 1)
    yield f"\n<details><summary>{html.escape(summary, quote=False)}</summary>"
    yield f"\n{fence}{language}\n{text}\n{fence}\n\n</details>"


def _inline(text: str) -> str:
    """`text` with nothing in it that is markup, but for names between backticks."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escaped(text)
    marked = (f"`{' '.join(part.split())}`" if index % 2 else _spaced(part) for index, part in enumerate(parts))
    return "".join(marked)


def _spaced(part: str) -> str:
    """As `escaped`, with the spaces at both ends."""
    start, end = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :]
    return f"{' ' if start else ''}{escaped(part)}{' ' if end and part.strip() else ''}"
