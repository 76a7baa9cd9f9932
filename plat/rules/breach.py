"""Rule 4: nothing opens a way round the fences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plat.claims import BreachClaim, Claim
from plat.findings import Finding, Severity
from plat.rules.model import Facts, Rule

ID = "way-round-the-fence"


def check(claims: Sequence[Claim], facts: Facts) -> Iterator[Finding]:  # noqa: ARG001 - every rule has one signature
    """Yields a finding for each thing that would make the other rules void."""
    for claim in claims:
        if isinstance(claim, BreachClaim):
            yield Finding(
                rule=ID,
                severity=Severity.ERROR,
                message=f"{claim.what} opens a way round the fences: {claim.reason}",
                location=claim.origin.location,
                field=claim.origin.field,
                subject=claim.origin.subject,
                hint=claim.remedy,
            )


RULE = Rule(
    id=ID,
    title="Nothing opens a way round the fences",
    severity=Severity.ERROR,
    why=(
        "A fence holds as long as nobody has a key to all of them. A superuser, a pattern that matches every queue, an "
        "extension that connects to other servers or a policy that copies messages elsewhere needs no foreign datastore "
        "in any descriptor: it reaches all of them, those to come as well."
    ),
    fix="give each context exactly what its descriptor declares, and leave administration to the platform's own accounts",
    source="Jerome Saltzer and Michael Schroeder, The Protection of Information in Computer Systems (1975): separation of "
    "privilege and least common mechanism",
    check=check,
)
