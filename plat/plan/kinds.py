"""What there is to know of each kind of datastore and broker that the local target runs: a new kind is added here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from plat import names
from plat.plan.model import PLATFORM, Broker, Datastore, Server

ClientVariables = tuple[dict[str, str], tuple[str, ...]]
"""Literal variables, and the names of those that hold the password."""


@dataclass(frozen=True, slots=True)
class StoreKind:
    """One kind of datastore."""

    title: str
    administrator: str
    scheme: str
    """What its addresses begin with."""

    databases: bool
    """Whether a server has databases and roles by name; else a store is its server's only one."""

    relational: bool
    """Whether it has tables and transactions, and so may hold an outbox."""

    nameless: bool
    """Whether somebody may log in, or try to, without saying a name."""

    client: Callable[[Datastore, Server], ClientVariables]
    """What its usual client reads, so that nobody has to write an address with a password on a command line."""

    command: Callable[[Datastore, Server], str]
    """How that client is called with these variables."""

    port: int
    """Where it listens when it has an address to itself."""

    query: str = ""
    """What follows the database in its addresses."""

    refused: Mapping[str, str] = field(default_factory=dict)
    """The isolations that are not to be had, each with what to say about it."""


@dataclass(frozen=True, slots=True)
class BrokerKind:
    """One kind of broker."""

    title: str
    administrator: str
    scheme: str
    command: Callable[[Broker], str]
    """How its own tool lists what is in it."""

    port: int
    """Where it listens when it has an address to itself."""

    extra_ports: Mapping[str, int] = field(default_factory=dict)
    """The ports that it needs besides its own, by purpose, as they are when it has an address to itself."""

    also_at: int | None = None
    """Where it listens for those who know it by another address, if it has to tell them which."""

    @property
    def outside(self) -> int:
        """Where it takes what comes from elsewhere."""
        return self.also_at or self.port


def _psql(store: Datastore, server: Server) -> ClientVariables:
    found = {"PGHOST": server.host, "PGPORT": str(server.port), "PGUSER": store.role, "PGDATABASE": store.database}
    return found, ("PGPASSWORD",)


def _mariadb(store: Datastore, server: Server) -> ClientVariables:
    # The client itself reads neither user nor database; the set-up's `mariadb` hands them to it.
    found = {"MYSQL_HOST": server.host, "MYSQL_TCP_PORT": str(server.port)}
    return {**found, "MYSQL_USER": store.role, "MYSQL_DATABASE": store.database}, ("MYSQL_PWD",)


def _redis_cli(_store: Datastore, _server: Server) -> ClientVariables:
    return {}, ("REDISCLI_AUTH",)


STORES: Mapping[str, StoreKind] = {
    "mongodb": StoreKind(
        title="MongoDB",
        administrator="admin",
        scheme="mongodb",
        databases=True,
        relational=False,
        nameless=True,
        # No client of MongoDB's reads variables by itself.
        client=lambda _store, _server: ({}, ()),
        command=lambda _store, _server: "mongosh --nodb --shell --eval 'db = connect(process.env.MONGODB_URL)'",
        port=27017,
        # Which is the default of what is left out, but not every client knows that.
        query="?authSource={database}",
        refused={"database": "`isolation: database` is not to be had of mongodb, whose server knows no roles: `instance` is"},
    ),
    "mysql": StoreKind(
        title="MariaDB",
        administrator="admin",
        scheme="mysql",
        databases=True,
        relational=True,
        nameless=True,
        client=_mariadb,
        command=lambda _store, _server: "mariadb",
        port=3306,
        refused={
            "schema": "`isolation: schema` is not to be had of mysql, where a schema is a database: `database` or `instance`"
        },
    ),
    "postgresql": StoreKind(
        title="PostgreSQL",
        administrator="postgres",
        scheme="postgresql",
        databases=True,
        relational=True,
        nameless=False,
        client=_psql,
        command=lambda _store, _server: "psql",
        port=5432,
    ),
    "redis": StoreKind(
        title="Redis",
        administrator="admin",
        scheme="redis",
        databases=False,
        relational=False,
        nameless=True,
        client=_redis_cli,
        command=lambda store, server: f"redis-cli -h {server.host} -p {server.port} --user {store.role}",
        port=6379,
        refused={
            "database": "`isolation: database` is not to be had of redis: `instance` is",
            "schema": "`isolation: schema` is not to be had of redis: `instance` is",
        },
    ),
}
"""By what descriptors call them."""

BROKERS: Mapping[str, BrokerKind] = {
    "kafka": BrokerKind(
        "Kafka", "admin", "kafka", lambda _broker: "kafka-topics --list", 9092, {"controller": 9093}, also_at=9095
    ),
    "rabbitmq": BrokerKind(
        "RabbitMQ",
        "admin",
        "amqp",
        lambda broker: f"rabbitmqctl list_queues -p {broker.vhost}",
        5672,
        {"distribution": 25672, "epmd": 4369, "management": 15672},
    ),
}
"""By what descriptors call them."""


def any_kind(name: str) -> StoreKind | BrokerKind:
    """What there is to know of a kind, datastore or broker. Raises KeyError where it is neither."""
    return STORES.get(name) or BROKERS[name]


def broker_server(kind: str) -> str:
    """The name of the server that is a landscape's broker."""
    return names.resource_name(PLATFORM, kind)
