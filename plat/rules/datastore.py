"""Rule 1: a datastore has one owner, and nobody else touches it without a contract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plat.claims import AccessClaim, Claim, DatastoreClaim, Origin
from plat.findings import Finding, Location, Severity
from plat.rules.model import Facts, Rule

ID = "datastore-ownership"

_WAY_OUT = (
    "give each context a datastore of its own and exchange events or calls, or agree on a DataContract "
    "(named read-only views, a reason, owners on both sides, an end date)"
)


def check(claims: Sequence[Claim], facts: Facts) -> Iterator[Finding]:
    """Yields a finding for each datastore with several owners, and for each foreign access without a contract in force."""
    yield from _several_owners(claims, facts)
    for claim in claims:
        if isinstance(claim, AccessClaim):
            yield from _foreign_access(claim, facts)


def _several_owners(claims: Sequence[Claim], facts: Facts) -> Iterator[Finding]:
    by_store: dict[str, dict[str, Origin]] = {}
    for claim in claims:
        if isinstance(claim, DatastoreClaim):
            by_store.setdefault(claim.datastore, {}).setdefault(claim.owner, claim.origin)
    for store, claimants in sorted(by_store.items()):
        owners = sorted({*claimants, *facts.owners.get(store, ())})
        if len(owners) < 2:  # noqa: PLR2004 - one owner is the rule itself
            continue
        *others, last = [facts.who(owner) for owner in owners]
        origins = [claimants[owner] for owner in owners if owner in claimants]
        yield _finding(
            origins[-1],
            f"datastore `{store}` is claimed by {', '.join(others)} and {last}: a datastore has one owner. Contexts that "
            "share one are coupled through its tables: a change by one breaks the others, and a failure takes all down",
            tuple(origin.location for origin in origins[:-1] if origin.location),
        )


def _foreign_access(claim: AccessClaim, facts: Facts) -> Iterator[Finding]:
    owners = facts.owners.get(claim.datastore, ())
    if claim.who in owners:
        return
    missing = _missing(claim, facts)
    if not missing:
        return
    owner = " and ".join(facts.who(name) for name in owners) or "no context of this landscape"
    tables = f" (tables {', '.join(claim.tables)})" if claim.tables else ""
    verb = {"read": "reads from", "write": "writes to", "own": "takes ownership in"}[claim.mode]
    apart = next((text for name in owners if (text := facts.apart(claim.who, name))), "")
    yield _finding(
        claim.origin,
        f"{facts.who(claim.who)} {verb} datastore `{claim.datastore}`{tables}, which belongs to {owner}, and {missing}{apart}",
    )


def _missing(claim: AccessClaim, facts: Facts) -> str:
    """What keeps a contract from allowing a foreign access; nothing where one allows it."""
    if not claim.contract:
        return "there is no contract"
    agreed = facts.contracts.get(claim.contract)
    if agreed is None or (agreed.consumer, agreed.datastore) != (claim.who, claim.datastore):
        return f"contract `{claim.contract}` is not in force for this"
    if claim.mode != "read":
        return f"contract `{claim.contract}` lets it read and nothing else"
    beyond = sorted({*claim.tables} - {*agreed.views})
    return f"contract `{claim.contract}` does not show {', '.join(beyond)}" if beyond else ""


def _finding(origin: Origin, message: str, related: tuple[Location, ...] = ()) -> Finding:
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        message=message,
        location=origin.location,
        field=origin.field,
        subject=origin.subject,
        hint=_WAY_OUT,
        related=related,
    )


RULE = Rule(
    id=ID,
    title="A datastore has one owner; nobody else touches it without a contract",
    severity=Severity.ERROR,
    why=(
        "A shared database is the tightest coupling there is: schema changes need everybody's consent, one context's load "
        "or failure is everybody's, and nobody can say who may change a row. Three contexts writing to one `orders` table "
        "and a context with a service of its own on another context's database are the two usual ways into it."
    ),
    fix=_WAY_OUT,
    source="Sam Newman, Building Microservices (2nd ed., 2021), ch. 2 'Information hiding' and ch. 4 'Shared database'; "
    "Eric Evans, Domain-Driven Design (2003), ch. 14 'Bounded Context'",
    check=check,
)
