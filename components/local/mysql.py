"""A context's MariaDB on the local target: a database in a server, and the account that is let into it."""

from __future__ import annotations

import pulumi

from components.local.servers import RunningServer, entrance
from components.options import child
from plat.plan.model import Datastore
from providers.local import sdk


def create(store: Datastore, server: RunningServer, password: pulumi.Output[str], parent: pulumi.Resource) -> pulumi.Resource:
    """Makes `store` in `server`; returns what a workload has to wait for."""
    database = sdk.MySQLDatabase(
        f"{store.name}--database",
        **entrance(server),
        database=store.database,
        opts=child(parent, provider=server.local, depends_on=server.made, holds_data=True),
    )
    return sdk.MySQLUser(
        f"{store.name}--user",
        **entrance(server),
        user=store.role,
        password=password,
        database=store.database,
        opts=child(parent, provider=server.local, depends_on=[database]),
    )
