"""What a Kafka is told, wherever it runs: plain texts, without any client of it."""

from __future__ import annotations

# One node has one copy of everything, and nobody waits for it: it is up within seconds, also after it was killed.
ALONE = {
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "1000",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "log.cleaner.dedupe.buffer.size": "4194304",
    # A machine that fails costs the last second at most.
    "log.flush.interval.ms": "1000",
    "log.flush.scheduler.interval.ms": "1000",
}


def plain_login(user: str, password: str, *, knows: bool = False) -> str:
    """Return how one logs in as `user`; with `knows`, also whom one lets in."""
    quoted = _quoted(password)
    known = f" user_{user}={quoted}" if knows else ""
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    return f'{module} required username="{user}" password={quoted}{known};'


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def as_properties(settings: dict[str, str]) -> str:
    """Return `settings` as a properties file of Java has them, where a backslash begins an escape."""
    return "".join(f"{name}={value.replace(chr(92), chr(92) * 2)}\n" for name, value in settings.items())
