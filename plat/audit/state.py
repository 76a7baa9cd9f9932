"""What the states of a landscape's stacks hold that the landscape does not grant.

Each resource is read and judged as the policy pack does, now and not when it was made. What no stack's own pack can see is
found besides: what is left of descriptors that are gone, and what is in two stacks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from plat.explanation import Explanation
from plat.findings import Finding, Severity
from plat.manual.audits import DRIFT, KEPT, LEFT_OVER, TWICE
from plat.plan.model import Plan
from plat.plan.shares import Share
from plat.stacks import StackName
from plat.urns import context_above
from policies.bench import Bench
from policies.ground import Ground
from policies.observed import Observed, Unreadable
from policies.observers import HARMLESS_PACKAGES, Identity, identity
from policies.stored import Stored, stored

States = Mapping[StackName, Mapping[str, Any]]
"""Exported states by the names of their stacks, secrets in plain text."""

_PROCESS = "platlocal:index:Process"
_UNHELD = (*HARMLESS_PACKAGES, "pulumi:")
"""The beginnings of types that hold nothing by themselves."""


def findings(states: States, plan: Plan, shares: Mapping[str, Share] | None) -> Iterator[Finding]:
    """What is wrong in `states`; `shares` are those of the plan where each has a stack, None where one stack holds all."""
    ground = Ground.of(plan)
    held: dict[Identity, tuple[StackName, Observed]] = {}
    for stack, state in sorted(states.items(), key=lambda pair: str(pair[0])):
        resources = stored(state)
        share = (shares or {}).get(stack.share)
        if (shares is None and not stack.share) or share:
            yield from _OfStack(stack, resources, plan, share).findings()
        else:
            yield from _of_nobody(stack, resources)
        for item in resources:
            thing = None if item.read else identity(item.resource, ground)
            if not thing:
                continue
            first, other = held.setdefault(thing, (stack, item.resource))
            if first != stack:
                reason = f"it is in stack `{first}` too, as {other.label}, and the last one to write would win"
                step = f"`pulumi state delete -s STACK {item.resource.urn}` takes it out of one stack and leaves it as it is"
                yield _finding(TWICE, stack, item.resource, reason, step)


def _of_nobody(stack: StackName, resources: Sequence[Stored]) -> Iterator[Finding]:
    """What a stack holds that no share of the landscape has any more."""
    holding = [item for item in resources if not item.resource.type.startswith(_UNHELD)]
    for item in holding:
        if item.keeps_data:
            reason = "its data is kept, and no share of the landscape has the stack that it is in"
            yield _finding(KEPT, stack, item.resource, reason, _kept(item))
        else:
            yield _finding(
                LEFT_OVER,
                stack,
                item.resource,
                "no share of the landscape has the stack that it is in",
                f"`pulumi destroy -s {stack} --exclude-protected` removes what holds no data",
            )
    if not holding:
        message = f"{stack}: the stack is empty, and no share of the landscape has it"
        hint = f"`pulumi stack rm -s {stack}` forgets it"
        yield Finding(rule=LEFT_OVER.id, severity=Severity.WARNING, message=message, subject=str(stack), hint=hint)


class _OfStack:
    """One stack that the landscape has."""

    def __init__(self, stack: StackName, resources: Sequence[Stored], plan: Plan, share: Share | None) -> None:
        self._stack = stack
        self._resources = resources
        self._plan = plan
        self._ground = Ground.of(plan, share)
        self._parents = {item.resource.urn: item.resource.options.parent for item in resources}

    def findings(self) -> Iterator[Finding]:
        bench = Bench(self._ground)
        judged: list[Observed] = []
        for item in self._resources:
            found = () if item.read else bench.findings(item.resource)
            if item.drift:
                yield self._drift(item)
            if gone := self._gone(item):
                yield from gone
            else:
                judged.append(item.resource)
                yield from map(self._placed, found)
        for _, finding in bench.findings_at_the_end(judged):
            yield self._placed(finding)

    def _gone(self, item: Stored) -> tuple[Finding, ...]:
        """That it is left of a context or a deployable that is gone, or of an update that was interrupted."""
        resource, context = item.resource, context_above(item.resource.urn, self._parents)
        if resource.type.startswith(_UNHELD):
            # Nothing is said of what only holds others together; and yet it is no part of what is judged either.
            return ()
        again = f"`plat up {self._plan.landscape} -e {self._plan.environment}` removes it"
        if item.doomed:
            return (_finding(LEFT_OVER, self._stack, resource, "an update was to delete it and did not come to that", again),)
        if context and context not in self._plan.teams:
            reason = f"it is of context `{context}`, which is gone"
            if item.keeps_data:
                return (_finding(KEPT, self._stack, resource, f"{reason}; its data is kept", _kept(item)),)
            return (_finding(LEFT_OVER, self._stack, resource, reason, again),)
        if resource.type == _PROCESS and (name := _name(resource)) not in self._ground.workloads:
            reason = f"no descriptor declares a deployable `{name}`"
            return (_finding(LEFT_OVER, self._stack, resource, reason, again),)
        return ()

    def _drift(self, item: Stored) -> Finding:
        again = f"`plat up {self._plan.landscape} -e {self._plan.environment} --refresh` puts it right"
        return _finding(DRIFT, self._stack, item.resource, "; ".join(item.drift), again)

    def _placed(self, finding: Finding) -> Finding:
        again = f"`plat up {self._plan.landscape} -e {self._plan.environment} --refresh` puts right what was changed by hand"
        hint = f"{finding.hint}; {again}" if finding.hint else again
        return dataclasses.replace(finding, message=f"{self._stack}: {finding.message}", hint=hint)


def _name(resource: Observed) -> str:
    try:
        return resource.properties.text("name")
    except Unreadable:
        return resource.name


def _kept(item: Stored) -> str:
    return (
        "bring its descriptor back to use it again; to retire it, copy the data, then `pulumi state unprotect "
        f"{item.resource.urn}` and destroy it"
    )


def _finding(rule: Explanation, stack: StackName, resource: Observed, reason: str, hint: str) -> Finding:
    message = f"{stack}: {resource.label}: {reason}"
    return Finding(rule=rule.id, severity=rule.severity, message=message, subject=resource.label, hint=hint)
