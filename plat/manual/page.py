"""A page of the manual: one rule as text for a terminal, as Markdown for a code review, and as plain values."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from plat.explanation import Explanation

_WIDTH = 100
_INDENT = "  "
_EXAMPLE = "Example"


def as_text(rule: Explanation) -> str:
    """The page for a terminal: a heading, then each part below its title."""
    parts = [f"{rule.id} ({rule.severity}): {rule.title}"]
    for title, text in _parts(rule):
        parts.append(f"{title}\n{textwrap.indent(text, _INDENT) if title == _EXAMPLE else _wrapped(text)}")
    return "\n\n".join(parts)


def as_markdown(rule: Explanation) -> str:
    """The page in Markdown, without its heading."""
    return "\n\n".join(
        f"**{title}**\n\n```yaml\n{text}\n```" if title == _EXAMPLE else f"**{title}**: {text}" for title, text in _parts(rule)
    )


def as_dict(rule: Explanation) -> dict[str, Any]:
    """The page as plain values for JSON, every key always there."""
    return {
        "id": rule.id,
        "group": str(rule.group),
        "title": rule.title,
        "severity": str(rule.severity),
        "why": rule.why,
        "fix": rule.fix,
        "example": rule.example,
        "source": rule.source,
        "exceptable": rule.exceptable,
    }


def _parts(rule: Explanation) -> Iterator[tuple[str, str]]:
    yield "Why", rule.why
    yield "How to comply", rule.fix
    if rule.example:
        yield _EXAMPLE, rule.example.rstrip()
    yield "Where it comes from", rule.source
    if rule.exceptable:
        yield (
            "Exceptions",
            "an entry of `exceptions` in landscape.yaml accepts a finding for a while, with a reason and an owner",
        )
    else:
        yield "Exceptions", "none"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False)
