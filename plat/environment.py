"""What an environment is: everything that differs between a developer's machine and production, and no descriptor says.

Environments are typed files in `stacks/environments/<name>.yaml`.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from plat.asked import ENVIRONMENTS
from plat.backends import PASSPHRASE, BackendUrl, SecretsProvider
from plat.lines import line_of
from plat.machines.settings import Machines
from plat.settings import Images, IPv4, IPv4Network, Label, Network, Port, Settings

DEFAULT_ENVIRONMENT = "local"
"""The one that is meant where none is named."""

_NAMESPACE = r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"
Moment = Annotated[str, Field(pattern=r"^(?:latest|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z)$")]
"""In UTC, as in `2026-11-28T12:00:00Z`."""

Recovered = Annotated[str, Field(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")]


class EnvironmentProblem(Exception):  # noqa: N818 - named for what the user has, not for Python
    """An environment that does not exist or cannot be used. The message is for the user."""


Operator = Literal["cloudnative-pg", "keda", "prometheus", "rabbitmq", "strimzi"]
Replicas = Annotated[int, Field(ge=1, le=9)]
Target = Literal["local", "kubernetes", "vm"]


class Targets(Settings):
    """Which target stands for each runtime that a descriptor may ask for."""

    kubernetes: Target = Field(description="What stands for `runtime: {target: kubernetes}`.")
    vm: Target = Field(description="What stands for `runtime: {target: vm}`.")
    platform: Target | None = Field(
        default=None, description="Where the broker is, and what else is nobody's alone. Default: as `kubernetes`."
    )

    @property
    def used(self) -> frozenset[Target]:
        """Every target that there is something on."""
        return frozenset((self.kubernetes, self.vm, self.of_platform))

    def of(self, asked: str) -> Target:
        """The target that stands for the one that a descriptor asks for."""
        return self.vm if asked == "vm" else self.kubernetes

    @property
    def of_platform(self) -> Target:
        """The target of what is the platform's."""
        return self.platform or self.kubernetes

    @model_validator(mode="after")
    def _together(self) -> Targets:
        if self.used >= {"kubernetes", "local"}:
            msg = (
                "targets: kubernetes stands beside local: nothing fences this machine's processes from a cluster's pods; "
                "kubernetes may stand beside vm, and local beside vm"
            )
            raise ValueError(msg)
        return self


class Local(Settings):
    """This machine, where it is a target."""

    address: IPv4 = Field(
        default="127.0.0.1",
        description="The private address of this machine at which machines reach those servers and deployables that they "
        "have to; all others listen on loopback. Required, and no loopback address, beside the target vm.",
    )

    @model_validator(mode="after")
    def _private(self) -> Local:
        _refuse_public(self.address)
        return self


def _refuse_public(text: str) -> None:
    address = ipaddress.IPv4Address(text)
    if not (address.is_private or address.is_loopback):
        msg = f"address: {text} is a public address, and without TLS nothing is safe there"
        raise ValueError(msg)


class Ports(Settings):
    """The ports that may be derived on this machine and on others, both ends included, and those set by hand."""

    first: Port = Field(default=20000, description="Lowest port that may be derived.")
    last: Port = Field(default=29999, description="Highest port that may be derived.")
    fixed: dict[str, Port] = Field(
        default_factory=dict,
        description="Ports set by hand, by the name of the listener as `plat status` prints it.",
    )

    @model_validator(mode="after")
    def _ordered(self) -> Ports:
        if self.last < self.first:
            msg = f"ports: last ({self.last}) is below first ({self.first})"
            raise ValueError(msg)
        return self

    def meets(self, other: Ports) -> bool:
        """Whether there is a port that both may give."""
        return any(one.has(port) for one, two in ((self, other), (other, self)) for port in (two.first, *two.fixed.values()))

    def has(self, port: int) -> bool:
        """Whether it may give this port."""
        return self.first <= port <= self.last or port in self.fixed.values()


class NodePorts(Ports):
    """The ports of nodes that may be given (`--service-node-port-range` of the cluster), and those set by hand."""

    first: Port = Field(default=30000, description="Lowest port that may be derived.")
    last: Port = Field(default=32767, description="Highest port that may be derived.")


class Reached(Settings):
    """How machines reach what is on the cluster, and as whom they see what comes from there."""

    address: IPv4 = Field(
        description="The private address of a node, or of what hands connections on to nodes without a change of the sender's "
        "address: there every server and deployable that a machine has a way to has a port of its own.",
    )
    ports: NodePorts = NodePorts()

    @model_validator(mode="after")
    def _private(self) -> Reached:
        _refuse_public(self.address)
        if ipaddress.IPv4Address(self.address).is_loopback:
            msg = f"address: {self.address} is each machine's own"
            raise ValueError(msg)
        return self


