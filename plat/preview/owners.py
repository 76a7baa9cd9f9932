"""Whose a resource is, and which team answers for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from plat.engine.steps import Log, Step
from plat.plan.model import PLATFORM, Plan
from plat.plan.shares import Share
from plat.urns import context_above

_PARTS = re.compile(r"/|--|:")


@dataclass(frozen=True)
class Owners:
    """Tells owners by the components that resources stand below, by their names, and by the share that a stack holds."""

    plan: Plan

    def of(self, step: Step, log: Log, share: Share) -> str:
        """A context, a deployable beside contexts, or `PLATFORM`."""
        if context := context_above(step.urn, log.parents):
            return context
        named = [self._by_name[part] for part in _PARTS.split(step.name) if part in self._by_name]
        return named[0] if named else share.unit or PLATFORM

    def team(self, owner: str) -> str:
        """The team that answers for an owner; empty where no descriptor speaks of it."""
        return self._teams.get(owner, "")

    @cached_property
    def _teams(self) -> Mapping[str, str]:
        units = {unit.name: unit.team for unit in self.plan.units}
        return {workload.name: workload.team for workload in self.plan.workloads} | units | dict(self.plan.teams)

    @cached_property
    def _by_name(self) -> Mapping[str, str]:
        carried = {item.name: item.contexts[0] if len(item.contexts) == 1 else item.name for item in self.plan.workloads}
        return carried | {unit.name: unit.name for unit in self.plan.units} | {name: name for name in self.plan.contexts}
