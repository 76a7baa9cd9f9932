"""The manual: every rule whose findings a user can meet, explained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from plat.explanation import Explanation, Group
from plat.manual.agreements import AGREEMENTS
from plat.manual.audits import AUDITS
from plat.manual.files import FILES
from plat.manual.links import LINKS
from plat.manual.values import VALUES
from plat.rules import RULES
from plat.rules.map import EXCEPTION_RULES, MAP_RULES

__all__ = ["MANUAL", "Explanation", "Group"]

MANUAL: Final[Mapping[str, Explanation]] = {
    rule.id: rule for rule in (*RULES, *AUDITS, *MAP_RULES, *EXCEPTION_RULES, *LINKS, *AGREEMENTS, *VALUES, *FILES)
}
"""Every rule by its id, those first that a reader should meet first."""
