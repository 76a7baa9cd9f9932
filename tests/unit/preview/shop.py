"""Steps of real shape on the landscape `shop`, and the reports that they come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plat.engine.steps import Log, Step, Violation
from plat.landscape import Landscape
from plat.plan.model import Plan
from plat.plan.shares import shares, whole
from plat.preview.make import Looked, preview
from plat.preview.model import Made, Report
from plat.rollout import Outcome, State

MADE = Made("0123456789abcdef", clean=True, plan="aaaa", program="bbbb")
ROOT = "plat:index:Landscape"
CONTEXT = f"{ROOT}$plat:index:BoundedContext"


def urn(stack: str, chain: str, name: str) -> str:
    return f"urn:pulumi:{stack}::plat::{chain}::{name}"


def step(  # noqa: PLR0913 - as a step has them
    op: str,
    type_: str,
    name: str,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    *,
    stack: str = "shop.test",
    chain: str = CONTEXT,
    keys: Sequence[str] = (),
    protected: bool = False,
    retained: bool = False,
) -> Step:
    place = urn(stack, f"{chain}${type_}", name)
    return Step(op, place, type_, tuple(keys), old or {}, new or {}, protected, retained)


def log_of(*steps: Step, owner: str = "", violations: Sequence[Violation] = (), whole: bool = True) -> Log:
    """What the engine says of steps that stand below the component of the context `owner`."""
    found = Log(steps=list(steps), violations=list(violations), whole=whole)
    for one in steps:
        if owner:
            stack = one.urn.split(":")[2]
            found.parents[one.urn] = urn(stack, CONTEXT, owner)
    return found


def together(*logs: Log) -> Log:
    """The logs of several owners as the log of one stack."""
    found = Log(whole=all(log.whole for log in logs))
    for log in logs:
        found.steps += log.steps
        found.violations += log.violations
        found.parents |= log.parents
    return found


def of_one_stack(plan: Plan, landscape: Landscape, log: Log, *, state: State = State.DONE, reason: str = "") -> Report:
    share = whole(plan)
    outcome = Outcome("", str(share.stack), "", state, reason)
    return preview(landscape, plan, [Looked(share, outcome, log, "before")], MADE)


def of_units(plan: Plan, landscape: Landscape, logs: Mapping[str, Log]) -> Report:
    """Of all shares; those without a log are current."""
    found = []
    for name, share in shares(plan).items():
        state = State.DONE if name in logs else State.CURRENT
        outcome = Outcome(name, str(share.stack), share.team, state)
        found.append(Looked(share, outcome, logs.get(name, Log()), "before"))
    return preview(landscape, plan, found, MADE)
