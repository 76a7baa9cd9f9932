"""What a stack may hold where every unit has stacks of its own: its share alone.

Each stack is judged by itself, and none sees the others. That no two hold the same thing follows, since shares do not overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plat.claims import Claim, DatastoreClaim, GrantClaim, TopicClaim, WorkloadClaim
from plat.plan.model import Server
from plat.plan.shares import Share
from policies.ground import Ground
from policies.observed import Observed, Unreadable
from policies.observers import Identity, identity, kubernetes, provided

_NAMESPACE = "kubernetes:core/v1:Namespace"
_SERVER = "platlocal:index:Server"
_VIRTUAL_HOST = "rabbitmq:index/vHost:VHost"
_PERMISSIONS = "rabbitmq:index/permissions:Permissions"


def elsewhere(resource: Observed, claims: Iterable[Claim], ground: Ground) -> Iterator[Claim]:
    """That a resource is, by its `claims`, what another share of the landscape holds."""
    share = ground.share
    if not share:
        return
    found = (*_held(claims, share), *_servers(resource, share), *_inside(resource, ground, share), *_objects(resource, ground))
    for what in dict.fromkeys(found):
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


def _inside(resource: Observed, ground: Ground, share: Share) -> Iterator[str]:
    """What is inside of a server that the share does not work in, or is there for everybody and made with the server."""
    thing = identity(resource, ground) or provided(resource, ground)
    name = thing[1].partition("/")[0] if thing and len(thing) > 1 else ""
    server = ground.servers.get(name)
    if server and server not in share.plan.servers:
        yield f"what is inside of server `{name}`"
    elif server and thing and name in share.elsewhere and _is_for_everybody(resource, thing, server):
        yield f"what server `{name}` has for everybody"


def _objects(resource: Observed, ground: Ground) -> Iterator[str]:
    """What is in a namespace of another share's, and not this one's to put there."""
    where = kubernetes.where(resource, ground) if resource.type.startswith(kubernetes.PREFIX) else None
    if where is None:
        return
    inside, name = where
    namespace = name if resource.type == _NAMESPACE else inside
    planned = (resource.type, inside or None, name) in ground.objects
    if not planned and namespace in ground.namespaces and not ground.makes(namespace):
        yield f"what is in namespace `{namespace}`"


def _is_for_everybody(resource: Observed, thing: Identity, server: Server) -> bool:
    return resource.type == _VIRTUAL_HOST or (resource.type == _PERMISSIONS and thing[-1] == server.admin_user)


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
