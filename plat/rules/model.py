"""What a rule is, and what every rule may know besides the claims that it judges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product

from plat.claims import (
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
from plat.explanation import Explanation
from plat.findings import Finding


@dataclass(frozen=True, slots=True)
class Grant:
    """A right at the broker that follows from a declared relation."""

    who: str
    right: str
    resource: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """The landscape as the judge knows it: whose each thing is, and what the declared relations allow.

    `teams` maps contexts to teams; `owners` datastores to the contexts that claim them; `workloads` workloads to their
    contexts and `runners` workloads to their teams; `topics` exchanges and topics to the contexts that publish there;
    `contracts` are those in force, by name; `separations` maps two contexts that go separate ways to
    the reason for it.
    """

    teams: Mapping[str, str]
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    workloads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    runners: Mapping[str, str] = field(default_factory=dict)
    grants: frozenset[Grant] = frozenset()
    routes: frozenset[tuple[str, str]] = frozenset()
    egress: frozenset[tuple[str, str]] = frozenset()
    contracts: Mapping[str, ContractClaim] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)
    separations: Mapping[frozenset[str], str] = field(default_factory=dict)

    @classmethod
    def of(cls, teams: Mapping[str, str], intended: Iterable[Claim], today: date = date.min) -> Facts:
        """The facts that follow on the day `today` from the claims a landscape intends. Default: before anything ends."""
        owners: dict[str, set[str]] = {}
        workloads: dict[str, tuple[str, ...]] = {}
        runners: dict[str, str] = {}
        grants: set[Grant] = set()
        routes: set[tuple[str, str]] = set()
        egress: set[tuple[str, str]] = set()
        topics: dict[str, str] = {}
        separations: dict[frozenset[str], str] = {}
        contracts: dict[str, ContractClaim] = {}
        for claim in intended:
            match claim:
                case DatastoreClaim():
                    owners.setdefault(claim.datastore, set()).add(claim.owner)
                case WorkloadClaim():
                    workloads[claim.workload] = claim.contexts
                    runners[claim.workload] = claim.team
                case GrantClaim():
                    keys = claim.keys or ("",)
                    grants |= {Grant(claim.who, claim.right, claim.resource, key) for key in keys}
                case RouteClaim():
                    routes.add((claim.source, claim.destination))
                case EgressClaim():
                    egress.add((claim.workload, claim.external))
                case TopicClaim():
                    topics[claim.topic] = claim.owner
                case SeparationClaim():
                    separations[frozenset((claim.one, claim.other))] = claim.reason
                case ContractClaim() if today <= claim.expires:
                    contracts[claim.name] = claim
                case _:
                    pass
        return cls(
            teams=dict(teams),
            owners={store: tuple(sorted(names)) for store, names in sorted(owners.items())},
            workloads=workloads,
            runners=runners,
            grants=frozenset(grants),
            routes=frozenset(routes),
            egress=frozenset(egress),
            topics=topics,
            separations=separations,
            contracts=contracts,
        )

    def who(self, name: str) -> str:
        """A context or deployable as a message names it: with its team where it has one."""
        team = self.teams.get(name) or self.runners.get(name)
        return f"`{name}` ({team})" if team else f"`{name}` (no context of this landscape)"

    def apart(self, one: str, other: str) -> str:
        """What a message adds where two contexts, or deployables that carry them, go separate ways; nothing where not."""
        sides = (self.workloads.get(name, (name,)) for name in (one, other))
        for ends in product(*sides):
            reason = self.separations.get(frozenset(ends))
            if reason is not None:
                return f"; {' and '.join(f'`{end}`' for end in ends)} go separate ways" + (f" ({reason})" if reason else "")
        return ""


Check = Callable[[Sequence[Claim], Facts], Iterable[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Explanation):
    """One rule over claims, with its explanation."""

    check: Check
