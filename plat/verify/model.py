"""What `plat verify` speaks of: doors that may be tried, keys to try them with, cells of the matrix, and outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from plat.plan.model import SecretRef

ANONYMOUS = "(anonymous)"
"""The principal that holds no credentials: whoever else is on the network."""


class MissingSecretError(Exception):
    """A credential that the plan names was not generated. The message is for the user."""


@dataclass(frozen=True, slots=True)
class Key:
    """A name and a password to try a door with.

    `user` is None for no name at all; `secret` names a generated password; `well_known` is one that everybody knows.
    Without either, no password is given.
    """

    user: str | None = None
    secret: SecretRef | None = None
    well_known: str | None = None

    def password(self, secrets: Mapping[SecretRef, str]) -> str | None:
        """The password itself, or None. Raises MissingSecretError where `secrets` lacks it."""
        if self.secret is None:
            return self.well_known
        if self.secret not in secrets:
            msg = f"the secret `{self.secret}` is not in the stack's outputs: the last update has not made it"
            raise MissingSecretError(msg)
        return secrets[self.secret]


@dataclass(frozen=True, slots=True)
class Sql:
    """Statements in one database of a PostgreSQL server, in a transaction that is rolled back."""

    database: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MySql:
    """Statements in one database of a MariaDB server, where each counts at once; `undo` takes back what they may have made."""

    database: str
    statements: tuple[str, ...]
    undo: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RedisCommands:
    """Commands at a Redis server, one after the other: all have to be obeyed, or (`any_of`) one is enough."""

    commands: tuple[tuple[str, ...], ...]
    any_of: bool = False


@dataclass(frozen=True, slots=True)
class MongoCommands:
    """Commands (JSON) in one database of a MongoDB server, one after the other: all have to be obeyed.

    `source` is the database whose accounts a key is looked for in.
    """

    database: str
    source: str
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Publish:
    """Publishing on an exchange with a routing key, taken back before anything is delivered."""

    vhost: str
    exchange: str
    routing_key: str


@dataclass(frozen=True, slots=True)
class Consume:
    """Consuming from a queue, without taking a message."""

    vhost: str
    queue: str


@dataclass(frozen=True, slots=True)
class Bind:
    """Binding an existing queue to another routing key of an exchange."""

    vhost: str
    queue: str
    exchange: str


@dataclass(frozen=True, slots=True)
class Declare:
    """Declaring a queue or an exchange: a new one, or one that exists, with other arguments (which changes nothing)."""

    vhost: str
    queue: str | None = None
    exchange: str | None = None


@dataclass(frozen=True, slots=True)
class AtKafka:
    """One attempt at a Kafka broker, made so that nothing is left of it even where it is let in.

    `name` is a topic, a user, or for `commit` a group, which reads `topic`; `come-in` is by the name of the administrator.
    """

    attempt: Literal[
        "alter",
        "change-rights",
        "change-users",
        "come-in",
        "commit",
        "create-topic",
        "delete-records",
        "describe",
        "produce",
        "read",
        "settings",
    ]
    name: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Get:
    """An HTTP GET of a path; `api` says that it is the broker's management interface."""

    path: str
    api: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """A connection by TCP: what the network lets through, whoever one is."""


Action = AtKafka | Sql | MySql | RedisCommands | MongoCommands | Publish | Consume | Bind | Declare | Get | Reach


@dataclass(frozen=True, slots=True)
class Door:
    """One right at one server: a row of the matrix is all the doors with one `target` and `right`.

    `kind` says what the target is, for people: `exchange`, `queue`, `PostgreSQL`, ...
    """

    target: str
    kind: str
    right: str
    host: str
    port: int
    action: Action


@dataclass(frozen=True, slots=True)
class Cell:
    """One principal before one door: what it tries, whether the plan lets it in, and by which relation (or why not)."""

    principal: str
    door: Door
    keys: tuple[Key, ...]
    allowed: bool
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened: let in, refused, or (None) not to be told; with the server's own words."""

    allowed: bool | None
    words: str


@dataclass(frozen=True, slots=True)
class Result:
    """A cell and its outcome."""

    cell: Cell
    outcome: Outcome

    @property
    def differs(self) -> bool:
        """Whether the server does other than the plan says. What could not be told differs."""
        return self.outcome.allowed is not self.cell.allowed
