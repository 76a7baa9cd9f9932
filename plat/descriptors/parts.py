"""What descriptors are made of, as strict models: a team, a datastore, an operation, a deployable, ...

What a field's description says is what the shipped JSON Schema and the manual say: its meaning, its default, its limits
and what it excludes.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from plat.descriptors import checks
from plat.descriptors.base import Model, Unique
from plat.descriptors.fields import (
    Argument,
    Count,
    Duration,
    Email,
    EventReference,
    EventVersion,
    FilePath,
    Host,
    Image,
    Label,
    LiteralText,
    OwnName,
    Partitions,
    PascalName,
    Port,
    Purpose,
    Quantity,
    Queue,
    StoreReference,
    Table,
    Variable,
    Version,
)

TeamType = Literal["stream-aligned", "platform", "enabling", "complicated-subsystem"]
DatastoreType = Literal["postgresql", "mysql", "mongodb", "redis", "none"]
Isolation = Literal["instance", "database", "schema"]
Durability = Literal["persistent", "ephemeral"]
Pooling = Literal["session", "transaction"]
Target = Literal["kubernetes", "vm"]
MachineSize = Literal["small", "medium", "large"]
Profile = Literal["steady", "bursty", "queue-driven", "scheduled", "fixed"]
Subdomain = Literal["core", "supporting", "generic"]
EventStatus = Literal["active", "deprecated", "retired"]
Role = Literal["customer", "conformist", "partner"]
Pattern = Literal[
    "open-host-service",
    "published-language",
    "conformist",
    "anti-corruption-layer",
    "customer-supplier",
    "partnership",
    "shared-kernel",
    "separate-ways",
]
SymmetricPattern = Literal["partnership", "shared-kernel", "separate-ways"]
OfferedPattern = Literal["open-host-service", "published-language"]
DeployableRole = Literal["modular-monolith", "backend-for-frontend", "anti-corruption-layer"]
Cadence = Literal["on-demand", "daily", "weekly", "biweekly", "monthly", "quarterly"]
Availability = Literal["critical", "standard", "best-effort"]

# How many replicas a profile may reach when its descriptor gives no `max`.
DEFAULT_MAX: Mapping[Profile, int] = {"steady": 3, "bursty": 10, "queue-driven": 10, "scheduled": 1, "fixed": 1}


class Team(Model):
    """A team of this landscape."""

    name: Label = Field(description="The team's name, unique in the landscape: a DNS label of at most 40 characters.")
    type: TeamType = Field(
        default="stream-aligned",
        description="The team's type after Team Topologies. Default: stream-aligned.",
    )
    contact: Email | None = Field(default=None, description="An e-mail address that reaches the team. Default: none.")


class BrokerSettings(Model):
    """The message broker that all contexts of the landscape share."""

    type: Literal["rabbitmq", "kafka"] = Field(description="The kind of broker. Every event of the landscape goes through it.")
    team: Label | None = Field(
        default=None,
        description="The team that runs the broker, one of `teams`. Default: `platform-team`, if there is one.",
    )
    retention: Duration | None = Field(
        default=None,
        description="How long it keeps an event that says nothing else: a whole number with s, m, h or d. Default: 7d.",
    )
    partitions: Partitions | None = Field(
        default=None,
        description="How many partitions the topic of an event has that says nothing else. Only with type kafka. Default: 3.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        checks.broker(self.type, self.partitions)
        return self


class External(Model):
    """A system outside of the landscape that deployables may call."""

    name: Label = Field(description="The name under which deployables list it: a DNS label of at most 40 characters.")
    host: Host = Field(
        description="Its DNS name, such as `api.partner.example`. No scheme, path or wildcard, and no address in "
        "digits: "
        "the way out is opened to this host alone.",
    )
    port: Port = Field(default=443, description="The TCP port, 1 to 65535. Default: 443.")
    purpose: Purpose | None = Field(default=None, description="What it is used for, in a sentence. Default: none.")


class Datastore(Model):
    """A store that the context owns. Nobody else can open it."""

    type: DatastoreType = Field(
        description="The kind of store. `none` says that the context keeps nothing and excludes every other field."
    )
    version: Version | None = Field(
        default=None,
        description='The server\'s version in quotes, such as "16". Default: the newest that the target has.',
    )
    storage: Quantity | None = Field(
        default=None,
        description="How much room it gets: a whole number with Mi, Gi or Ti. Default: what the environment gives.",
    )
    isolation: Isolation = Field(
        default="instance",
        description="How it is kept apart: a server of its own (`instance`), a database or a schema of its own in a "
        "server "
        "that other contexts use too. `schema` is for postgresql only, and for contexts that share one deployable. "
        "Default: instance.",
    )
    durability: Durability = Field(
        default="persistent",
        description="Whether the data must outlive the server's process. `ephemeral` is an in-memory start: it may "
        "lose "
        "everything at any time. Default: persistent.",
    )
    pooling: Pooling | None = Field(
        default=None,
        description="That few connections to the server serve many clients: each is one client's for a `session`, or for a "
        "`transaction` only, after which settings of the session are gone. For postgresql only; a server that "
        "CloudNativePG makes gets a PgBouncer, any other is reached directly. Default: none.",
    )
    name: OwnName | None = Field(
        default=None,
        description="Another name for the store than the context's own: a DNS label. Rarely needed; two stores of "
        "one type in "
        "one context need it. Default: the context's name.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        checks.datastore(self.type, self.isolation, self.model_fields_set)
        return self


class Access(Model):
    """A touch on another context's datastore. Without a contract, rule 1 refuses it."""

    datastore: StoreReference = Field(
        description="Whose datastore: a context's name, or `<context>/<type>` where that context has several."
    )
    mode: Literal["read", "write"] = Field(default="read", description="What is done there. Default: read.")
    tables: Annotated[tuple[Table, ...], Unique("table")] = Field(
        max_length=200, default=(), description="The tables or views that are touched. Default: not said. At most 200."
    )
    contract: Label | None = Field(
        default=None, description="The data contract that allows it. Default: none; then rule 1 refuses the access."
    )


