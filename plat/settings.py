"""What every part of an environment's file is made of."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """A part of the file: nothing unknown, nothing converted, never changed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _network(text: str) -> str:
    ipaddress.ip_network(text)
    return text


def _address(text: str) -> str:
    ipaddress.IPv4Address(text)
    return text


Port = Annotated[int, Field(ge=1024, le=65535)]
Image = Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-zA-Z0-9._/:@-]{0,253}[a-zA-Z0-9])?$")]
Label = Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$")]
Network = Annotated[str, Field(pattern=r"^[0-9a-f.:]+/[0-9]{1,3}$"), AfterValidator(_network)]
IPv4Network = Annotated[str, Field(pattern=r"^[0-9.]+/[0-9]{1,2}$"), AfterValidator(_network)]
IPv4 = Annotated[str, AfterValidator(_address)]


class Images(Settings):
    """What the platform's own pods run; a deployable's image is its team's to name."""

    kafka: Image = Field(default="docker.io/apache/kafka:4.1.0", description="Kafka below /opt/kafka, with a Java.")
    mongodb: Image = Field(default="docker.io/plat/ferretdb:1.24", description="`plat-ferretdb` on its PATH.")
    mysql: Image = Field(default="docker.io/library/mariadb:10.11", description="`mariadbd` on its PATH.")
    pgbouncer: Image = Field(
        default="ghcr.io/cloudnative-pg/pgbouncer:1.24.1",
        description="`/usr/bin/pgbouncer`, and a user `pgbouncer` with the number 998, as CloudNativePG starts it.",
    )
    postgresql: Image = Field(default="docker.io/library/postgres:16", description="`postgres` and `initdb` on its PATH.")
    rabbitmq: Image = Field(default="docker.io/library/rabbitmq:3-management", description="`rabbitmq-server` on its PATH.")
    redis: Image = Field(default="docker.io/library/redis:7", description="`redis-server` on its PATH.")
    plat: Image = Field(
        default="docker.io/plat/plat:dev", description="This project: makes what is inside of servers, and tries the fences."
    )
