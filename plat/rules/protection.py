"""Rule 5: what holds data is protected from being deleted by an ordinary update."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plat.claims import Claim, ProtectionClaim
from plat.findings import Finding, Severity
from plat.rules.model import Facts, Rule

ID = "datastore-unprotected"

_WAY_OUT = "set `protect` (and `retain_on_delete`) from its creation on, and retire data only by an explicit step"


def check(claims: Sequence[Claim], facts: Facts) -> Iterator[Finding]:
    """Yields a finding for each holder of data that an ordinary update could delete."""
    for claim in claims:
        if isinstance(claim, ProtectionClaim) and not claim.protected:
            whose = f" of {facts.who(claim.owner)}" if claim.owner in facts.teams else ""
            yield Finding(
                rule=ID,
                severity=Severity.ERROR,
                message=f"{claim.holder} holds data{whose} and is not protected: an ordinary update could delete it",
                location=claim.origin.location,
                field=claim.origin.field,
                subject=claim.origin.subject,
                hint=_WAY_OUT,
            )


RULE = Rule(
    id=ID,
    title="What holds data is protected from being deleted",
    severity=Severity.ERROR,
    why=(
        "A renamed context, a changed type or a lost line in a descriptor looks like a deletion to the engine. Pulumi reads "
        "protection from the state as it was before, so that it has to be there from the creation on."
    ),
    fix=_WAY_OUT,
    source="Pulumi, resource options `protect` and `retainOnDelete`; Michael Nygard, Release It! (2nd ed., 2018), ch. 4",
    check=check,
)
