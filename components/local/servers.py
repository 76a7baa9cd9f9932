"""Server processes on the local target."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.options import child
from plat.plan.model import Server
from providers.local import sdk


@dataclass(frozen=True)
class RunningServer:
    """A server of the plan with what is needed to work inside of it.

    `provider` is the administrator's way in for a provider that has one; `local` the local target's own provider.
    """

    plan: Server
    resource: sdk.Server
    admin_password: pulumi.Output[str]
    local: sdk.Provider
    provider: pulumi.ProviderResource | None = None


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
    return RunningServer(server, resource, password, local)
