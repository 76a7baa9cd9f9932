"""The bench that judges one update: the rules, and what it has seen of the update so far."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterable, Iterator

from plat.claims import Claim, DatastoreClaim, TopicClaim, WorkloadClaim
from plat.findings import Finding, errors
from plat.rules import judge
from plat.urns import context_above
from policies import shared_out
from policies.cluster_keyring import ClusterKeyring
from policies.ground import Ground
from policies.keyring import Keyring
from policies.observed import Observed
from policies.observers import Identity, identity, kubernetes, machines, observe

_BY_PLAT = "make it by Plat's component, which makes all of a unit's fences"
_NAMESPACE = "kubernetes:core/v1:Namespace"
_DATABASE = "postgresql:index/database:Database"
_FENCE = "platlocal:index:PostgresFence"
# Rights at a broker, and what limits them: by the official provider, and by an operator.
_LIMITED_BY = {
    "rabbitmq:index/permissions:Permissions": "rabbitmq:index/topicPermissions:TopicPermissions",
    "kubernetes:rabbitmq.com/v1beta1:Permission": "kubernetes:rabbitmq.com/v1beta1:TopicPermission",
}


class Bench:
    """Judges every resource of one update on one ground. Safe to use from several threads."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._keyring = Keyring(ground)
        self._cluster_keyring = ClusterKeyring(ground)
        self._managers: dict[Identity, Observed] = {}
        self._ways: list[Observed] = []
        self._parents: dict[str, str] = {}
        self._lock = threading.Lock()

    def findings(self, resource: Observed) -> tuple[Finding, ...]:
        """What is wrong with `resource`, which is about to be made."""
        claims = list(observe(resource, self._ground))
        with self._lock:
            self._parents[resource.urn] = resource.options.parent
            if resource.type in machines.PROVIDERS:
                self._ways.append(resource)
            claims += self._misplaced(resource, claims)
            claims += shared_out.elsewhere(resource, claims, self._ground)
            claims += self._managed_twice(resource)
            claims += self._keyring.claims(resource)
            claims += self._cluster_keyring.claims(resource)
        return self._judged(claims)

    def findings_at_the_end(self, resources: Iterable[Observed]) -> Iterator[tuple[Observed, Finding]]:
        """What is wrong with the whole stack: things that were only read, and fences that are not there."""
        stack = tuple(resources)
        given = machines.Given(stack, self._ground)
        for resource in stack:
            if resource.urn not in self._parents:
                yield from ((resource, finding) for finding in self._judged(observe(resource, self._ground)))
        for resource in (*self._ways, *self._managers.values()):
            yield from ((resource, finding) for finding in self._judged(given.claims(resource)))
        for thing, resource in self._managers.items():
            yield from ((resource, finding) for finding in self._judged(self._unfenced(thing, resource)))

    def _judged(self, claims: Iterable[Claim]) -> tuple[Finding, ...]:
        found = errors(judge(claims, self._ground.facts))
        return tuple(dataclasses.replace(finding, message=f"{finding.subject}: {finding.message}") for finding in found)

    def _misplaced(self, resource: Observed, claims: Iterable[Claim]) -> Iterator[Claim]:
        home = context_above(resource.options.parent, self._parents)
        for claim in claims:
            match claim:
                case DatastoreClaim() | TopicClaim():
                    owners: tuple[str, ...] = (claim.owner,)
                case WorkloadClaim():
                    owners = claim.contexts
                case _:
                    continue
            if home and home not in owners:
                whose = self._ground.facts.who(home)
                yield resource.breach(f"it stands below {whose} and says that it is another's", "put it below its owner")

    def _managed_twice(self, resource: Observed) -> Iterator[Claim]:
        thing = identity(resource, self._ground)
        if not thing:
            return
        first = self._managers.setdefault(thing, resource)
        if first.urn != resource.urn:
            yield resource.breach(
                f"it manages the very thing that {first.label} manages, and the last one to write would win",
                "manage each thing by one resource; what a descriptor declares, Plat manages",
            )

    def _unfenced(self, thing: Identity, resource: Observed) -> Iterator[Claim]:
        if resource.type.startswith(kubernetes.PREFIX):
            yield from self._unfenced_on_cluster(resource)
        yield from machines.unfenced(resource, self._managers.__contains__, self._ground)
        if resource.type == _DATABASE and (_FENCE, *thing[1:]) not in self._managers:
            yield resource.breach(
                "no PostgresFence closes this database, which PostgreSQL leaves open to every role of its server",
                "make it by Plat's component, which fences it",
            )
        limited = (_LIMITED_BY.get(resource.type, ""), *thing[1:])
        if resource.type in _LIMITED_BY and not any(other[: len(limited)] == limited for other in self._managers):
            user = self._ground.broker_users.get(thing[-1])
            if user and user.publishes_to:
                yield resource.breach(
                    "no TopicPermissions limit its routing keys, and without them RabbitMQ allows all",
                    "make it by Plat's component, which limits them",
                )

    def _unfenced_on_cluster(self, resource: Observed) -> Iterator[Claim]:
        """A unit's namespace is in the stack with all that fences it, and so is the namespace of whatever is in one."""
        namespace, name = kubernetes.where(resource, self._ground) or ("", "")
        made = (_NAMESPACE, "", namespace) in self._managers
        # What another share makes is fenced there; nothing is in it here but what the plan has.
        if namespace and not made and self._ground.makes(namespace):
            yield resource.breach(f"nothing in the stack makes namespace `{namespace}` and fences it", _BY_PLAT)
        for kind, where, called in self._ground.fences(name) if resource.type == _NAMESPACE else ():
            if (kind, where, called) not in self._managers:
                short = kind.rpartition(":")[2]
                yield resource.breach(f"no {short} `{called}` fences this namespace", _BY_PLAT)
