"""Server processes on the local target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import pulumi

from components.options import child
from plat.plan.model import Server
from providers.local import sdk


@dataclass(frozen=True)
class RunningServer:
    """A server of the plan with what is needed to work inside of it.

    `made` is what starts it, nothing where another stack does. `provider` is the administrator's way in for a provider that
    has one; `local` the local target's own provider; `shared` what has to be there before anything that contexts have in it.
    """

    plan: Server
    made: tuple[pulumi.Resource, ...]
    admin_password: pulumi.Output[str]
    local: sdk.Provider
    provider: pulumi.ProviderResource | None = None
    shared: tuple[pulumi.Resource, ...] = ()


class Entrance(TypedDict):
    """How our own resources get into a server: what all of them take."""

    host: str
    port: int
    admin_user: str
    admin_password: pulumi.Output[str]


def entrance(server: RunningServer) -> Entrance:
    """The administrator's way into `server` for a resource of our own."""
    plan = server.plan
    return {"host": plan.host, "port": plan.port, "admin_user": plan.admin_user, "admin_password": server.admin_password}


def create(server: Server, password: pulumi.Output[str], local: sdk.Provider, parent: pulumi.Resource) -> RunningServer:
    """Starts `server`."""
    resource = sdk.Server(
        server.name,
        name=server.name,
        kind=server.kind,
        version=server.version,
        host=server.host,
        port=server.port,
        extra_ports=dict(server.extra_ports),
        durability=server.durability,
        admin_user=server.admin_user,
        admin_password=password,
        labels={"context": server.owner, "team": server.team},
        opts=child(parent, provider=local, holds_data=True),
    )
    return RunningServer(server, (resource,), password, local)
