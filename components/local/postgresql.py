"""A context's PostgreSQL on the local target: database and role in a server, closed to everybody else."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_postgresql as postgresql

from components.local.servers import RunningServer, entrance
from components.options import child
from plat.plan.model import Contract, Datastore
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
        opts=child(parent, depends_on=server.made),
    )


def create(store: Datastore, server: RunningServer, password: pulumi.Output[str], parent: pulumi.Resource) -> pulumi.Resource:
    """Makes `store` in `server`; returns what a workload has to wait for.

    Names are the plan's literals, which the policy pack can judge before anything exists; so what must exist first is said
    apart from them.
    """
    role = postgresql.Role(
        f"{store.name}--role",
        name=store.role,
        login=True,
        password=password,
        # It owns the data: PostgreSQL does not let it go before them.
        opts=child(parent, provider=server.provider, holds_data=True),
    )
    if store.schema is not None:
        return sdk.PostgresSchema(
            f"{store.name}--schema",
            **entrance(server),
            server=server.plan.name,
            database=store.database,
            name=store.schema,
            role=store.role,
            opts=child(parent, provider=server.local, depends_on=[role, *server.shared], holds_data=True),
        )
    database = _database(store.name, store.database, store.role, server, parent, [role])
    return _fence(store.name, store.database, store.role, server, parent, database)


def share(database: str, server: RunningServer, parent: pulumi.Resource) -> pulumi.Resource:
    """Makes the database of `server` in which contexts have schemas of their own; it belongs to none of them."""
    made = _database(server.plan.name, database, server.plan.admin_user, server, parent, [])
    return _fence(server.plan.name, database, None, server, parent, made)


def publish(
    contract: Contract,
    server: RunningServer,
    password: pulumi.Output[str],
    parent: pulumi.Resource,
    waits_for: Sequence[pulumi.Resource],
) -> pulumi.Resource:
    """Makes the views of `contract` and lets its consumer read them; returns what both sides' workloads have to wait for.

    It is not protected: what it removes is the reader. The views stay, as the data behind them do.
    """
    return sdk.PostgresContract(
        contract.name,
        **entrance(server),
        database=contract.database,
        name=contract.schema,
        owner=contract.owner,
        reader=contract.role,
        password=password,
        expires=contract.expires,
        views=[
            {"name": view.name, "columns": [{"name": name, "type": kind} for name, kind in view.columns]}
            for view in contract.views
        ],
        opts=child(parent, provider=server.local, depends_on=waits_for),
    )


def _database(  # noqa: PLR0913, PLR0917 - an argument for each thing that differs
    name: str,
    database: str,
    owner: str,
    server: RunningServer,
    parent: pulumi.Resource,
    depends_on: Sequence[pulumi.Resource],
) -> postgresql.Database:
    return postgresql.Database(
        f"{name}--database",
        name=database,
        owner=owner,
        encoding="UTF8",
        template="template0",
        opts=child(parent, provider=server.provider, depends_on=depends_on, holds_data=True),
    )


def _fence(  # noqa: PLR0913, PLR0917 - an argument for each thing that differs
    name: str, database: str, owner: str | None, server: RunningServer, parent: pulumi.Resource, made: pulumi.Resource
) -> sdk.PostgresFence:
    return sdk.PostgresFence(
        f"{name}--fence",
        **entrance(server),
        server=server.plan.name,
        database=database,
        owner=owner,
        opts=child(parent, provider=server.local, depends_on=[made]),
    )