class Runtime(Model):
    """Where the deployables run."""

    target: Target = Field(
        default="kubernetes",
        description="`kubernetes`, or `vm` for an isolated server of its own. An environment may let another target "
        "stand for "
        "either. Default: kubernetes.",
    )
    dedicated: bool = Field(
        default=False,
        description="Whether the machine serves this context alone. Only with target vm. Default: false.",
    )
    size: MachineSize | None = Field(
        default=None,
        description="How much of a machine it needs: `small`, `medium` or `large`; an environment says what these are. Only "
        "with target vm. Default: small.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        checks.runtime(self.target, dedicated=self.dedicated, size=self.size)
        return self


class Scaling(Model):
    """How many replicas run, and what makes their number change."""

    profile: Profile = Field(
        default="steady",
        description="The kind of load: `steady`, `bursty`, `queue-driven` (follows the length of the context's "
        "queues), "
        "`scheduled`, or `fixed` (always one number of replicas). Default: steady.",
    )
    min: Count | None = Field(
        default=None, description="The smallest number of replicas, 1 to 1000, not above max. Default: 1."
    )
    max: Count | None = Field(
        default=None,
        description="The largest number of replicas, 1 to 1000. With profile fixed it equals min. Default: by profile "
        "(steady 3, bursty and queue-driven 10, scheduled and fixed 1), and never below min.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        checks.scaling(self.profile, self.min, self.max)
        return self

    @property
    def replicas(self) -> tuple[int, int]:
        """The smallest and the largest number of replicas, defaults filled in."""
        if self.profile == "fixed":
            number = self.min or self.max or 1
            return (number, number)
        if self.min is None and self.max is not None:
            return (1, self.max)
        low = self.min or 1
        return (low, self.max or max(low, DEFAULT_MAX[self.profile]))


class Operation(Model):
    """An operation that others may call synchronously."""

    protocol: Literal["http", "grpc"] = Field(default="http", description="How it is called. Default: http.")
    spec: FilePath | None = Field(
        default=None,
        description="The file that describes it, relative to the landscape's folder and inside of it, such as "
        "`apis/shipping.openapi.yaml`. It must exist. Default: none.",
    )
    public: bool = Field(
        default=False,
        description="Whether it can be reached from outside of the landscape, through the gateway. Default: false.",
    )
    offered_to: Annotated[tuple[Label, ...], Unique("context")] = Field(
        default=(),
        alias="offered-to",
        max_length=200,
        description="The customers that it is made for: contexts, or deployables of their own. Nobody else may call it. "
        "Default: everybody may who declares it.",
    )


class Event(Model):
    """An event that this context publishes."""

    version: EventVersion = Field(default=1, description="The version of its form, counted from 1. Default: 1.")
    status: EventStatus = Field(
        default="active",
        description="`active`; `deprecated`: consumers should leave (a warning); `retired`: nobody may consume it "
        "any more. "
        "Default: active.",
    )
    schema_file: FilePath | None = Field(
        default=None,
        alias="schema",
        description="The file that describes its form, relative to the landscape's folder and inside of it, such as "
        "`events/parcel-booked.json`. It must exist. Default: none.",
    )
    retention: Duration | None = Field(
        default=None,
        description="How long the broker keeps what nobody has read: a whole number with s, m, h or d. Default: the broker's.",
    )
    partitions: Partitions | None = Field(
        default=None,
        description="How many partitions its topic has. Only where the broker is kafka; it can grow, and never shrink. "
        "Default: the broker's.",
    )
    offered_to: Annotated[tuple[Label, ...], Unique("context")] = Field(
        default=(),
        alias="offered-to",
        max_length=200,
        description="The customers that it is made for, as contexts. Nobody else may consume it. "
        "Default: everybody may who declares it.",
    )


class Consumption(Model):
    """An event of another context that this one reads."""

    event: EventReference = Field(description="Which event: `<context>.<Event>`, such as `tracking.ParcelDelivered`.")
    version: EventVersion | None = Field(
        default=None, description="The version that is understood. Default: the one that is published."
    )
    queue: Queue | None = Field(
        default=None,
        description="A name for this consumer's own queue (or consumer group): letters, digits, `.`, `_` and `-`, "
        "at most 200, "
        "no `amq.` first, used by nobody else. Default: `<consumer>.<context>.<Event>.v<version>`.",
    )
    from_role: Role | None = Field(
        default=None,
        alias="from-role",
        description="The part that this context plays towards the publisher: customer, conformist or partner. "
        "Default: not said.",
    )
    pattern: Pattern | None = Field(
        default=None, description="The pattern of the context map by which it takes the event in. Default: not said."
    )

    @property
    def context(self) -> str:
        """The context that publishes the event."""
        return self.event.split(".", 1)[0]

    @property
    def name(self) -> str:
        """The event's name, without its context."""
        return self.event.split(".", 1)[1]


class ExternalUse(Model):
    """A system outside of the landscape that a deployable may reach, and by which pattern it depends on it."""

    external: Label = Field(description="The external system, one of `externals` in `landscape.yaml`.")
    pattern: Literal["conformist", "anti-corruption-layer", "customer-supplier"] | None = Field(
        default=None, description="The pattern of the context map by which it depends on it. Default: not said."
    )


def _by_name_alone(value: object) -> object:
    return {"external": value} if isinstance(value, str) else value


ExternalUses = Annotated[
    tuple[Annotated[ExternalUse, BeforeValidator(_by_name_alone, json_schema_input_type=ExternalUse | Label)], ...],
    AfterValidator(checks.externals),
]


class Release(Model):
    """How often something is released, and together with what."""

    train: Label | None = Field(
        default=None,
        description="A name for what is released together: all that name it are one release. Default: each deployable is "
        "released by itself.",
    )
    cadence: Cadence | None = Field(default=None, description="How often it is released. Default: not said.")


class Upstream(Model):
    """Another context (or deployable of its own) that this one calls synchronously."""

    context: Label = Field(
        description="Whom it calls: a context, or a descriptor of kind Deployable such as an anti-corruption layer."
    )
    uses: Annotated[tuple[PascalName, ...], Unique("operation")] = Field(
        max_length=200,
        min_length=1,
        description="The operations that it calls, each among what the other one exposes. At least one. At most 200.",
    )
    pattern: Pattern | None = Field(
        default=None, description="The pattern of the context map by which it depends on the other. Default: not said."
    )


class Deployable(Model):
    """Something of a context that is built, released and started on its own."""

    name: OwnName = Field(description="Its name, unique among all deployables of the landscape: a DNS label.")
    image: Image = Field(description="The container image, such as `registry.example/shipping-api:1.4.2`.")
    command: tuple[Argument, ...] = Field(
        min_length=1,
        max_length=64,
        description="What starts it, as a list: the program, then its arguments. Literal text; no shell reads it.",
    )
    port: Port | None = Field(
        default=None, description="The port on which it answers HTTP, 1 to 65535. Default: none, it serves nobody."
    )
    team: Label | None = Field(
        default=None, description="Its team. Default: the context's; rule 2 refuses any other team here."
    )
    environment: Mapping[Variable, LiteralText] = Field(
        default_factory=dict,
        max_length=200,
        description="Variables with literal text as values. Names in capitals; those that are derived (`PLAT_...`, "
        "`DATABASE_URL`, `BROKER_URL`, ...) are not set here, and secrets never are. Default: none.",
    )
    runtime: Runtime | None = Field(default=None, description="Where it runs. Default: as the context.")
    scaling: Scaling | None = Field(default=None, description="How many replicas run. Default: as the context.")
    externals: ExternalUses = Field(
        max_length=100,
        default=(),
        description="The external systems it may reach, each in `landscape.yaml`, by name or as `{external, pattern}`. "
        "Default: none. At most 100.",
    )
