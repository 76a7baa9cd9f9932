"""Copies of a PostgreSQL that CloudNativePG makes: WAL as it comes, whole ones by a schedule, and a beginning out of them.

https://cloudnative-pg.io/documentation/1.27/appendixes/backup_barmanobjectstore/. An archive is one life of a server: the
next life's records would stand in the way of those that it was recovered from, so that it has an archive of its own.
"""

from __future__ import annotations

from typing import Any

from components.kubernetes.manifest import Hidden, Manifest, Unit, opaque, secret
from plat.plan.model import Backups, Server

_API = "postgresql.cnpg.io/v1"
_SOURCE = "archive"
_AUTHORITY = "ca.crt"
_KEYS = {"accessKeyId": "access-key", "secretAccessKey": "secret-key", "region": "region"}


def keys(unit: Unit, server: Server, backups: Backups) -> Manifest:
    """What an instance comes into the object store by: no pod mounts it, and the operator lets the instances read it."""
    name, key = backups.secrets
    texts: dict[str, str | Hidden] = {"access-key": secret(name), "secret-key": secret(key), "region": backups.region}
    texts |= {_AUTHORITY: backups.authority} if backups.authority else {}
    return unit.put("v1", "Secret", _keys_of(server), opaque(texts))


def settings(unit: Unit, server: Server, backups: Backups, owned: dict[str, Any]) -> dict[str, Any]:
    """What the specification of a `Cluster` says of its copies, and of its beginning where that is one of them.

    `owned` is whose its first database is.
    """
    lives = _lives(server, backups)
    store = _archive(unit, server, backups, lives)
    found: dict[str, Any] = {"backup": {"retentionPolicy": backups.retention, "barmanObjectStore": store}}
    if lives > 1:
        moment = backups.recoveries[server.name][-1]
        # In PostgreSQL's own form, which the operator hands on as it is. Of any other it makes one with `Z`, which PostgreSQL
        # does not know as it begins to recover.
        at = moment.replace("T", " ").replace("Z", "+00")
        until = {} if moment == "latest" else {"recoveryTarget": {"targetTime": at}}
        found["bootstrap"] = {"recovery": {**owned, "source": _SOURCE, **until}}
        before = _archive(unit, server, backups, lives - 1)
        found["externalClusters"] = [{"name": _SOURCE, "barmanObjectStore": before}]
    return found


def schedule(unit: Unit, server: Server, backups: Backups, running: Manifest) -> Manifest:
    """When whole copies are made: the first one of each life at once."""
    lives = _lives(server, backups)
    spec = {
        "schedule": backups.schedule,
        "immediate": True,
        "method": "barmanObjectStore",
        "backupOwnerReference": "cluster",
        "cluster": {"name": running.name},
    }
    # The same one in every life, so that the next schedule takes the place of the last.
    return unit.put(
        _API, "ScheduledBackup", f"{running.name}-{lives}", {"spec": spec}, resource=f"{server.name}--copies", after=[running]
    )


def _lives(server: Server, backups: Backups) -> int:
    return 1 + len(backups.recoveries.get(server.name, ()))


def _keys_of(server: Server) -> str:
    return f"{server.name}--backups"


def _archive(unit: Unit, server: Server, backups: Backups, life: int) -> dict[str, Any]:
    """The archive of one life of a server, as the operator takes it."""
    trusted = {"endpointCA": {"name": _keys_of(server), "key": _AUTHORITY}} if backups.authority else {}
    return {
        "destinationPath": f"{backups.destination}/{unit.plan.landscape}/{unit.plan.environment}/{unit.namespace.unit}",
        "serverName": f"{server.name}-{life}",
        "endpointURL": backups.endpoint,
        **trusted,
        "s3Credentials": {field: {"name": _keys_of(server), "key": key} for field, key in _KEYS.items()},
        "wal": {"compression": "gzip"},
        # One after the other: an instance has half a GiB for all that it does.
        "data": {"compression": "gzip", "immediateCheckpoint": True, "jobs": 1},
    }
