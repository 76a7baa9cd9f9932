"""What each resource takes, property by property. Names on the wire are in camel case.

The descriptions are the reference: meaning, default, limits and what a property excludes.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from providers.common.inputs import Inputs, Port

KIND_TITLES: Mapping[str, str] = {
    "kafka": "Kafka",
    "mongodb": "MongoDB",
    "mysql": "MariaDB",
    "postgresql": "PostgreSQL",
    "rabbitmq": "RabbitMQ",
    "redis": "Redis",
}


def _is_private(host: str) -> bool:
    """Whether it is an address of this machine alone, or of a network of its owner's."""
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return address.is_private and not address.is_unspecified


def _reached(host: str) -> str:
    # A cluster fences its Services (docs/adr/0018).
    if not _is_private(host) and not _SERVICE.fullmatch(host):
        msg = f"`{host}` is neither a private address of IPv4 nor a Service of a cluster, and without TLS nothing else is safe"
        raise ValueError(msg)
    return host


def _listens(host: str) -> str:
    if not _is_private(host):
        msg = f"`{host}` is no loopback or private address of IPv4, and without TLS servers listen on nothing else"
        raise ValueError(msg)
    return host


_SERVICE = re.compile(r"[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*\.svc(?:\.[a-z0-9.-]+)?")

Name = Annotated[str, Field(pattern=r"^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$")]
Host = Annotated[str, AfterValidator(_listens)]
Reached = Annotated[str, AfterValidator(_reached)]
Account = Annotated[str, Field(pattern=r"^[a-z_][-a-z0-9_]{0,62}$")]
# Printable ASCII without spaces means the same to every server, in files, in URLs after escaping, and in SASL.
Password = Annotated[str, Field(pattern=r"^[!-~]{8,200}$")]
Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
VariableText = Annotated[str, Field(pattern=r"^[^\x00]*$")]


class KafkaPorts(Inputs):
    """The further port of a Kafka."""

    controller: Port = Field(description="Where the node's controller listens, to the node itself alone.")


class ExtraPorts(Inputs):
    """The further ports of a RabbitMQ."""

    management: Port = Field(description="HTTP interface for administration, which pulumi-rabbitmq uses.")
    epmd: Port = Field(description="Name service of Erlang nodes, one per server so that none is shared or lingers.")
    distribution: Port = Field(description="What `rabbitmqctl` talks to.")


KAFKA_TAG = "(kafka)"
RABBITMQ_TAG = "(rabbitmq)"


def _whose_ports(value: object) -> str:
    is_kafka = "controller" in value if isinstance(value, Mapping) else isinstance(value, KafkaPorts)
    return KAFKA_TAG if is_kafka else RABBITMQ_TAG


# Told apart first, so that an error speaks of one of them; the tag is no part of the property's name.
SomePorts = Annotated[
    Annotated[ExtraPorts, Tag(RABBITMQ_TAG)] | Annotated[KafkaPorts, Tag(KAFKA_TAG)], Discriminator(_whose_ports)
]


class ServerInputs(Inputs):
    """`platlocal:index:Server`: one server with a data directory and an administrator of its own."""

    name: Name = Field(description="Unique in the runtime; a DNS label. Cannot change: it names the data directory.")
    kind: Literal["kafka", "mongodb", "mysql", "postgresql", "rabbitmq", "redis"] = Field(
        description="What it is. Cannot change."
    )
    version: str | None = Field(
        default=None,
        pattern=r"^[0-9]{1,3}(?:\.[0-9]{1,3}){0,2}$",
        description="The version wanted. Only the major part counts; the nearest one installed is used, with a warning. "
        "Default: what the data was written by, else the newest. Excludes data of another major version.",
    )
    host: Host = Field(default="127.0.0.1", description="The loopback or private address to listen on.")
    port: Port = Field(description="The port to listen on.")
    extra_ports: SomePorts | None = Field(default=None, description="Required for rabbitmq and kafka, excluded otherwise.")
    durability: Literal["persistent", "ephemeral"] = Field(
        default="persistent",
        description="`ephemeral`: redis keeps nothing over a restart, postgresql, mysql and mongodb do not wait for the disk "
        "(a crash of the machine may cost their data). rabbitmq and kafka are always persistent.",
    )
    admin_user: Account = Field(description="The administrator. Cannot change.")
    admin_password: Password = Field(description="The administrator's password: 8 to 200 printable ASCII characters. Secret.")
    labels: Mapping[str, str] = Field(default_factory=dict, description="Who owns it, for people and policies. Only stored.")
    settings: Mapping[str, str] = Field(
        default_factory=dict,
        description="Lines for the server's configuration, by name. What decides on addresses, files and authentication "
        "is excluded.",
    )


