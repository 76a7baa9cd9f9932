"""Moving what is there into the stacks that it belongs to: from one stack to one for each unit, back, or between units."""

from __future__ import annotations

from plat.restack.moves import Move, moves
from plat.restack.run import Restack

__all__ = ["Move", "Restack", "moves"]
