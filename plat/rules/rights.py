"""Rule 3: no right at the broker and no route without a declared relation, and nothing that cannot be judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plat.claims import VERBS, Claim, EgressClaim, GrantClaim, OpaqueClaim, Origin, RouteClaim, TopicClaim
from plat.findings import Finding, Severity
from plat.rules.model import Facts, Grant, Rule

RIGHT_ID = "right-without-relation"
OPAQUE_ID = "unreadable-resource"

_DECLARE = (
    "declare the relation (`publishes`, `consumes`, `upstreams` or `externals` in the descriptor) "
    "and let the right follow from it"
)
_LEAVE = "take it out, or take the separate ways back below `relations` in landscape.yaml where both contexts agree on it"


def check_rights(claims: Sequence[Claim], facts: Facts) -> Iterator[Finding]:
    """Yields a finding for each grant, topic or route that no declared relation implies."""
    for claim in claims:
        match claim:
            case GrantClaim():
                keys = claim.keys or ("",)
                missing = [key for key in keys if Grant(claim.who, claim.right, claim.resource, key) not in facts.grants]
                if missing:
                    with_keys = f" with routing key {', '.join(f'`{key}`' for key in missing)}" if any(missing) else ""
                    yield _finding(
                        claim.origin,
                        f"{facts.who(claim.who)} may {VERBS[claim.right]} `{claim.resource}`{with_keys}, "
                        "which no relation in the landscape declares",
                        facts.apart(claim.who, facts.topics.get(claim.resource, "")),
                    )
            case TopicClaim() if claim.owner not in facts.teams:
                yield _finding(claim.origin, f"topic `{claim.topic}` belongs to no context of this landscape")
            case RouteClaim() if claim.source != claim.destination:
                if (claim.source, claim.destination) not in facts.routes:
                    yield _finding(
                        claim.origin,
                        f"{facts.who(claim.source)} reaches {facts.who(claim.destination)}, "
                        "which no relation in the landscape declares",
                        facts.apart(claim.source, claim.destination),
                    )
            case EgressClaim() if (claim.workload, claim.external) not in facts.egress:
                yield _finding(
                    claim.origin,
                    f"{facts.who(claim.workload)} reaches the external system `{claim.external}`, which it does not name",
                )
            case _:
                pass


def check_opaque(claims: Sequence[Claim], facts: Facts) -> Iterator[Finding]:  # noqa: ARG001 - every rule has one signature
    """Yields a finding for each thing that could not be judged."""
    for claim in claims:
        if isinstance(claim, OpaqueClaim):
            yield Finding(
                rule=OPAQUE_ID,
                severity=Severity.ERROR,
                message=f"{claim.what} cannot be judged: {claim.reason}",
                location=claim.origin.location,
                field=claim.origin.field,
                subject=claim.origin.subject,
                hint=claim.remedy,
            )


def _finding(origin: Origin, message: str, apart: str = "") -> Finding:
    return Finding(
        rule=RIGHT_ID,
        severity=Severity.ERROR,
        message=message + apart,
        location=origin.location,
        field=origin.field,
        subject=origin.subject,
        hint=_LEAVE if apart else _DECLARE,
    )


RIGHTS = Rule(
    id=RIGHT_ID,
    title="Every right at the broker and every route follows from a declared relation",
    severity=Severity.ERROR,
    why=(
        "The context map is only true while nothing can go round it. A right that was granted by hand is a relation that "
        "nobody drew: it is found when it breaks."
    ),
    fix=_DECLARE,
    source="Jerome Saltzer and Michael Schroeder, The Protection of Information in Computer Systems (1975): least "
    "privilege and fail-safe defaults",
    check=check_rights,
)

OPAQUE = Rule(
    id=OPAQUE_ID,
    title="What cannot be judged does not pass",
    severity=Severity.ERROR,
    why=(
        "A check that lets through what it cannot read protects against mistakes only. Unknown values where a literal "
        "decides, resources without an owner, kinds that no observer knows: each could be the way round the other rules."
    ),
    fix="write the value as a literal, say whose the resource is, or use Plat's component for it",
    source="Jerome Saltzer and Michael Schroeder, The Protection of Information in Computer Systems (1975): complete "
    "mediation and fail-safe defaults",
    check=check_opaque,
)
