"""Claims of what belongs to the engine itself: providers, and the options that every resource may carry."""

from __future__ import annotations

from collections.abc import Iterator

from plat.claims import Claim
from policies.ground import Ground
from policies.observed import Observed
from policies.observers.common import kafka_provided, postgresql_provided, rabbitmq_provided

_NO_OPTION = "leave the option out: what the landscape says has to be what is there"
_ONE_WAY = "use the provider that Plat's component makes"


def nothing(resource: Observed, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - every observer has one signature
    """Things that own nothing and touch nothing: the stack, components, random values."""
    yield from ()


def postgresql_provider(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A PostgreSQL provider points at a planned server."""
    postgresql_provided(resource.properties, ground)
    if resource.properties.text("scheme", "postgres") != "postgres":
        yield resource.opaque("it reaches its server in a way that host and port do not tell", _ONE_WAY, "scheme")


def rabbitmq_provider(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A RabbitMQ provider points at the planned broker."""
    rabbitmq_provided(resource.properties, ground)
    if resource.properties.text("proxy", ""):
        yield resource.opaque("it reaches its broker by way of another server", _ONE_WAY, "proxy")


def kafka_provider(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A Kafka provider points at the planned broker."""
    kafka_provided(resource.properties, ground)
    yield from ()


def local_provider(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """The local target's provider runs what it runs in this very stack's folder."""
    if resource.properties.text("stack") != ground.plan.stack:
        yield resource.breach("it reaches the servers of another stack", _ONE_WAY, "stack")


def other_stacks(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """What reads other stacks is there where this one is given something by another share's."""
    if not ground.share or not ground.share.giver:
        yield from _reading(resource)


def other_stack(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """Another stack's outputs hold what this landscape did not declare, secrets included; but for the share's giver's."""
    project = resource.urn.split("::")[1]
    given = ground.share and ground.share.giver and f"{project}/{ground.share.stack.of(ground.share.giver)}"
    if not given or resource.properties.text("name", "").partition("/")[2] != given:
        yield from _reading(resource)


def _reading(resource: Observed) -> Iterator[Claim]:
    yield resource.breach(
        "it reads what another stack puts out, secrets included",
        "declare the relation in a descriptor, and use the variables that Plat hands over",
    )


def options(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """Options that would make what is there differ from what was judged, or take over another's state."""
    if resource.options.ignore_changes:
        yield resource.breach("what is ignored is not what was judged", _NO_OPTION, "ignoreChanges")
    for alias in resource.options.aliases:
        yield from _captured(resource, alias, ground)


def _captured(resource: Observed, alias: str, ground: Ground) -> Iterator[Claim]:
    project, _, rest = alias.removeprefix("urn:pulumi:").partition("::")[2].partition("::")
    chain, _, name = rest.partition("::")
    remedy = "alias a resource's own earlier name only"
    if chain.rpartition("$")[2] != resource.type or project != resource.urn.split("::")[1]:
        yield resource.breach("it takes over the state of something else", remedy, "aliases")
    elif (owner := _owner_of(name, ground)) and owner != _owner_of(resource.name, ground):
        yield resource.breach(f"it takes over the state of `{name}`, which is {owner}'s", remedy, "aliases")


def _owner_of(name: str, ground: Ground) -> str:
    """To whom something of this name belongs: names begin with that of a context, a server, a queue or a workload."""
    return ground.owners_of_names.get(name) or ground.owners_of_names.get(name.partition("--")[0], "")
