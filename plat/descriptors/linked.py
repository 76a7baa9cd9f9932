"""The linked model: every descriptor of one system, with what each refers to known to be there.

Contexts, deployables, teams and externals are sorted by name, relations by what they lead to, in any order of files.
A context's datastores keep the order in which its team wrote them: the first one is the primary one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Protocol, TypeVar

from plat.descriptors.parts import (
    Availability,
    Cadence,
    DatastoreType,
    DeployableRole,
    Durability,
    Event,
    Isolation,
    OfferedPattern,
    Operation,
    Pattern,
    Pooling,
    Role,
    Runtime,
    Scaling,
    Subdomain,
    SymmetricPattern,
    TeamType,
)
from plat.descriptors.source import Source
from plat.findings import Location
from plat.grouping import grouped_by_each


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Something that stands in a descriptor and can say where."""

    source: Source = field(repr=False, compare=False)

    @cached_property
    def location(self) -> Location:
        """Where it begins."""
        return self.source.at("")

    def at(self, field_path: str) -> Location:
        """Give the place of a field, such as `datastore.type`, `deployables[0].image` or `upstreams[pricing].uses`.

        Where the field is not written (it has its default), this is the place of what would hold it.
        """
        return self.source.at(field_path)


@dataclass(frozen=True, kw_only=True)
class LinkedTeam(Placed):
    """A team."""

    name: str
    type: TeamType
    contact: str | None


@dataclass(frozen=True, kw_only=True)
class LinkedBroker(Placed):
    """The message broker; `team` runs it (the platform team where nothing else is said, None where there is none).

    `retention` (as written: `7d`) and `partitions` hold for events that say nothing else.
    """

    type: str
    team: str | None
    retention: str
    partitions: int


@dataclass(frozen=True, kw_only=True)
class LinkedExternal(Placed):
    """A system outside of the landscape."""

    name: str
    host: str
    port: int
    purpose: str | None


@dataclass(frozen=True, kw_only=True)
class LinkedDatastore(Placed):
    """A store, `name` being the owner's name where no other was given."""

    name: str
    type: DatastoreType
    version: str | None
    storage: str | None
    isolation: Isolation
    durability: Durability
    pooling: Pooling | None


@dataclass(frozen=True, kw_only=True)
class LinkedAccess(Placed):
    """A touch on the datastore of the context `owner`; `type` is None where the descriptor named the context alone."""

    owner: str
    type: str | None
    mode: str
    tables: tuple[str, ...]
    contract: str | None


@dataclass(frozen=True, kw_only=True)
class LinkedConsumption(Placed):
    """An event of `producer` that is read from `queue`; `version` and `queue` are always filled in."""

    producer: str
    event: str
    version: int
    queue: str
    role: Role | None
    pattern: Pattern | None


@dataclass(frozen=True, kw_only=True)
class LinkedUpstream(Placed):
    """A call to `context`, which is a context or a deployable of its own; `uses` are sorted."""

    context: str
    uses: tuple[str, ...]
    pattern: Pattern | None


@dataclass(frozen=True, kw_only=True)
class LinkedRelease(Placed):
    """How often something is released; all with one `train` are released together."""

    train: str
    cadence: Cadence | None


@dataclass(frozen=True, kw_only=True)
class LinkedRelation(Placed):
    """A relation without upstream and downstream; `between` are contexts, sorted."""

    between: tuple[str, ...]
    pattern: SymmetricPattern
    reason: str | None
    contract: str | None


@dataclass(frozen=True, kw_only=True)
class LinkedException(Placed):
    """A finding that is accepted up to and including the day `until`."""

    rule: str
    subject: str
    reason: str
    owner: str
    until: date


@dataclass(frozen=True, kw_only=True)
class LinkedView(Placed):
    """A published view, with the PostgreSQL type of each column in the order in which they are promised."""

    name: str
    columns: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class LinkedContract(Placed):
    """A data contract: `provider` publishes `views` of its store of type `datastore` for `consumer`, until `expires`."""

    name: str
    provider: str
    datastore: DatastoreType
    consumer: str
    views: tuple[LinkedView, ...]
    reason: str
    provider_owner: str
    consumer_owner: str
    expires: date
    standard: str | None


