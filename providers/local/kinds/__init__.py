"""The kinds of servers that there are."""

from __future__ import annotations

from collections.abc import Mapping

from providers.local.kinds.base import Answer, Kind, Ping, Place
from providers.local.kinds.kafka import Kafka
from providers.local.kinds.mongodb import MongoDB
from providers.local.kinds.mysql import MySQL
from providers.local.kinds.postgresql import PostgreSQL
from providers.local.kinds.rabbitmq import RabbitMQ
from providers.local.kinds.redis import Redis

KINDS: Mapping[str, Kind] = {
    "kafka": Kafka(),
    "mongodb": MongoDB(),
    "mysql": MySQL(),
    "postgresql": PostgreSQL(),
    "rabbitmq": RabbitMQ(),
    "redis": Redis(),
}

__all__ = ["KINDS", "Answer", "Kind", "Ping", "Place"]
