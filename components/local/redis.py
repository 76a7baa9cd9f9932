"""A context's Redis on the local target: the one user besides the administrator."""

from __future__ import annotations

import pulumi

from components.local.servers import RunningServer, entrance
from components.options import child
from plat.plan.model import Datastore
from providers.local import sdk


def create(store: Datastore, server: RunningServer, password: pulumi.Output[str], parent: pulumi.Resource) -> pulumi.Resource:
    """Makes the user of `store` in `server`; returns what a workload has to wait for."""
    return sdk.RedisUser(
        f"{store.name}--user",
        **entrance(server),
        user=store.role,
        password=password,
        opts=child(parent, provider=server.local, depends_on=server.made),
    )
