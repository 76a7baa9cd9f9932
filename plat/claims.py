"""Claims: the small, target-neutral vocabulary of who owns and who touches what.

A claim says one thing about one system: ownership of a datastore, access to one, a right at the broker, a workload, a
route. The landscape yields the *intended* claims (`plat.plan.intent`); the policy pack reads *observed* claims out of
resources; `plat audit` reads them out of servers. The rules in `plat.rules` judge either kind in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from plat.findings import Location

AccessMode = Literal["read", "write", "own"]
BrokerRight = Literal["publish", "consume", "configure"]

VERBS: Mapping[str, str] = {
    "read": "read from",
    "write": "write to",
    "own": "take ownership in",
    "publish": "publish to",
    "consume": "consume from",
    "configure": "configure",
}
"""How a sentence says each mode and right, as in `may publish to`."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a claim was read.

    `subject` is what the reader calls the thing (a context, a deployable, the URN of a resource); `location` the place in
    a descriptor, where there is one; `field` the property inside of it.
    """

    subject: str
    location: Location | None = None
    field: str = ""


@dataclass(frozen=True, slots=True)
class DatastoreClaim:
    """`owner` (a context) says that `datastore` is its own."""

    owner: str
    datastore: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class AccessClaim:
    """`who` (a context, or a name that no context bears) touches `datastore`, by `contract` when it names one."""

    who: str
    datastore: str
    mode: AccessMode
    origin: Origin
    contract: str | None = None
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContractClaim:
    """`consumer` may read `views` of `datastore` until the day `expires`, by the contract `name`."""

    name: str
    consumer: str
    datastore: str
    views: tuple[str, ...]
    expires: date
    origin: Origin


@dataclass(frozen=True, slots=True)
class TopicClaim:
    """`owner` (a context) publishes on `topic` (an exchange of RabbitMQ, a topic of Kafka), which is its own."""

    owner: str
    topic: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class GrantClaim:
    """`who` holds `right` on `resource` (exchange, queue, topic, group); `keys` are the routing keys for an exchange."""

    who: str
    right: BrokerRight
    resource: str
    origin: Origin
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkloadClaim:
    """`workload` is run by `team` and carries `contexts`."""

    workload: str
    team: str
    contexts: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class RouteClaim:
    """Workloads of `source` reach the surface of the context `destination`."""

    source: str
    destination: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class EgressClaim:
    """`workload` reaches `external`, a system outside of the landscape."""

    workload: str
    external: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class SeparationClaim:
    """The contexts `one` and `other` go separate ways, for `reason` if one is given: neither touches what is the other's."""

    one: str
    other: str
    reason: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class OpaqueClaim:
    """Something that cannot be judged, and so must not pass: `reason` says why, `remedy` what would make it readable."""

    what: str
    reason: str
    remedy: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class BreachClaim:
    """`what` opens a way round every fence, whoever takes it: `reason` says how, `remedy` what to do instead."""

    what: str
    reason: str
    remedy: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class ProtectionClaim:
    """`holder` (a server, a database) keeps data of `owner`, and is `protected` from being deleted, or not."""

    holder: str
    owner: str
    protected: bool
    origin: Origin


Claim = (
    DatastoreClaim
    | AccessClaim
    | ContractClaim
    | TopicClaim
    | GrantClaim
    | WorkloadClaim
    | RouteClaim
    | EgressClaim
    | SeparationClaim
    | OpaqueClaim
    | BreachClaim
    | ProtectionClaim
)
