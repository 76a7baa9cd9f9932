"""Who is affected by a change of a context, an event, an operation or a data contract."""

from __future__ import annotations

from plat.impact.assess import impact_of
from plat.impact.model import Affected, Impact, Party, Tie
from plat.impact.target import Target, targets

__all__ = ["Affected", "Impact", "Party", "Target", "Tie", "impact_of", "targets"]
