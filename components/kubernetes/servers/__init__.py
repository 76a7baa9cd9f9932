"""What there is to know of each kind of server as a pod: a new kind is added here."""

from __future__ import annotations

from collections.abc import Mapping

from components.kubernetes.servers import kafka, mongodb, mysql, postgresql, rabbitmq, redis
from components.kubernetes.servers.kind import Kind

KINDS: Mapping[str, Kind] = {
    "kafka": kafka.KIND,
    "mongodb": mongodb.KIND,
    "mysql": mysql.KIND,
    "postgresql": postgresql.KIND,
    "rabbitmq": rabbitmq.KIND,
    "redis": redis.KIND,
}
"""By what plans call them."""
