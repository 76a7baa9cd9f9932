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
from components.kubernetes.servers.pod import STORAGE
from plat import names
from plat.kubernetes import labels, pods
from plat.kubernetes.flows import CLOUDNATIVE_PG, End
from plat.plan.model import Datastore, SecretRef, Server

API = "postgresql.cnpg.io/v1"

_MEMORY = 512
_LONGEST = 50  # what the operator takes as a name
_PRIMARY = {"cnpg.io/instanceRole": "primary"}
_READ_AGAIN = {"cnpg.io/reload": "true"}


def of_server(unit: Unit, server: Server) -> Sequence[Manifest]:
    """Everything of `server`: the last one is up when all its instances are."""
    name = names.resource_name(*server.name.split("--"), limit=_LONGEST)
    first = next(store for store in unit.plan.datastores if store.server == server.name)
    administrator = _account(unit, f"{server.name}--administrator", server.admin_user, server.admin_secret)
    owner = _account(unit, f"{server.name}--owner", first.role, first.secret)
    policy = network.of_server(unit, server, by=CLOUDNATIVE_PG, asks_api=True)
    ports = [{"name": server.kind, "port": server.port, "targetPort": server.port, "protocol": "TCP"}]
    primary = {**End.of_server(server).labels, **_PRIMARY}
    selected = {"spec": {"selector": primary, "ports": ports}}
    service = unit.put("v1", "Service", server.name, selected, annotations=NO_AWAIT)
    before = [administrator, owner, policy, service, *outside.of(unit, server, primary)]
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
    )
    return [*before, running]


def _account(unit: Unit, name: str, user: str, password: SecretRef) -> Manifest:
    """An account in the form that the operator takes, which it reads again when it changes."""
    content = {**opaque({"username": user, "password": secret(password)}), "type": "kubernetes.io/basic-auth"}
    made = unit.put("v1", "Secret", name, content)
    return replace(made, labels={**made.labels, **_READ_AGAIN})


def _spec(unit: Unit, server: Server, first: Datastore, administrator: str, owner: str) -> dict[str, Any]:
    cluster = unit.cluster
    settings = cluster.postgresql
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
        "bootstrap": {
            "initdb": {
                "database": first.database,
                "owner": first.role,
                "secret": {"name": owner},
                "encoding": "UTF8",
                "localeCollate": "C.UTF-8",
                "localeCType": "C.UTF-8",
            }
        },
        "managed": {"services": {"disabledDefaultServices": ["ro", "r"]}},
        "postgresql": postgresql,
        "affinity": {"podAntiAffinityType": "preferred", "topologyKey": "kubernetes.io/hostname"},
        "primaryUpdateStrategy": "unsupervised",
        "primaryUpdateMethod": "switchover",
        "enablePDB": True,
    }