class Backups(Settings):
    """Where copies of what CloudNativePG's servers hold go to: an object store that speaks S3.

    The keys to it stand in the stack's configuration, encrypted: `backups-access-key` and `backups-secret-key`.
    """

    destination: str = Field(
        pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*$",
        description="The bucket, and a path in it; each server has a path of its own below that.",
    )
    endpoint: str = Field(
        pattern=r"^https?://[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?$",
        description="Where the store answers, as in `https://s3.eu-central-1.amazonaws.com`.",
    )
    networks: list[Network] = Field(
        default=[],
        description="Its addresses, as networks: servers reach these alone. Default: anything outside of private networks.",
    )
    authority: str | None = Field(
        default=None,
        pattern=r"^(?:-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n?)+$",
        max_length=16384,
        description="Who vouches for the endpoint's certificate, in PEM. Default: those whom the image trusts.",
    )
    region: str = Field(
        default="us-east-1", pattern=r"^[a-z0-9-]{1,63}$", description="What its region is called, which signatures name."
    )
    schedule: str = Field(
        default="0 0 3 * * *",
        pattern=r"^[0-9*,/-]+(?: [0-9A-Za-z*,/?-]+){5}$",
        description="When whole copies are made: seconds, minutes, hours, day, month, day of the week.",
    )
    retention: str = Field(
        default="30d", pattern=r"^[1-9][0-9]{0,3}[dwm]$", description="How long back a server can be recovered to."
    )
    recoveries: dict[Recovered, list[Moment]] = Field(
        default={},
        description="By `LANDSCAPE/SERVER`: each moment to which it was recovered, or `latest`. Whoever recovers one adds a "
        "further entry, and leaves those that are there.",
    )

    @property
    def port(self) -> int:
        """Where the store listens."""
        scheme, _, rest = self.endpoint.partition("://")
        return int(rest.partition(":")[2] or {"http": 80, "https": 443}[scheme])


class PostgreSQL(Settings):
    """The PostgreSQL servers that CloudNativePG makes."""

    instances: Replicas = Field(
        default=3,
        description="The primary and its replicas. From 2 on nothing is confirmed that is not on two of them, so that with 2 "
        "nobody writes while one is away.",
    )
    user: int = Field(default=26, ge=1, description="The user of the image that PostgreSQL runs as.")
    group: int = Field(default=26, ge=1, description="And its group.")
    backups: Backups | None = Field(default=None, description="Default: none, and what is lost is lost.")
    poolers: Replicas = Field(default=2, description="The instances of a pooler, where a datastore asks for `pooling`.")
    clients: int = Field(
        default=500, ge=1, le=20000, description="How many clients each of them takes (PgBouncer's `max_client_conn`)."
    )
    pool: int = Field(
        default=10,
        ge=1,
        le=1000,
        description="How many connections each of them keeps for an account in a database (`default_pool_size`). A server has "
        "100 for all.",
    )


class ApiServer(Settings):
    """The cluster's API, as pods reach it once addresses of Services are translated."""

    networks: list[Network] = Field(min_length=1, description="Its addresses, as networks.")
    port: int = Field(default=6443, ge=1, le=65535, description="Its port there.")


class Monitoring(Settings):
    """The Prometheus that its operator runs."""

    namespace: str = Field(
        default="monitoring",
        pattern=_NAMESPACE,
        description="Where it runs: servers that have metrics are opened to its pods, by the port of these alone.",
    )
    labels: dict[Label, Label] = Field(
        default={}, description="What it knows PodMonitors by, as in `{release: prometheus}`. Default: it takes all."
    )


class Gateway(Settings):
    """The gateway of the Gateway API by which a cluster is reached from outside: the platform's, and there already."""

    name: str = Field(pattern=_NAMESPACE, description="Its name. Its listeners have to admit routes of other namespaces.")
    namespace: str = Field(pattern=_NAMESPACE, description="The namespace that it is in.")
    domain: str = Field(
        pattern=r"^[a-z0-9](?:[a-z0-9.-]{0,180}[a-z0-9])?$",
        description="What is public of a deployable is reached at `<deployable>.<domain>`.",
    )
    pods: dict[str, str] | None = Field(
        default=None,
        min_length=1,
        description="The labels of the pods that its traffic comes from. "
        "Default: `gateway.networking.k8s.io/gateway-name` with its name, as implementations set it.",
    )
    pods_namespace: str | None = Field(
        default=None,
        alias="pods-namespace",
        pattern=_NAMESPACE,
        description="Where these pods run. Default: its own namespace.",
    )


