"""A context's outbox on the local target."""

from __future__ import annotations

import pulumi

from components.local.servers import RunningServer, entrance
from components.options import child
from plat.plan.model import Datastore
from providers.local import sdk


def create(store: Datastore, server: RunningServer, parent: pulumi.Resource, made: pulumi.Resource) -> pulumi.Resource:
    """Makes the outbox in `store`, which has been `made`; returns what a workload has to wait for.

    It is not protected: the resource never drops the table, so that a context can do without it again.
    """
    return sdk.Outbox(
        f"{store.name}--outbox",
        **entrance(server),
        kind=store.type,
        database=store.database,
        table_schema=store.schema,
        owner=store.role,
        opts=child(parent, provider=server.local, depends_on=[made]),
    )
