"""A context's MongoDB on the local target: the one account besides the administrator's, in the context's database."""

from __future__ import annotations

import pulumi

from components.local.servers import RunningServer
from components.options import child
from plat.plan.model import Datastore
from providers.local import sdk


def create(store: Datastore, server: RunningServer, password: pulumi.Output[str], parent: pulumi.Resource) -> pulumi.Resource:
    """Makes the account of `store` in `server`; returns what a workload has to wait for."""
    return sdk.MongoDBUser(
        f"{store.name}--user",
        host=server.plan.host,
        port=server.plan.port,
        admin_user=server.plan.admin_user,
        admin_password=server.admin_password,
        user=store.role,
        password=password,
        database=store.database,
        opts=child(parent, provider=server.local, depends_on=server.made),
    )
