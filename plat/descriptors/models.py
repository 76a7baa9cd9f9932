"""The kinds of descriptor (`apiVersion: plat/v1`) as strict models.

Lists keep the order in which they are written; nothing here looks at another descriptor.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from plat.descriptors import checks
from plat.descriptors.agreements import AcceptedFinding, DataContractDescriptor, Limits, SymmetricRelation
from plat.descriptors.base import Model, Unique, mapping_or_list
from plat.descriptors.fields import (
    Argument,
    Image,
    Label,
    LiteralText,
    OwnName,
    PascalName,
    Port,
    Purpose,
    Title,
    Variable,
)
from plat.descriptors.parts import (
    Access,
    Availability,
    BrokerSettings,
    Consumption,
    Datastore,
    Deployable,
    DeployableRole,
    Event,
    External,
    ExternalUses,
    OfferedPattern,
    Operation,
    Release,
    Runtime,
    Scaling,
    Subdomain,
    Team,
    Upstream,
)


class LandscapeDescriptor(Model):
    """`landscape.yaml`: what belongs to the whole landscape and to no context alone."""

    model_config = ConfigDict(title="Landscape")

    api_version: Literal["plat/v1"] = Field(alias="apiVersion", description="The version of this format: plat/v1.")
    kind: Literal["Landscape"] = Field(description="Landscape: stands once, in the file `landscape.yaml`.")
    name: OwnName = Field(description="The landscape's name, equal to the name of its folder: a DNS label.")
    title: Title | None = Field(default=None, description="A name for people, at most 120 characters. Default: the name.")
    purpose: Purpose | None = Field(default=None, description="What the system is for, in a sentence. Default: none.")
    teams: Annotated[tuple[Team, ...], Unique("team", "name")] = Field(
        max_length=5000,
        min_length=1,
        description="The teams. Every descriptor names one of them as its owner. At most 5000.",
    )
    platform_team: Label | None = Field(
        default=None,
        alias="platform-team",
        description="The team that owns what serves all contexts, one of `teams`. Default: none.",
    )
    broker: BrokerSettings | None = Field(
        default=None,
        description="The message broker. Default: none; then no context may publish or consume events.",
    )
    externals: Annotated[tuple[External, ...], Unique("external", "name")] = Field(
        max_length=1000,
        default=(),
        description="The systems outside that deployables may call. Default: none; what is not listed cannot be reached. "
        "At most 1000.",
    )
    relations: tuple[SymmetricRelation, ...] = Field(
        default=(),
        max_length=1000,
        description="The symmetric relations between contexts. Default: none. At most 1000.",
    )
    exceptions: tuple[AcceptedFinding, ...] = Field(
        default=(),
        max_length=200,
        description="Findings that are accepted for a while. One that is over, or that nothing needs, is a finding itself. "
        "Default: none. At most 200.",
    )
    limits: Limits = Field(default_factory=Limits, description="From where on a habit is an anti-pattern. Default: see there.")


class ContextDescriptor(Model):
    """A bounded context: whose it is, what it keeps, what it offers and what it needs."""

    model_config = ConfigDict(title="Context")

    api_version: Literal["plat/v1"] = Field(alias="apiVersion", description="The version of this format: plat/v1.")
    kind: Literal["Context"] = Field(description="Context.")
    name: OwnName = Field(description="The context's name, unique in the landscape: a DNS label of at most 40 characters.")
    team: Label = Field(description="The one team that owns the context, one of the teams in `landscape.yaml`.")
    subdomain: Subdomain = Field(description="How much it sets the business apart: core, supporting or generic.")
    purpose: Purpose = Field(description="What the context is for, in a sentence of at most 1000 characters.")
    datastore: Annotated[
        tuple[Datastore, ...],
        BeforeValidator(mapping_or_list, json_schema_input_type=Datastore | list[Datastore]),
        AfterValidator(checks.datastores),
    ] = Field(
        max_length=10,
        default=(),
        description="Its own store, or a list of several. Default: none, it keeps nothing. At most 10.",
    )
    accesses: Annotated[tuple[Access, ...], Unique("datastore", "datastore")] = Field(
        max_length=100,
        default=(),
        description="The datastores of other contexts that it touches directly. Rule 1 refuses each one without a "
        "contract. "
        "Default: none. At most 100.",
    )
    outbox: bool = Field(
        default=False,
        description="Whether it gets an outbox table in its first relational store: events written in one transaction with "
        "the data. Needs postgresql or mysql. Default: false.",
    )
    availability: Availability = Field(
        default="standard",
        description="What its failure means: `critical`, `standard`, or `best-effort`. Two contexts that differ in it are "
        "worth keeping apart. Default: standard.",
    )
    release: Release = Field(default_factory=Release, description="How often it is released. Default: not said.")
    runtime: Runtime = Field(default_factory=Runtime, description="Where its deployables run. Default: kubernetes.")
    scaling: Scaling = Field(default_factory=Scaling, description="How many replicas run. Default: steady, 1 to 3.")
    deployables: Annotated[tuple[Deployable, ...], Unique("deployable", "name")] = Field(
        max_length=100,
        default=(),
        description="What runs for this context alone. Default: none; excluded where a descriptor of kind "
        "Deployable hosts it. At most 100.",
    )
    offered_as: Annotated[tuple[OfferedPattern, ...], Unique("pattern")] = Field(
        default=(),
        alias="offered-as",
        max_length=2,
        description="By which patterns it offers what it exposes and publishes: `open-host-service`, `published-language` "
        "(which needs a `spec` or `schema` for each). Default: not said.",
    )
    exposes: Mapping[PascalName, Operation] = Field(
        max_length=200,
        default_factory=dict,
        description="The operations that others may call, by name in PascalCase. Default: none. At most 200.",
    )
    publishes: Mapping[PascalName, Event] = Field(
        max_length=200,
        default_factory=dict,
        description="The events that it publishes, by name in PascalCase. Default: none. At most 200.",
    )
    consumes: Annotated[tuple[Consumption, ...], Unique("event", "event")] = Field(
        max_length=200, default=(), description="The events of other contexts that it reads. Default: none. At most 200."
    )
    upstreams: Annotated[tuple[Upstream, ...], Unique("context", "context")] = Field(
        max_length=200,
        default=(),
        description="Whom it calls synchronously. Default: nobody; what is not listed cannot be reached. At most 200.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        checks.outbox(self.datastore, wanted=self.outbox)
        return self


class DeployableDescriptor(Model):
    """What is deployed for several contexts of one team, or for none: a monolith, a BFF, an anti-corruption layer."""

    model_config = ConfigDict(title="Deployable")

    api_version: Literal["plat/v1"] = Field(alias="apiVersion", description="The version of this format: plat/v1.")
    kind: Literal["Deployable"] = Field(description="Deployable.")
    name: OwnName = Field(description="Its name, unique among contexts and deployables of the landscape: a DNS label.")
    team: Label = Field(description="Its one team. Rule 2 refuses a context of another team among `hosts`.")
    purpose: Purpose = Field(description="What it is for, in a sentence of at most 1000 characters.")
    role: DeployableRole | None = Field(
        default=None,
        description="What it is: `modular-monolith` (hosts contexts), `backend-for-frontend` (an interface over several "
        "contexts, no business logic), `anti-corruption-layer` (translates for external systems or other contexts). "
        "Default: modular-monolith where it hosts contexts, else not said.",
    )
    hosts: Annotated[tuple[Label, ...], Unique("context")] = Field(
        max_length=200,
        default=(),
        description="The contexts that run inside of it. They have no deployables of their own. Default: none; then "
        "it keeps no "
        "data, like a backend for a frontend or an anti-corruption layer. At most 200.",
    )
    image: Image = Field(description="The container image, such as `registry.example/monolith:1.4.2`.")
    command: tuple[Argument, ...] = Field(
        min_length=1,
        max_length=64,
        description="What starts it, as a list: the program, then its arguments. Literal text; no shell reads it.",
    )
    port: Port | None = Field(
        default=None, description="The port on which it answers HTTP, 1 to 65535. Default: none, it serves nobody."
    )
    environment: Mapping[Variable, LiteralText] = Field(
        default_factory=dict,
        max_length=200,
        description="Variables with literal text as values, as in a context's deployable. Default: none.",
    )
    availability: Availability = Field(
        default="standard", description="What its failure means, as in a context. Default: standard."
    )
    release: Release = Field(default_factory=Release, description="How often it is released. Default: not said.")
    runtime: Runtime = Field(default_factory=Runtime, description="Where it runs. Default: kubernetes.")
    scaling: Scaling = Field(default_factory=Scaling, description="How many replicas run. Default: steady, 1 to 3.")
    exposes: Mapping[PascalName, Operation] = Field(
        max_length=200,
        default_factory=dict,
        description="The operations that it offers itself, by name in PascalCase; those of hosted contexts stand "
        "with them. "
        "Default: none. At most 200.",
    )
    upstreams: Annotated[tuple[Upstream, ...], Unique("context", "context")] = Field(
        max_length=200,
        default=(),
        description="Whom it calls synchronously. Default: nobody; what is not listed cannot be reached. At most 200.",
    )
    externals: ExternalUses = Field(
        max_length=100,
        default=(),
        description="The external systems it may reach, each in `landscape.yaml`, by name or as `{external, pattern}`. "
        "Default: none. At most 100.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        checks.role(self.role, hosts=bool(self.hosts))
        return self


Descriptor = LandscapeDescriptor | ContextDescriptor | DeployableDescriptor | DataContractDescriptor
KINDS: Mapping[str, type[Descriptor]] = {
    "Context": ContextDescriptor,
    "DataContract": DataContractDescriptor,
    "Deployable": DeployableDescriptor,
    "Landscape": LandscapeDescriptor,
}