class ProcessInputs(Inputs):
    """`platlocal:index:Process`: a deployable."""

    name: Name = Field(description="Unique in the runtime; a DNS label. Cannot change.")
    command: Annotated[list[VariableText], Field(min_length=1)] = Field(
        description="Program and arguments, run without a shell. `python` is the project's interpreter."
    )
    workdir: str = Field(
        default=".", pattern=r"^[^\x00]+$", description="The folder to run in, relative to the checkout; it cannot leave it."
    )
    environment: Mapping[Variable, VariableText] = Field(
        default_factory=dict, description="Variables. `$(NAME)` stands for another one's value, `$$` for a dollar sign."
    )
    secrets: Mapping[Variable, VariableText] = Field(
        default_factory=dict, description="Variables whose values are secret, taken literally. Excludes names of the others."
    )
    host: Host = Field(default="127.0.0.1", description="The loopback or private address it listens on.")
    port: Port | None = Field(
        default=None,
        description="The port it listens on: `GET /ready` there has to answer 2xx, or 404 or 405 where it has no such page. "
        "Default: none, then it has to run for a second.",
    )
    labels: Mapping[str, str] = Field(default_factory=dict, description="Who owns it, for people and policies. Only stored.")


class RedisUserInputs(Inputs):
    """`platlocal:index:RedisUser`: one account inside a Redis."""

    host: Reached = Field(default="127.0.0.1", description="Where the Redis listens.")
    port: Port = Field(description="Where the Redis listens.")
    admin_user: Account = Field(description="The administrator of that Redis.")
    admin_password: Password = Field(description="The administrator's password. Secret.")
    user: Account = Field(description="The account's name. A change makes a new account and removes the old.")
    password: Password = Field(description="The account's password. Secret.")
    keys: list[Annotated[str, Field(pattern=r"^[!-~]+$")]] = Field(
        default=["*"], description="Patterns of keys (and of channels) that it may touch."
    )
    commands: list[Annotated[str, Field(pattern=r"^[+-]@?[a-z0-9|_-]+$")]] = Field(
        default=["+@all", "-@admin", "-@dangerous", "+keys", "+flushdb", "+info"],
        description="Rules in the order of `ACL SETUSER`. Default: all an owner of the whole store needs, nothing that "
        "changes the server, its accounts or its replication.",
    )


class PostgresFenceInputs(Inputs):
    """`platlocal:index:PostgresFence`: what PostgreSQL leaves open to everybody, closed for one database."""

    host: Reached = Field(default="127.0.0.1", description="Where the PostgreSQL listens.")
    port: Port = Field(description="Where the PostgreSQL listens.")
    admin_user: Account = Field(description="A superuser of that PostgreSQL.")
    admin_password: Password = Field(description="The superuser's password. Secret.")
    server: Name | None = Field(
        default=None, description="The server's name. Cannot change: the data would stay behind. Default: not said."
    )
    database: Account = Field(description="The database to fence. A change fences the other one too.")
    owner: Account | None = Field(
        default=None,
        description="The role that owns the database; the schema `public` becomes its own. Default: the administrator, as "
        "in a database in which contexts have schemas of their own.",
    )


class PostgresSchemaInputs(Inputs):
    """`platlocal:index:PostgresSchema`: a schema of a shared database that one role works in, and that role nowhere else."""

    host: Reached = Field(default="127.0.0.1", description="Where the PostgreSQL listens.")
    port: Port = Field(description="Where the PostgreSQL listens.")
    admin_user: Account = Field(description="A superuser of that PostgreSQL.")
    admin_password: Password = Field(description="The superuser's password. Secret.")
    server: Name | None = Field(
        default=None, description="The server's name. Cannot change: the data would stay behind. Default: not said."
    )
    database: Account = Field(description="The database that holds it. Cannot change.")
    name: Account = Field(description="The schema. Cannot change.")
    role: Account = Field(
        description="The role that may make and use what is in it, and finds its tables there. The schema itself stays the "
        "administrator's, so that the role cannot open it to others."
    )