class Provisioner(Settings):
    """Who `plat up` is to the cluster: a user, or a group that it is in."""

    user: str | None = Field(
        default=None, min_length=1, max_length=253, description="A user's name, e.g. of a service account."
    )
    group: str | None = Field(default=None, min_length=1, max_length=253, description="A group's name. Excludes `user`.")

    @model_validator(mode="after")
    def _either(self) -> Provisioner:
        if (self.user is None) is (self.group is None):
            msg = "say either `user` or `group`"
            raise ValueError(msg)
        return self


class Cluster(Settings):
    """The Kubernetes that an environment with the target `kubernetes` is on."""

    kubeconfig: str | None = Field(
        default=None,
        min_length=1,
        description="The file that says how to reach it, relative to the project. Default: as kubectl finds it.",
    )
    context: str | None = Field(default=None, min_length=1, description="The context of that file. Default: the current one.")
    domain: str = Field(
        default="cluster.local",
        pattern=r"^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$",
        description="What names of Services end in.",
    )
    name_servers: list[Network] = Field(
        default=[],
        alias="name-servers",
        description="Where pods ask for names, as networks. Default: the pods labelled `k8s-app: kube-dns` of kube-system.",
    )
    storage_class: Label | None = Field(
        default=None, alias="storage-class", description="Of every volume. Default: the cluster's own."
    )
    images: Images = Images()
    admission: bool = Field(
        default=True,
        description="Whether the cluster's own policies refuse by `kubectl` what the policy pack refuses. Making them takes "
        "rights over the whole cluster.",
    )
    provisioner: Provisioner | None = Field(
        default=None,
        description="Who alone may change what is planned. Default: whoever may change admission policies.",
    )
    controllers: list[Label] = Field(
        default=["kube-system"],
        description="Namespaces whose service accounts carry out what others have been allowed: the cluster's own "
        "controllers, and operators.",
    )
    pull: Literal["Always", "IfNotPresent"] = Field(
        default="Always",
        alias="image-pull-policy",
        description="Whether nodes ask the registry before each start; where they do not, a private image is anybody's there.",
    )
    operators: list[Operator] = Field(
        default=[],
        description=(
            "The operators that the cluster has. `cloudnative-pg` makes PostgreSQL servers; `rabbitmq` (RabbitMQ's cluster "
            "operator and its messaging topology operator) makes a landscape's RabbitMQ, and `strimzi` its Kafka; `keda` "
            "scales `queue-driven` workloads. Default: none, and Plat makes everything of plain objects."
        ),
    )
    broker_replicas: Replicas = Field(
        default=1, alias="broker-replicas", description="The nodes of a broker that an operator makes: an odd number, 1 to 9."
    )

    @field_validator("broker_replicas")
    @classmethod
    def _odd(cls, value: int) -> int:
        if value % 2 == 0:
            msg = f"{value} is even: half of the nodes alone could not go on; write an odd number"
            raise ValueError(msg)
        return value

    postgresql: PostgreSQL = PostgreSQL()
    api_server: ApiServer | None = Field(
        default=None,
        alias="api-server",
        description="Where the cluster's API is. Required for `cloudnative-pg`, whose pods ask it who is the primary, and for "
        "`strimzi`, whose pods ask it for their certificates, topics and users.",
    )
    keda_namespace: str = Field(
        default="keda",
        alias="keda-namespace",
        pattern=_NAMESPACE,
        description="Where KEDA runs, if it does: brokers are opened to it.",
    )

    monitoring: Monitoring = Monitoring()
    strimzi_namespace: str = Field(
        default="strimzi",
        alias="strimzi-namespace",
        pattern=_NAMESPACE,
        description="Where Strimzi's cluster operator runs, if it does: it comes into the brokers that it makes.",
    )
    reached: Reached | None = Field(
        default=None, description="Required where something on a machine reaches something on the cluster."
    )
    outgoing: list[IPv4Network] = Field(
        default=[],
        description="What pods' connections come from as machines see it, as networks: the addresses of nodes. Required where "
        "something on the cluster reaches something on a machine.",
    )
    gateway: Gateway | None = Field(
        default=None, description="Publishes what is `public`. Default: nothing is reached from outside of the cluster."
    )

    @model_validator(mode="after")
    def _reached(self) -> Cluster:
        asking = [name for name in ("cloudnative-pg", "strimzi") if name in self.operators]
        if asking and self.api_server is None:
            msg = (
                f"api-server: the pods of `{asking[0]}` ask the cluster's API, to which no pod has a way: say where it is, "
                "as in `api-server: {networks: [10.0.0.1/32], port: 6443}` (`kubectl get endpointslices kubernetes`)"
            )
            raise ValueError(msg)
        return self


