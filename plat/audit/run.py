"""An audit of one landscape in one environment: its states, and what there really is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from plat.audit import live as servers
from plat.audit import stacks, state
from plat.audit.report import report
from plat.engine import EngineProblem
from plat.operations import Operations
from plat.plan.model import SecretRef
from plat.project import Unreadable
from plat.reports import Report
from plat.stacks import StackName


@dataclass(frozen=True, slots=True)
class Audited:
    """What was found, how much was `read`, what is `skipped`, and what could not be read."""

    report: Report
    read: tuple[str, ...]
    skipped: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def audit(opened: Operations, today: date, *, live: bool) -> Audited:
    """Reads all states of the stack's landscape, and with `live` asks what there is. Raises Refusal, Unreadable."""
    plan, name = opened.plan, StackName.parse(opened.stack)
    try:
        states = stacks.states(opened.home, opened.backend, name)
    except EngineProblem as problem:
        raise Unreadable([str(problem)]) from None
    if not states:
        msg = f"{name} has not been brought up here, so that there is nothing to read: `plat up {plan.landscape}` does"
        raise Unreadable([msg])
    found = list(state.findings(states, plan, opened.shares))
    read = f"{len(states)} stack(s)"
    if not live:
        return Audited(report(plan, found, today), (read,))
    parts = (opened.shares or {}).values()
    kubectl = opened.cluster.kubectl if opened.cluster else None
    looked = servers.look(plan, parts, _secrets(opened), opened.home, kubectl)
    whole = report(plan, (*found, *looked.findings), today)
    return Audited(whole, (read, *looked.asked), looked.skipped, looked.unread)


def _secrets(opened: Operations) -> Mapping[SecretRef, str]:
    try:
        return opened.secrets
    except EngineProblem as problem:
        raise Unreadable([str(problem)]) from None