class MongoDBUserInputs(Inputs):
    """`platlocal:index:MongoDBUser`: one account inside a MongoDB, which reaches the database that it is made in alone."""

    host: Reached = Field(default="127.0.0.1", description="Where the MongoDB listens.")
    port: Port = Field(description="Where the MongoDB listens.")
    admin_user: Account = Field(description="The administrator of that MongoDB.")
    admin_password: Password = Field(description="The administrator's password. Secret.")
    user: Account = Field(description="The account's name. A change makes a new account and removes the old.")
    password: Password = Field(description="The account's password. Secret.")
    database: Account = Field(
        description="The account's own database, which it names as `authSource` when it logs in. A change makes a new account "
        "and removes the old; the documents stay. Excludes `admin`, `config` and `local`, which are the server's."
    )


class MySQLDatabaseInputs(Inputs):
    """`platlocal:index:MySQLDatabase`: one database inside a MariaDB, closed to everybody."""

    host: Reached = Field(default="127.0.0.1", description="Where the MariaDB listens.")
    port: Port = Field(description="Where the MariaDB listens.")
    admin_user: Account = Field(description="The administrator of that MariaDB.")
    admin_password: Password = Field(description="The administrator's password. Secret.")
    database: Account = Field(description="The database's name. Cannot change.")


class MySQLUserInputs(Inputs):
    """`platlocal:index:MySQLUser`: one account inside a MariaDB, with all rights on one database and no others."""

    host: Reached = Field(default="127.0.0.1", description="Where the MariaDB listens.")
    port: Port = Field(description="Where the MariaDB listens.")
    admin_user: Account = Field(description="The administrator of that MariaDB.")
    admin_password: Password = Field(description="The administrator's password. Secret.")
    user: Account = Field(description="The account's name. A change makes a new account and removes the old.")
    password: Password = Field(description="The account's password. Secret.")
    database: Account = Field(description="The database that is its own.")


class ViewColumn(Inputs):
    """A column of a published view."""

    name: Account = Field(description="Its name.")
    type: str = Field(
        pattern=r"^[a-z][a-z ]{0,20}(?:\([0-9]{1,8}(?:, ?[0-9]{1,3})?\))?(?:\[\])?$", description="A type of PostgreSQL's own."
    )


class PublishedView(Inputs):
    """A published view; a column can be added at the end, and no other change can be made."""

    name: Account = Field(description="Its name in the contract's schema.")
    columns: Annotated[list[ViewColumn], Field(min_length=1)] = Field(description="What it promises, in this order.")


class PostgresContractInputs(Inputs):
    """`platlocal:index:PostgresContract`: views that one role publishes, and another role that may read them alone."""

    host: Reached = Field(default="127.0.0.1", description="Where the PostgreSQL listens.")
    port: Port = Field(description="Where the PostgreSQL listens.")
    admin_user: Account = Field(description="A superuser of that PostgreSQL.")
    admin_password: Password = Field(description="The superuser's password. Secret.")
    database: Account = Field(description="The provider's database, or the one that holds its schema.")
    name: Account = Field(description="The contract's schema. Cannot change.")
    owner: Account = Field(description="The provider's role: it owns the views, and replaces them by its own definitions.")
    reader: Account = Field(description="The consumer's role. A change makes a new one and removes the old.")
    password: Password = Field(description="The reader's password. Secret.")
    expires: str = Field(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="The last day, in UTC, on which the reader is let in."
    )
    views: Annotated[list[PublishedView], Field(min_length=1)] = Field(description="The views. None can be taken out.")


class OutboxInputs(Inputs):
    """`platlocal:index:Outbox`: the table in which a context writes events in one transaction with its data."""

    kind: Literal["postgresql", "mysql"] = Field(description="What kind of server it is in.")
    host: Reached = Field(default="127.0.0.1", description="Where the server listens.")
    port: Port = Field(description="Where the server listens.")
    admin_user: Account = Field(description="The administrator of that server.")
    admin_password: Password = Field(description="The administrator's password. Secret.")
    database: Account = Field(description="The context's database, or the one that holds its schema.")
    table_schema: Account = Field(
        default="public", description="The schema, of a postgresql. Default: the one of a database of one's own."
    )
    table: Account = Field(default="outbox", description="The table.")
    owner: Account = Field(description="The context's own role, to which the table belongs.")
