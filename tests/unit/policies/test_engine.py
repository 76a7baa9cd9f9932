from __future__ import annotations

from collections.abc import Callable

import pytest

from policies.observed import UNKNOWN, Observed, Options
from tests.unit.policies.resources import BREACH, NONE, UNREADABLE, Found, Market

Make = Callable[[Market], Observed]
ROLE = "postgresql:index/role:Role"


def role(market: Market, options: Options) -> Observed:
    provider = market.postgresql("ordering--postgresql")
    return market.resource(ROLE, {"name": "ordering"}, provider, options, "ordering--postgresql--role")


def alias(type_: str, name: str, project: str = "plat") -> Options:
    return Options(aliases=(f"urn:pulumi:market.local::{project}::plat:index:Landscape${type_}::{name}",))


CASES: dict[str, tuple[Make, Found]] = {
    "the stack itself passes": (lambda m: m.resource("pulumi:pulumi:Stack"), NONE),
    "our components pass": (lambda m: m.resource("plat:index:BoundedContext"), NONE),
    "random values pass": (lambda m: m.resource("random:index/randomPassword:RandomPassword", {"length": 32}), NONE),
    "a provider of random values passes": (lambda m: m.resource("pulumi:providers:random"), NONE),
    "a provider for a planned PostgreSQL passes": (
        lambda m: m.resource(
            "pulumi:providers:postgresql", {"host": "127.0.0.1", "port": str(m.port("ordering--postgresql"))}
        ),
        NONE,
    ),
    "a second provider, pointed elsewhere, is refused": (
        lambda m: m.resource("pulumi:providers:postgresql", {"host": "db.example", "port": "5432"}),
        [(UNREADABLE, "host")],
    ),
    "a provider whose server is not known yet is refused": (
        lambda m: m.resource("pulumi:providers:postgresql", {"host": UNKNOWN}),
        [(UNREADABLE, "host")],
    ),
    "a provider without any address, which the environment decides, is refused": (
        lambda m: m.resource("pulumi:providers:postgresql"),
        [(UNREADABLE, "host")],
    ),
    "a provider that goes by way of a cloud is refused": (
        lambda m: m.resource(
            "pulumi:providers:postgresql",
            {"host": "localhost", "port": str(m.port("ordering--postgresql")), "scheme": "gcppostgres"},
        ),
        [(UNREADABLE, "scheme")],
    ),
    "a provider for the planned broker passes": (
        lambda m: m.resource("pulumi:providers:rabbitmq", {"endpoint": m.rabbitmq().properties.text("endpoint")}),
        NONE,
    ),
    "a provider for another broker is refused": (
        lambda m: m.resource("pulumi:providers:rabbitmq", {"endpoint": "http://mq.example:15672"}),
        [(UNREADABLE, "endpoint")],
    ),
    "a provider for a broker on another machine, at the planned port, is refused": (
        lambda m: m.resource(
            "pulumi:providers:rabbitmq",
            {"endpoint": m.rabbitmq().properties.text("endpoint").replace("127.0.0.1", "mq.example")},
        ),
        [(UNREADABLE, "endpoint")],
    ),
    "a provider that goes by way of a proxy is refused": (
        lambda m: m.resource(
            "pulumi:providers:rabbitmq",
            {"endpoint": m.rabbitmq().properties.text("endpoint"), "proxy": "http://elsewhere:8080"},
        ),
        [(UNREADABLE, "proxy")],
    ),
    "the local target's provider of this stack passes": (
        lambda m: m.resource("pulumi:providers:platlocal", {"stack": "market.local"}),
        NONE,
    ),
    "the local target's provider of another stack is refused": (
        lambda m: m.resource("pulumi:providers:platlocal", {"stack": "order-processing.local"}),
        [(BREACH, "stack")],
    ),
    "another stack's outputs are refused": (lambda m: m.resource("pulumi:pulumi:StackReference"), [(BREACH, "")]),
    "the provider that reads other stacks is refused": (
        lambda m: m.resource("pulumi:providers:pulumi"),
        [(BREACH, "")],
    ),
    "a command is refused": (lambda m: m.resource("command:local:Command", {"create": "psql"}), [(UNREADABLE, "")]),
    "a dynamic resource is refused": (lambda m: m.resource("pulumi-python:dynamic:Resource"), [(UNREADABLE, "")]),
    "a container is refused": (lambda m: m.resource("docker:index/container:Container"), [(UNREADABLE, "")]),
    "a Kubernetes object is refused": (lambda m: m.resource("kubernetes:core/v1:Secret"), [(UNREADABLE, "")]),
    "another spelling of a known type is refused": (lambda m: m.resource("postgresql:index:Role"), [(UNREADABLE, "")]),
    "a component of another package is refused": (lambda m: m.resource("acme:index:Database"), [(UNREADABLE, "")]),
    "changes that are ignored are refused": (
        lambda m: role(m, Options(ignore_changes=("superuser",))),
        [(BREACH, "ignoreChanges")],
    ),
    "an alias of the same thing, moved, passes": (lambda m: role(m, alias(ROLE, "ordering--postgresql--role")), NONE),
    "an alias of a context that is no more passes": (lambda m: role(m, alias(ROLE, "sales--postgresql--role")), NONE),
    "an alias of another context's thing is refused": (
        lambda m: role(m, alias(ROLE, "billing--postgresql--role")),
        [(BREACH, "aliases")],
    ),
    "an alias of another type is refused": (
        lambda m: role(m, alias("postgresql:index/database:Database", "ordering--postgresql--role")),
        [(BREACH, "aliases")],
    ),
    "an alias of another project is refused": (
        lambda m: role(m, alias(ROLE, "ordering--postgresql--role", "other")),
        [(BREACH, "aliases")],
    ),
}


@pytest.mark.parametrize(("make", "expected"), CASES.values(), ids=CASES.keys())
def test_what_belongs_to_the_engine(market: Market, make: Make, expected: Found) -> None:
    assert market.found(make(market)) == expected


def test_an_unknown_type_is_told_where_an_observer_belongs(market: Market) -> None:
    assert market.messages(market.resource("command:local:Command", name="grant-all")) == (
        "error[unreadable-resource]: command:Command `grant-all`: it cannot be judged: no observer of the policy pack knows "
        "this type, and what nobody can read may do anything\n"
        "    express it in a descriptor, or add an observer for the type to policies/observers"
    )


def test_a_captured_state_is_called_by_its_owner(market: Market) -> None:
    assert market.messages(role(market, alias(ROLE, "billing--postgresql--role"))) == (
        "error[way-round-the-fence]: postgresql:Role `ordering--postgresql--role`: `aliases` opens a way round the fences: it "
        "takes over the state of `billing--postgresql--role`, which is billing's\n"
        "    alias a resource's own earlier name only"
    )
