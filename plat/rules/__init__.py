"""The rules: pure functions over claims, written once, run by `plat check`, by the program and by the policy pack."""

from __future__ import annotations

from collections.abc import Iterable

from plat.claims import Claim
from plat.findings import Finding
from plat.rules import breach, datastore, deployable, protection, rights
from plat.rules.model import Facts, Rule

__all__ = ["RULES", "Facts", "Rule", "judge"]

RULES: tuple[Rule, ...] = (datastore.RULE, deployable.RULE, rights.RIGHTS, breach.RULE, protection.RULE, rights.OPAQUE)
"""Every rule, in the order in which a reader should meet them."""


def judge(claims: Iterable[Claim], facts: Facts) -> tuple[Finding, ...]:
    """All findings of all rules on `claims`, sorted; none means that they may stand."""
    listed = list(claims)
    return tuple(sorted({finding for rule in RULES for finding in rule.check(listed, facts)}))
