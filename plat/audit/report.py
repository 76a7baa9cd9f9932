"""An audit's report, in the forms that the report of a check has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from plat.findings import Finding
from plat.plan.model import Plan
from plat.reports import Report
from plat.reports.fingerprint import identity
from plat.reports.model import Judged, Told


def report(plan: Plan, findings: Iterable[Finding], today: date) -> Report:
    """The report of what was found about `plan`, each finding once."""
    told = tuple(_told(plan.landscape, findings))
    judged = Judged(plan.landscape, len(plan.contexts), len(plan.workloads), told)
    return Report((judged,), today, whole=False, command="audit")


def _told(landscape: str, findings: Iterable[Finding]) -> Iterator[Told]:
    seen: Counter[str] = Counter()
    for finding in sorted(set(findings)):
        known_by = identity(finding, landscape)
        seen[known_by] += 1
        yield Told(landscape, finding, f"{known_by}:{seen[known_by]}")
