"""What a stack may hold where every unit has stacks of its own: its share alone.

Each stack is judged by itself, and none sees the others. That no two hold the same thing follows, since shares do not overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plat.claims import Claim, DatastoreClaim, GrantClaim, TopicClaim, WorkloadClaim
from plat.plan.shares import Share
from policies.ground import Ground
from policies.observed import Observed, Unreadable

_SERVER = "platlocal:index:Server"


def elsewhere(resource: Observed, claims: Iterable[Claim], ground: Ground) -> Iterator[Claim]:
    """That a resource is, by its `claims`, what another share of the landscape holds."""
    share = ground.share
    if not share:
        return
    for what in dict.fromkeys((*_held(claims, share), *_servers(resource, share))):
        yield resource.breach(
            f"{what} is no part of the share `{share.name}`, whose stack this is",
            f"`plat up` brings it up in the stack of the share that it is part of; this one is {share.team}'s alone",
        )


def _held(claims: Iterable[Claim], share: Share) -> Iterator[str]:
    plan, broker = share.plan, share.plan.broker
    stores = {store.name for store in plan.datastores}
    topics = {item.name for item in broker.exchanges} | {item.name for item in broker.topics} if broker else set()
    users = {user.context for user in broker.users} if broker else set()
    for claim in claims:
        match claim:
            case DatastoreClaim() if claim.datastore not in stores:
                yield f"datastore `{claim.datastore}`"
            case TopicClaim() if claim.topic not in topics:
                yield f"`{claim.topic}`"
            case GrantClaim() if claim.who not in users:
                yield f"a right of `{claim.who}`"
            case WorkloadClaim() if claim.workload not in {item.name for item in plan.workloads}:
                yield f"deployable `{claim.workload}`"


def _servers(resource: Observed, share: Share) -> Iterator[str]:
    if resource.type != _SERVER:
        return
    try:
        name = resource.properties.text("name")
    except Unreadable:
        return  # Refused by its observer.
    made = {server.name for server in share.plan.servers} - share.elsewhere
    if name not in made:
        yield f"server `{name}`"
