"""What several observers need: on which planned server a resource lies."""

from __future__ import annotations

from urllib.parse import urlsplit

from plat.plan.model import LOOPBACK, Server, Workload
from policies.ground import Ground
from policies.observed import Observed, Properties, Unreadable

POSTGRESQL_PORT = 5432

_POINT_IT = "point its provider at a server of the landscape, by literal host and port, or leave the resource to Plat"


def postgresql_server(resource: Observed, ground: Ground) -> Server:
    """The server that a `postgresql:` resource is on. Raises Unreadable where that is none of the plan's."""
    return postgresql_provided(_provider(resource), ground)


def postgresql_provided(properties: Properties, ground: Ground) -> Server:
    """The server that a PostgreSQL provider with these properties points at. Raises Unreadable."""
    host, port = properties.text("host"), properties.number("port", POSTGRESQL_PORT)
    return _planned(ground.server_at("postgresql", host, port), properties.field("host"), f"{host}:{port}")


def rabbitmq_server(resource: Observed, ground: Ground) -> Server:
    """The broker that a `rabbitmq:` resource is on. Raises Unreadable where that is none of the plan's."""
    return rabbitmq_provided(_provider(resource), ground)


def rabbitmq_provided(properties: Properties, ground: Ground) -> Server:
    """The broker whose management interface a RabbitMQ provider points at. Raises Unreadable."""
    field = properties.field("endpoint")
    try:
        parts = urlsplit(properties.text("endpoint"))
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        raise Unreadable(field, "it is no URL", _POINT_IT) from None
    return _planned(ground.broker_managed_at(host, port), field, f"{host}:{port}")


def kafka_server(resource: Observed, ground: Ground) -> Server:
    """The broker that a `kafka:` resource is on. Raises Unreadable where that is none of the plan's."""
    return kafka_provided(_provider(resource), ground)


def kafka_provided(properties: Properties, ground: Ground) -> Server:
    """The broker that a Kafka provider points at, by every address that it has. Raises Unreadable."""
    field = properties.field("bootstrapServers")
    addresses = properties.encoded_texts("bootstrapServers")
    if not addresses:
        raise Unreadable(field, "it names no broker", _POINT_IT)
    servers = [_planned(_kafka_at(address, ground), field, address) for address in addresses]
    return servers[0]  # A landscape has one broker, and each address has led to it.


def _kafka_at(address: str, ground: Ground) -> Server | None:
    host, _, port = address.rpartition(":")
    return ground.server_at("kafka", host, int(port)) if port.isascii() and port.isdecimal() else None


def local_server(properties: Properties, kind: str, ground: Ground) -> Server:
    """The server of `kind` that `host` and `port` of a `platlocal:` resource name. Raises Unreadable."""
    host, port = properties.text("host", LOOPBACK), properties.number("port")
    return _planned(ground.server_at(kind, host, port), properties.field("port"), f"{host}:{port}")


def elsewhere(name: str, planned: Server | Workload) -> str:
    """Why something is not to be on this machine that the plan has on another target."""
    where = f"on the machine `{planned.machine}`" if planned.machine else "on a cluster"
    return f"`{name}` is planned {where}, and this one would take its name and its place"


def _provider(resource: Observed) -> Properties:
    if not resource.provider:
        raise Unreadable("provider", "it has no provider that says which server it is on", _POINT_IT)
    return resource.provider.properties


def _planned(server: Server | None, field: str, place: str) -> Server:
    if not server:
        raise Unreadable(field, f"{place} is no server of this landscape", _POINT_IT)
    return server
