"""What programs and policy packs need, loaded and planned before the first of them begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from plat.engine.forkserver import forkserver
from plat.held import remember
from plat.home import Home
from plat.plan.model import Plan
from plat.plan.shares import Share
from plat.rules import Facts
from plat.stacks import StackName

_LOADED = ("components.configuration", "components.landscape", "policies.bench", "policies.pack", "policies.unbending")
"""What a program and a policy pack begin with."""

_LOADED_FOR = {"kubernetes": "components.kubernetes.landscape", "local": "components.local.landscape"}
"""What they go on with on a target."""


class _Known:
    """A plan and its shares, as programs and policy packs ask for them."""

    def __init__(self, plan: Plan, shares: Mapping[str, Share]) -> None:
        self._judged_by = plan, Facts.of(plan.teams, plan.claims)
        self._shares = shares

    def share(self, name: str) -> Share | None:
        """The share of that name; None where there is none."""
        return self._shares.get(name)

    def judged_by(self) -> tuple[Plan, Facts]:
        """The whole plan, and the facts that follow from its claims."""
        return self._judged_by


@contextmanager
def at_the_ready(home: Home, landscape: StackName, plan: Plan, shares: Mapping[str, Share]) -> Iterator[Mapping[str, str]]:
    """While the block runs, programs and policy packs of `shares` find all there that they need.

    They do by the variables that it gives: none where this process has other threads, and then each loads for itself.
    """

    def prepare() -> None:
        remember(home.root, landscape, _Known(plan, shares))

    modules = [*_LOADED, *(_LOADED_FOR[target] for target in plan.targets if target in _LOADED_FOR)]
    with forkserver(modules, prepare) as variables:
        yield variables
