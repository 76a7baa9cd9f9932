"""A context's PostgreSQL on the local target: database and role in a server, closed to everybody else."""

from __future__ import annotations

import pulumi
import pulumi_postgresql as postgresql

from components.local.servers import RunningServer
from components.options import child
from plat.plan.model import Datastore
from providers.local import sdk


def administrator(server: RunningServer, parent: pulumi.Resource) -> postgresql.Provider:
    """The way into `server` as its administrator."""
    return postgresql.Provider(
        server.plan.name,
        host=server.plan.host,
        port=server.plan.port,
        username=server.plan.admin_user,
        password=server.admin_password,
        sslmode="disable",  # loopback
        superuser=True,
        opts=child(parent, depends_on=[server.resource]),
    )


def create(store: Datastore, server: RunningServer, password: pulumi.Output[str], parent: pulumi.Resource) -> pulumi.Resource:
    """Makes `store` in `server`; returns what a workload has to wait for.

    Names are the plan's literals, which the policy pack can judge before anything exists; so what must exist first is said
    apart from them.
    """
    provider = server.provider
    role = postgresql.Role(
        f"{store.name}--role",
        name=store.role,
        login=True,
        password=password,
        # It owns the data: PostgreSQL does not let it go before them.
        opts=child(parent, provider=provider, holds_data=True),
    )
    database = postgresql.Database(
        f"{store.name}--database",
        name=store.database,
        owner=store.role,
        encoding="UTF8",
        template="template0",
        opts=child(parent, provider=provider, depends_on=[role], holds_data=True),
    )
    return sdk.PostgresFence(
        f"{store.name}--fence",
        host=server.plan.host,
        port=server.plan.port,
        admin_user=server.plan.admin_user,
        admin_password=server.admin_password,
        database=store.database,
        owner=store.role,
        opts=child(parent, provider=server.local, depends_on=[database]),
    )
