"""Claims, told as rights: what their holders may do."""

from __future__ import annotations

from collections.abc import Iterator

from plat.claims import (
    VERBS,
    AccessClaim,
    Claim,
    ContractClaim,
    DatastoreClaim,
    EgressClaim,
    GrantClaim,
    RouteClaim,
    SeparationClaim,
    TopicClaim,
    WorkloadClaim,
)
from plat.outline.model import Line
from plat.outline.tell import Owned, holder, tell
from plat.plan.model import Plan


def right(claim: Claim) -> str:
    """What `claim` lets its holder do, as in `consume from order_queue`; empty where it is no right of its own."""
    match claim:
        case DatastoreClaim():
            return f"read from and write to {claim.datastore}"
        case AccessClaim():
            tables = f" ({', '.join(claim.tables)})" if claim.tables else ""
            contract = f" by contract {claim.contract}" if claim.contract else ""
            return f"{VERBS[claim.mode]} {claim.datastore}{tables}{contract}"
        case GrantClaim():
            keys = f" with {', '.join(claim.keys)}" if claim.keys else ""
            return f"{VERBS[claim.right]} {claim.resource}{keys}"
        case RouteClaim():
            return f"call {claim.destination}"
        case EgressClaim():
            return f"reach {claim.external}"
        case _:
            return ""


@tell.register
def _of_datastore(claim: DatastoreClaim, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    yield from _right(claim.owner, claim.datastore, claim)


@tell.register
def _of_access(claim: AccessClaim, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    yield from _right(claim.who, claim.datastore, claim)


@tell.register
def _of_grant(claim: GrantClaim, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    yield from _right(claim.who, claim.resource, claim)


@tell.register
def _of_egress(claim: EgressClaim, plan: Plan) -> Iterator[Owned]:
    yield from _right(holder(plan.workload(claim.workload)), claim.external, claim)


@tell.register(ContractClaim)
@tell.register(RouteClaim)
@tell.register(SeparationClaim)
@tell.register(TopicClaim)
@tell.register(WorkloadClaim)
def _told_elsewhere(claim: Claim, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    """Contracts, routes, exchanges, topics and workloads are told as parts of the plan; who stays apart gets nothing."""
    yield from ()


def _right(who: str, what: str, claim: Claim) -> Iterator[Owned]:
    yield Owned(who, Line("right", what, f"may {right(claim)}", claim.origin.location, {"resource": what}))
