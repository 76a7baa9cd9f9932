"""Rule 2: a deployable belongs to one team, and every context that it carries belongs to that team."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plat.claims import Claim, WorkloadClaim
from plat.findings import Finding, Severity
from plat.rules.model import Facts, Rule

ID = "deployable-ownership"

_WAY_OUT = (
    "split the deployable along the contexts so that each team releases its own, or move the contexts to one team if "
    "they really are one team's work"
)


def check(claims: Sequence[Claim], facts: Facts) -> Iterator[Finding]:
    """Yields a finding for each workload whose contexts are not all its own team's."""
    declared: dict[str, set[str]] = {}
    for claim in claims:
        if isinstance(claim, WorkloadClaim):
            declared.setdefault(claim.workload, set()).add(claim.team)
            yield from _crosses(claim, facts)
    for claim in claims:
        if isinstance(claim, WorkloadClaim) and len(teams := declared[claim.workload]) > 1:
            names = ", ".join(sorted(teams))
            yield _finding(claim, f"deployable `{claim.workload}` is claimed by several teams ({names}): it belongs to one")


def _crosses(claim: WorkloadClaim, facts: Facts) -> Iterator[Finding]:
    unknown = [name for name in claim.contexts if name not in facts.teams]
    if unknown:
        yield _finding(
            claim,
            f"deployable `{claim.workload}` carries {', '.join(f'`{name}`' for name in unknown)}, "
            "which is no context of this landscape: nobody owns what it does",
        )
    foreign = [name for name in claim.contexts if name in facts.teams and facts.teams[name] != claim.team]
    if not foreign:
        return
    carried = ", ".join(facts.who(name) for name in claim.contexts)
    yield _finding(
        claim,
        f"deployable `{claim.workload}` of team `{claim.team}` carries {carried}: it crosses the ownership of teams. "
        "If two teams own pieces of one deployable, its boundary is lying: neither can release, change or answer for it alone",
    )


def _finding(claim: WorkloadClaim, message: str) -> Finding:
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        message=message,
        location=claim.origin.location,
        field=claim.origin.field,
        subject=claim.origin.subject,
        hint=_WAY_OUT,
    )


RULE = Rule(
    id=ID,
    title="A deployable belongs to one team, and so does every context that it carries",
    severity=Severity.ERROR,
    why=(
        "A deployable is what is released together. When it spans the contexts of two teams, as an `orders-api` that "
        "both takes orders and tracks their fulfilment, every release needs both, and the boundary on the map is not "
        "the one that runs."
    ),
    fix=_WAY_OUT,
    source="Matthew Skelton and Manuel Pais, Team Topologies (2019), ch. 6 'Choose team-first boundaries'; "
    "Melvin Conway, How Do Committees Invent? (1968)",
    check=check,
)