class Environment(Settings):
    """One environment. `name` is the last part of every stack name in it."""

    apiVersion: Literal["plat/v1"]  # noqa: N815 - the key of the file format
    kind: Literal["Environment"]
    name: str = Field(pattern=r"^[a-z][-a-z0-9]{0,30}$")
    targets: Targets
    stacks: Literal["landscape", "unit"] = Field(
        default="landscape",
        description="One stack for a whole landscape, or stacks for each unit: the platform, each context, each deployable "
        "beside contexts. `plat restack` moves from one to the other.",
    )
    backend: BackendUrl | None = Field(
        default=None,
        description="Where states are kept, as `pulumi login` takes it: `file://`, `s3://`, `gs://` or `azblob://`, without "
        "credentials. Default: a folder of this checkout.",
    )
    secrets_provider: SecretsProvider = Field(
        default=PASSPHRASE,
        alias="secrets-provider",
        description="What secrets in new stacks are encrypted with: `passphrase`, or a key by `awskms://`, "
        "`azurekeyvault://`, `gcpkms://` or `hashivault://`.",
    )
    ports: Ports = Ports()
    local: Local = Local()
    cluster: Cluster | None = Field(default=None, description="Required for the target kubernetes, excluded otherwise.")
    machines: Machines | None = Field(default=None, description="Required for the target vm, excluded otherwise.")

    @model_validator(mode="after")
    def _with_its_targets(self) -> Environment:
        for target, field, settings in (("kubernetes", "cluster", self.cluster), ("vm", "machines", self.machines)):
            if (settings is None) is (target in self.targets.used):
                found = f"say where the {field} {'is' if target == 'kubernetes' else 'are'}"
                msg = f"{field}: {found if settings is None else f'leave it out, or let a target be {target}'}"
                raise ValueError(msg)
        self._divisible()
        self._beside_machines()
        if self.targets.used >= {"local", "vm"} and ipaddress.IPv4Address(self.local.address).is_loopback:
            msg = "local: machines reach what runs on this one at none of its loopback addresses: say `local: {address: …}`"
            raise ValueError(msg)
        return self

    def _divisible(self) -> None:
        if self.stacks != "unit":
            return
        if self.targets.used not in ({"local"}, {"kubernetes"}):
            msg = "stacks: a stack for each unit can be had where every target is local, or every one is kubernetes"
            raise ValueError(msg)
        asked = {"rabbitmq", "strimzi"} & set(self.cluster.operators if self.cluster else ())
        if asked:
            msg = (
                f"stacks: where `{min(asked)}` makes what is inside of the broker, all of it is in one namespace, which says "
                "what may be there, so that it cannot be divided: leave out the operator, or `stacks`"
            )
            raise ValueError(msg)

    def _beside_machines(self) -> None:
        cluster = self.cluster
        if cluster is None:
            return
        if (cluster.reached or cluster.outgoing) and "vm" not in self.targets.used:
            msg = "cluster: `reached` and `outgoing` are for machines beside it: leave them out, or let a target be vm"
            raise ValueError(msg)
        if cluster.reached and cluster.reached.ports.meets(self.ports):
            msg = "cluster: `reached` and `ports` may give the same port, and each is one thing's: keep them apart"
            raise ValueError(msg)


def load_environment(name: str, root: Path) -> Environment:
    """The environment called `name` of the project in `root`.

    Raises EnvironmentProblem with file and reason where it is missing, unreadable or wrong.
    """
    folder = root / ENVIRONMENTS
    path = folder / f"{name}.yaml"
    shown = ENVIRONMENTS / path.name
    known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml"))) or "none"
    try:
        text = path.read_text(encoding="utf-8")
        document = yaml.load(text, Loader=yaml.CSafeLoader)
        environment = Environment.model_validate(document)
    except FileNotFoundError:
        msg = f"there is no environment `{name}`: {shown} does not exist (there are: {known})"
        raise EnvironmentProblem(msg) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        msg = f"{shown}: cannot be read: {error}"
        raise EnvironmentProblem(msg) from None
    except ValidationError as error:
        found = error.errors(include_input=False)
        problems = "; ".join(f"{'.'.join(map(str, item['loc'])) or 'file'}: {item['msg']}" for item in found)
        line = line_of(text, found[0]["loc"])
        msg = f"{shown}{f':{line}' if line else ''}: {problems}"
        raise EnvironmentProblem(msg) from None
    if environment.name != name:
        msg = f"{shown}: name is `{environment.name}`, but the file is called {path.name}"
        raise EnvironmentProblem(msg)
    return environment
