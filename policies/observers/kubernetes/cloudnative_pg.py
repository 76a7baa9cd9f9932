"""Objects of CloudNativePG, and of what watches it, that the plan does not have: each is a database, or a way to one.

https://cloudnative-pg.io/documentation/1.27/cloudnative-pg.v1/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from plat.claims import Claim
from policies.ground import Ground
from policies.observed import Observed
from policies.observers.kubernetes.place import Place

API = "postgresql.cnpg.io/v1"

_DECLARE = "declare the datastore in its context's descriptor, and its reader by a DataContract: what is needed for it follows"
_REASONS: Mapping[str, str] = {
    "Backup": "it copies a whole database to a place that nobody declares",
    "Cluster": "it is a database that no descriptor declares, and may begin as a copy of somebody else's",
    "ClusterImageCatalog": "it decides what other units' databases run",
    "Database": "it makes or takes over a database in a server, with an owner of its own choice",
    "ImageCatalog": "it decides what databases run",
    "Pooler": "it is another way into a server, past every policy that the plan has for it",
    "Publication": "it hands a database's tables on to whoever subscribes to them",
    "ScheduledBackup": "it copies a whole database to a place that nobody declares",
    "Subscription": "it takes tables out of somebody else's database",
}


_WATCHED = "say in the environment where Prometheus is (`operators: [prometheus]`): what it reads of servers follows from it"
_HANDS_ON = "it has Prometheus hand whatever Secret it names to whatever pod it names"


def _refused(reason: str, remedy: str) -> Callable[[Observed, Place, Ground], Iterator[Claim]]:
    def read(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
        yield resource.breach(reason, remedy, "spec")

    return read


OBSERVERS = {
    **{f"{API}:{kind}": _refused(reason, _DECLARE) for kind, reason in _REASONS.items()},
    "monitoring.coreos.com/v1:PodMonitor": _refused(_HANDS_ON, _WATCHED),
}
"""How each of them is read, by group, version and kind."""
