"""PostgreSQL by CloudNativePG: a `Cluster` of a primary and its replicas, any of which becomes the primary when that is lost.

https://cloudnative-pg.io/documentation/1.27/. Names, passwords and what is inside are the plan's, as everywhere; the server's
own name leads to whichever instance is the primary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from components.kubernetes import network, outside
from components.kubernetes.manifest import NO_AWAIT, Manifest, Unit, opaque, secret, until
from components.kubernetes.servers import postgresql_backups, postgresql_poolers
from components.kubernetes.servers.pod import STORAGE
from components.kubernetes.servers.postgresql_metrics import watched
from plat import names
from plat.kubernetes import labels, pods
from plat.kubernetes.flows import CLOUDNATIVE_PG, End, prometheus
from plat.plan.model import Datastore, SecretRef, Server

API = "postgresql.cnpg.io/v1"

_MEMORY = 512
_LONGEST = 50  # what the operator takes as a name
_TEXTS = {"encoding": "UTF8", "localeCollate": "C.UTF-8", "localeCType": "C.UTF-8"}
_PRIMARY = {"cnpg.io/instanceRole": "primary"}
_INSTANCES = {"cnpg.io/podRole": "instance"}
_READ_AGAIN = {"cnpg.io/reload": "true"}


def of_server(unit: Unit, server: Server) -> Sequence[Manifest]:
    """Everything of `server`: the last one is up when all its instances are, and before it stands what makes copies of it."""
    name = names.resource_name(*server.name.split("--"), limit=_LONGEST)
    first = next(store for store in unit.plan.datastores if store.server == server.name)
    administrator = _account(unit, f"{server.name}--administrator", server.admin_user, server.admin_secret)
    owner = _account(unit, f"{server.name}--owner", first.role, first.secret)
    monitoring = unit.cluster.monitoring
    reading = [prometheus(monitoring)] if monitoring else []
    policy = network.of_server(unit, server, CLOUDNATIVE_PG, *reading, asks_api=True)
    ports = [{"name": server.kind, "port": server.port, "targetPort": server.port, "protocol": "TCP"}]
    primary = {**End.of_server(server).labels, **_PRIMARY}
    selected = {"spec": {"selector": primary, "ports": ports}}
    service = unit.put("v1", "Service", server.name, selected, annotations=NO_AWAIT)
    backups = unit.plan.backups_of(server)
    keys = [_read_again(postgresql_backups.keys(unit, server, backups))] if backups else []
    before = [administrator, owner, policy, service, *outside.of(unit, server, primary), *keys]
    # Its volumes are the operator's and end with it: it is what holds the data.
    running = unit.put(
        API,
        "Cluster",
        name,
        {"spec": _spec(unit, server, first, administrator.name, owner.name)},
        resource=server.name,
        annotations=until("Ready"),
        after=before,
        holds_data=True,
        once=("spec.externalClusters",),  # which are read only as it begins
    )
    copies = [postgresql_backups.schedule(unit, server, backups, running)] if backups else []
    measured = {**End.of_server(server).labels, **_INSTANCES}
    watching = [watched(unit, f"{server.name}--metrics", measured, monitoring)] if monitoring else []
    poolers = [item for pooler in server.poolers for item in postgresql_poolers.of_pooler(unit, server, pooler, running)]
    return [*before, *copies, *watching, *poolers, running]


def _account(unit: Unit, name: str, user: str, password: SecretRef) -> Manifest:
    """An account in the form that the operator takes, which it reads again when it changes."""
    content = {**opaque({"username": user, "password": secret(password)}), "type": "kubernetes.io/basic-auth"}
    return _read_again(unit.put("v1", "Secret", name, content))


def _read_again(made: Manifest) -> Manifest:
    return replace(made, labels={**made.labels, **_READ_AGAIN})


def _spec(unit: Unit, server: Server, first: Datastore, administrator: str, owner: str) -> dict[str, Any]:
    cluster = unit.cluster
    settings, backups = cluster.postgresql, unit.plan.backups_of(server)
    owned = {"database": first.database, "owner": first.role, "secret": {"name": owner}}
    storage = {"size": server.storage or STORAGE}
    storage |= {"storageClass": cluster.storage_class} if cluster.storage_class else {}
    own = {**labels.of_unit(unit.plan, unit.namespace, server.name), **End.of_server(server).labels}
    postgresql: dict[str, Any] = {"parameters": {"password_encryption": "scram-sha-256", "shared_buffers": "64MB"}}
    if settings.instances > 1:
        # What has been confirmed is on two volumes. Without a second one nothing is confirmed.
        postgresql["synchronous"] = {"method": "any", "number": 1, "dataDurability": "required"}
    return {
        "instances": settings.instances,
        "imageName": cluster.images[server.kind],
        "imagePullPolicy": cluster.pull,
        "postgresUID": settings.user,
        "postgresGID": settings.group,
        "inheritedMetadata": {"labels": own},
        "storage": storage,
        "resources": pods.resources(_MEMORY, requested=_MEMORY),
        "enableSuperuserAccess": True,
        "superuserSecret": {"name": administrator},
        "bootstrap": {"initdb": {**owned, **_TEXTS}},
        **(postgresql_backups.settings(unit, server, backups, owned) if backups else {}),
        "managed": {"services": {"disabledDefaultServices": ["ro", "r"]}},
        "postgresql": postgresql,
        "affinity": {"podAntiAffinityType": "preferred", "topologyKey": "kubernetes.io/hostname"},
        "primaryUpdateStrategy": "unsupervised",
        "primaryUpdateMethod": "switchover",
        "enablePDB": True,
    }
