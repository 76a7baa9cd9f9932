"""How much of all that could be connected is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from plat.findings import Severity
from plat.landscape import Landscape
from plat.rules.map.model import Flaw, MapRule
from plat.rules.map.uses import agreed, uses_of

SMALLEST: Final = 4
"""Contexts from where on a share says something: among three, two relations are two thirds."""


def check(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw where more pairs of contexts are related than the landscape's limit allows."""
    names = {context.name for context in landscape.contexts}
    if len(names) < SMALLEST:
        return
    related = {use.ends for use in uses_of(landscape) if use.ends <= names}
    related |= {ends for ends, group in agreed(landscape).items() if any(one.pattern != "separate-ways" for one in group)}
    possible = len(names) * (len(names) - 1) // 2
    share = len(related) / possible
    if share > landscape.relations_share:
        yield Flaw(
            subject=landscape.name,
            message=f"{len(related)} of {possible} possible relations between contexts are there ({share:.0%}, where the "
            f"limit is {landscape.relations_share:.0%}): nearly everything depends on everything",
            place=landscape,
            field="limits.relations-share",
        )


RULE = MapRule(
    id="big-ball-of-mud",
    title="Most contexts have nothing to do with most others",
    severity=Severity.WARNING,
    why=(
        "Boundaries pay where little crosses them. When nearly every context is related to nearly every other, the boundaries "
        "stand in the wrong places or are not kept, and a change anywhere is a change everywhere: a big ball of mud with "
        "lines drawn through it. The share is counted over pairs of contexts, from four contexts on."
    ),
    fix="look for the contexts that always change together and make them one, let contexts keep what they need from events, "
    "and let the others go separate ways; or set `limits.relations-share` where the landscape is small and this is right",
    source="Brian Foote and Joseph Yoder, Big Ball of Mud (1997); Eric Evans, Domain-Driven Design Reference (2015), pattern "
    "Big Ball of Mud",
    example="""\
# landscape.yaml
limits: {relations-share: 0.7}
""",
    check=check,
)
