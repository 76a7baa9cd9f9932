"""What an environment is: everything that differs between a developer's machine and production, and no descriptor says.

Environments are typed files in `stacks/environments/<name>.yaml`.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

ENVIRONMENTS = Path("stacks") / "environments"

Port = Annotated[int, Field(ge=1024, le=65535)]
_LABEL = r"^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$"
_NAMESPACE = r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"
Image = Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-zA-Z0-9._/:@-]{0,253}[a-zA-Z0-9])?$")]
Label = Annotated[str, Field(pattern=_LABEL)]
Network = Annotated[str, Field(pattern=r"^[0-9a-f.:]+/[0-9]{1,3}$")]


class EnvironmentProblem(Exception):  # noqa: N818 - named for what the user has, not for Python
    """An environment that does not exist or cannot be used. The message is for the user."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Operator = Literal["cloudnative-pg", "keda", "rabbitmq", "strimzi"]
Replicas = Annotated[int, Field(ge=1, le=9)]
Target = Literal["local", "kubernetes"]


class Targets(_Model):
    """Which target stands for each runtime that a descriptor may ask for."""

    kubernetes: Target = Field(description="What stands for `runtime: {target: kubernetes}`.")
    vm: Target = Field(description="What stands for `runtime: {target: vm}`.")

    @model_validator(mode="after")
    def _one(self) -> Targets:
        if self.kubernetes != self.vm:
            msg = (
                f"targets: kubernetes is `{self.kubernetes}` and vm is `{self.vm}`: contexts of one environment reach each "
                "other on one target, so both have to be the same"
            )
            raise ValueError(msg)
        return self


class Ports(_Model):
    """The loopback ports that the local target may use, both ends included, and those set by hand."""

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


class Images(_Model):
    """What the platform's own pods run; a deployable's image is its team's to name."""

    kafka: Image = Field(default="docker.io/apache/kafka:4.1.0", description="Kafka below /opt/kafka, with a Java.")
    mongodb: Image = Field(default="docker.io/plat/ferretdb:1.24", description="`plat-ferretdb` on its PATH.")
    mysql: Image = Field(default="docker.io/library/mariadb:10.11", description="`mariadbd` on its PATH.")
    postgresql: Image = Field(default="docker.io/library/postgres:16", description="`postgres` and `initdb` on its PATH.")
    rabbitmq: Image = Field(default="docker.io/library/rabbitmq:3-management", description="`rabbitmq-server` on its PATH.")
    redis: Image = Field(default="docker.io/library/redis:7", description="`redis-server` on its PATH.")
    plat: Image = Field(
        default="docker.io/plat/plat:dev", description="This project: makes what is inside of servers, and tries the fences."
    )


class PostgreSQL(_Model):
    """The PostgreSQL servers that CloudNativePG makes."""

    instances: Replicas = Field(
        default=3,
        description="The primary and its replicas. From 2 on nothing is confirmed that is not on two of them, so that with 2 "
        "nobody writes while one is away.",
    )
    user: int = Field(default=26, ge=1, description="The user of the image that PostgreSQL runs as.")
    group: int = Field(default=26, ge=1, description="And its group.")


class ApiServer(_Model):
    """The cluster's API, as pods reach it once addresses of Services are translated."""

    networks: list[Network] = Field(min_length=1, description="Its addresses, as networks.")
    port: int = Field(default=6443, ge=1, le=65535, description="Its port there.")

    @field_validator("networks")
    @classmethod
    def _are_networks(cls, value: list[str]) -> list[str]:
        return _networks(value)


class Gateway(_Model):
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


class Provisioner(_Model):
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


class Cluster(_Model):
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
    storage_class: str | None = Field(
        default=None, alias="storage-class", pattern=_LABEL, description="Of every volume. Default: the cluster's own."
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

    strimzi_namespace: str = Field(
        default="strimzi",
        alias="strimzi-namespace",
        pattern=_NAMESPACE,
        description="Where Strimzi's cluster operator runs, if it does: it comes into the brokers that it makes.",
    )

    gateway: Gateway | None = Field(
        default=None, description="Publishes what is `public`. Default: nothing is reached from outside of the cluster."
    )

    @field_validator("name_servers")
    @classmethod
    def _are_networks(cls, value: list[str]) -> list[str]:
        return _networks(value)

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


def _networks(texts: list[str]) -> list[str]:
    for text in texts:
        ipaddress.ip_network(text)
    return texts


class Environment(_Model):
    """One environment. `name` is the last part of every stack name in it."""

    apiVersion: Literal["plat/v1"]  # noqa: N815 - the key of the file format
    kind: Literal["Environment"]
    name: str = Field(pattern=r"^[a-z][-a-z0-9]{0,30}$")
    targets: Targets
    ports: Ports = Ports()
    cluster: Cluster | None = Field(default=None, description="Required for the target kubernetes, excluded otherwise.")

    @property
    def target(self) -> Target:
        """The one target of everything in it."""
        return self.targets.kubernetes

    @model_validator(mode="after")
    def _with_cluster(self) -> Environment:
        if (self.cluster is None) is (self.target == "kubernetes"):
            wanted = "say where the cluster is" if self.cluster is None else "leave it out, or let the targets be kubernetes"
            msg = f"cluster: {wanted}"
            raise ValueError(msg)
        return self


def load_environment(name: str, root: Path) -> Environment:
    """The environment called `name` of the project in `root`.

    Raises EnvironmentProblem with file and reason where it is missing, unreadable or wrong.
    """
    folder = root / ENVIRONMENTS
    path = folder / f"{name}.yaml"
    shown = ENVIRONMENTS / path.name
    known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml"))) or "none"
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        environment = Environment.model_validate(document)
    except FileNotFoundError:
        msg = f"there is no environment `{name}`: {shown} does not exist (there are: {known})"
        raise EnvironmentProblem(msg) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        msg = f"{shown}: cannot be read: {error}"
        raise EnvironmentProblem(msg) from None
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'file'}: {item['msg']}" for item in error.errors(include_input=False)
        )
        msg = f"{shown}: {problems}"
        raise EnvironmentProblem(msg) from None
    if environment.name != name:
        msg = f"{shown}: name is `{environment.name}`, but the file is called {path.name}"
        raise EnvironmentProblem(msg)
    return environment
