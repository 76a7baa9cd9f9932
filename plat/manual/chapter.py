"""How the loader's rules are written down, chapter by chapter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from plat.explanation import Explanation, Group
from plat.findings import Severity

DECISION: Final = "docs/adr/0006 (descriptors are refused before they are understood)"
"""Where Plat's own reasons for refusing stand."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Rules about one thing; `source` is whose wisdom they are where a rule names no other."""

    group: Group
    source: str

    def rule(  # noqa: PLR0913 - one for each part of an explanation
        self,
        id: str,  # noqa: A002 - what findings call it
        title: str,
        why: str,
        fix: str,
        *,
        source: str = "",
        example: str = "",
        severity: Severity = Severity.ERROR,
    ) -> Explanation:
        """The explanation of one rule. No exception is made for any: nothing could be provisioned from what they refuse."""
        return Explanation(
            id=id,
            title=title,
            severity=severity,
            why=why,
            fix=fix,
            source=source or self.source,
            example=example,
            group=self.group,
        )
