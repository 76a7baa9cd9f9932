"""Bringing up the shares of a landscape, each a stack: in the order in which they need each other, and else side by side."""

from __future__ import annotations

from plat.rollout.model import Outcome, Result, State
from plat.rollout.run import UNWATCHED, Rollout, Watcher
from plat.rollout.select import NotThere, selected
from plat.rollout.stacks import PARALLEL, UnitStacks
from plat.rollout.standing import Standing

__all__ = [
    "PARALLEL",
    "UNWATCHED",
    "NotThere",
    "Outcome",
    "Result",
    "Rollout",
    "Standing",
    "State",
    "UnitStacks",
    "Watcher",
    "selected",
]