@dataclass(frozen=True, kw_only=True)
class LinkedDeployable(Placed):
    """Something that runs.

    `contexts` are those that it belongs to or hosts; `standalone` tells a descriptor of kind Deployable from an entry
    in a context. `upstreams` are what it calls: its own or its contexts', without those that it hosts itself; where
    several of its contexts call one upstream, each has its entry. `exposes` is what a standalone one offers itself.
    `external_patterns` says for some of `externals` by which pattern it depends on them.
    """

    name: str
    team: str
    standalone: bool
    role: DeployableRole | None
    contexts: tuple[str, ...]
    image: str
    command: tuple[str, ...]
    port: int | None
    environment: Mapping[str, str]
    runtime: Runtime
    scaling: Scaling
    exposes: Mapping[str, Operation]
    upstreams: tuple[LinkedUpstream, ...]
    externals: tuple[str, ...]
    external_patterns: Mapping[str, Pattern]
    availability: Availability
    release: LinkedRelease


@dataclass(frozen=True, kw_only=True)
class LinkedContext(Placed):
    """A bounded context. `deployables` are the names of all that it runs in, its own or those that host it."""

    name: str
    team: str
    subdomain: Subdomain
    purpose: str
    datastores: tuple[LinkedDatastore, ...]
    accesses: tuple[LinkedAccess, ...]
    runtime: Runtime
    scaling: Scaling
    outbox: bool
    availability: Availability
    release: LinkedRelease
    deployables: tuple[str, ...]
    offered_as: tuple[OfferedPattern, ...]
    exposes: Mapping[str, Operation]
    publishes: Mapping[str, Event]
    consumes: tuple[LinkedConsumption, ...]
    upstreams: tuple[LinkedUpstream, ...]


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_N = TypeVar("_N", bound=_Named)


@dataclass(frozen=True, kw_only=True)
class Landscape(Placed):
    """One system: teams, contexts, deployables, agreements, broker and externals, read from the folder `root_dir`.

    `relations_share` is the share of possible relations from where on the map is a big ball of mud.
    """

    name: str
    title: str
    purpose: str | None
    root_dir: Path
    teams: tuple[LinkedTeam, ...]
    platform_team: str | None
    broker: LinkedBroker | None
    externals: tuple[LinkedExternal, ...]
    contexts: tuple[LinkedContext, ...]
    deployables: tuple[LinkedDeployable, ...]
    relations: tuple[LinkedRelation, ...]
    contracts: tuple[LinkedContract, ...]
    exceptions: tuple[LinkedException, ...]
    relations_share: float

    def team(self, name: str) -> LinkedTeam:
        """Give the team of that name. Raises KeyError where there is none."""
        return _called(self.teams, name)

    def context(self, name: str) -> LinkedContext:
        """Give the context of that name. Raises KeyError where there is none."""
        return self._contexts[name]

    def deployable(self, name: str) -> LinkedDeployable:
        """Give the deployable of that name. Raises KeyError where there is none."""
        return self._deployables[name]

    def external(self, name: str) -> LinkedExternal:
        """Give the external system of that name. Raises KeyError where there is none."""
        return _called(self.externals, name)

    def contract(self, name: str) -> LinkedContract:
        """Give the data contract of that name. Raises KeyError where there is none."""
        return _called(self.contracts, name)

    def deployables_of(self, context: str) -> tuple[LinkedDeployable, ...]:
        """Give the deployables that a context runs in."""
        return self._deployables_of.get(context, ())

    @cached_property
    def _deployables_of(self) -> Mapping[str, tuple[LinkedDeployable, ...]]:
        return grouped_by_each(self.deployables, lambda deployable: deployable.contexts)

    @cached_property
    def _contexts(self) -> Mapping[str, LinkedContext]:
        return {context.name: context for context in self.contexts}

    @cached_property
    def _deployables(self) -> Mapping[str, LinkedDeployable]:
        return {deployable.name: deployable for deployable in self.deployables}


def _called(things: Sequence[_N], name: str) -> _N:
    for thing in things:
        if thing.name == name:
            return thing
    raise KeyError(name)
