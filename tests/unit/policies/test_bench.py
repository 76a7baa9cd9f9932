"""What takes several resources to see: one thing managed twice, things in the wrong place, secrets in the wrong hands."""

from __future__ import annotations

import dataclasses

from policies.bench import Bench
from policies.observed import UNKNOWN, Observed, Options, Properties
from tests.unit.policies.resources import BREACH, NONE, OWNERSHIP, RIGHT, Market
from tests.unit.policies.test_processes import planned, process

STACK = "urn:pulumi:market.local::plat::"
CONTEXT = "plat:index:Landscape$plat:index:BoundedContext"
PASSWORD = "canary-e5a1f0b7"


def named(resource: Observed, name: str, parent: str = "") -> Observed:
    options = dataclasses.replace(resource.options, parent=parent)
    return dataclasses.replace(resource, name=name, urn=f"{STACK}{resource.type}::{name}", options=options)


def context(market: Market, name: str) -> Observed:
    component = market.resource("plat:index:BoundedContext", name=name)
    return dataclasses.replace(component, urn=f"{STACK}{CONTEXT}::{name}")


def role(market: Market, name: str, server: str, password: object = PASSWORD) -> Observed:
    return named(market.in_postgresql("Role", server, name=name, password=password), f"{name}--role")


def test_one_thing_is_managed_by_one_resource(market: Market) -> None:
    ours = role(market, "ordering", "ordering--postgresql")
    theirs = named(market.in_postgresql("Role", name="ordering", password="another"), "mine-now")
    assert market.found(ours, theirs) == [(BREACH, "")]


def test_a_resource_that_is_judged_twice_is_still_one(market: Market) -> None:
    ours = role(market, "ordering", "ordering--postgresql")
    assert market.found(ours, ours) == NONE


def test_roles_of_one_name_in_two_servers_are_two_things(market: Market) -> None:
    first = named(market.in_postgresql("Schema", "platform--postgresql", database="billing", name="x", owner="billing"), "a")
    second = named(market.in_postgresql("Schema", database="ordering", name="x", owner="ordering"), "b")
    assert market.found(first, second) == NONE


def test_the_second_manager_of_a_thing_is_told_who_the_first_one_is(market: Market) -> None:
    ours = named(market.in_rabbitmq("User", name="billing", password=UNKNOWN), "billing--user")
    theirs = named(market.in_rabbitmq("User", name="billing", password="theirs"), "mine-now")
    assert market.messages(ours, theirs) == (
        "error[way-round-the-fence]: rabbitmq:User `mine-now`: it opens a way round the fences: it manages the very thing "
        "that rabbitmq:User `billing--user` manages, and the last one to write would win\n"
        "    manage each thing by one resource; what a descriptor declares, Plat manages"
    )


def test_a_process_below_its_own_context_passes(market: Market) -> None:
    home = context(market, "billing")
    assert market.found(home, named(process(market), "job", home.urn)) == NONE


def test_a_process_below_another_context_is_refused(market: Market) -> None:
    home = context(market, "ordering")
    runtime = named(market.resource("plat:index:DeployableRuntime"), "job", home.urn)
    assert market.found(home, runtime, named(process(market), "job", runtime.urn)) == [(BREACH, "")]


def test_a_database_below_another_context_is_refused(market: Market) -> None:
    home = context(market, "billing")
    database = market.in_postgresql("Database", name="ordering", owner="ordering", protect=True)
    assert market.found(home, named(database, "d", home.urn)) == [(BREACH, "")]


def test_a_process_with_another_context_s_password_is_refused_whatever_it_calls_it(market: Market) -> None:
    stolen = process(market, environment={"THEME": f"blue-{PASSWORD}-green"})
    assert market.found(role(market, "ordering", "ordering--postgresql"), stolen) == [(OWNERSHIP, "environment.THEME")]


def test_a_process_that_came_first_is_found_by_the_lock_that_its_secret_opens(market: Market) -> None:
    stolen = process(market, secrets={"TOKEN": PASSWORD})
    assert market.found(stolen, role(market, "ordering", "ordering--postgresql")) == [(OWNERSHIP, "secrets.TOKEN")]


def test_a_context_s_own_password_is_its_own(market: Market) -> None:
    own = process(market, contexts="billing", secrets={"POSTGRESQL_PASSWORD": PASSWORD})
    assert market.found(role(market, "billing", "platform--postgresql"), own) == NONE


def test_an_administrator_s_password_is_for_no_process(market: Market) -> None:
    server = market.local("Server", Options(protect=True), name="ordering--postgresql", adminPassword=PASSWORD)
    assert market.found(server, process(market, secrets={"TOKEN": PASSWORD})) == [(BREACH, "secrets.TOKEN")]


def test_a_password_of_another_context_at_the_broker_gives_all_of_its_rights(market: Market) -> None:
    user = market.in_rabbitmq("User", name="ordering", password=PASSWORD)
    assert market.found(user, process(market, secrets={"TOKEN": PASSWORD})) == [(RIGHT, "secrets.TOKEN")]


def test_a_password_of_a_consumer_at_the_broker_gives_its_queues(market: Market) -> None:
    user = market.in_rabbitmq("User", name="billing", password=PASSWORD)
    thief = process(market, team="orders-team", contexts="ordering", secrets={"TOKEN": PASSWORD})
    assert market.found(user, thief) == [(RIGHT, "secrets.TOKEN")] * 2


def test_a_password_so_short_that_it_stands_in_any_text_is_not_looked_for(market: Market) -> None:
    innocent = process(market, environment={"THEME": "blue"})
    assert market.found(role(market, "ordering", "ordering--postgresql", "blue"), innocent) == NONE


def test_a_password_of_a_redis_is_its_owner_s(market: Market) -> None:
    port = market.port("billing--redis")
    user = market.local("RedisUser", port=port, user="billing", password=PASSWORD)
    thief = process(market, team="orders-team", contexts="ordering", secrets={"TOKEN": PASSWORD})
    assert market.found(user, thief) == [(OWNERSHIP, "secrets.TOKEN")]


def test_no_message_quotes_a_secret(market: Market) -> None:
    stolen = process(market, environment={"THEME": PASSWORD})
    assert PASSWORD not in market.messages(role(market, "ordering", "ordering--postgresql"), stolen)


def test_secrets_that_a_preview_does_not_know_say_nothing(market: Market) -> None:
    assert market.found(role(market, "ordering", "ordering--postgresql", UNKNOWN), planned(market, "billing")) == NONE


def at_the_end(market: Market, *resources: Observed, read: tuple[Observed, ...] = ()) -> list[tuple[str, str, str]]:
    bench = Bench(market.ground)
    for resource in resources:
        bench.findings(resource)
    found = bench.findings_at_the_end([*resources, *read])
    return [(resource.name, finding.rule, finding.field) for resource, finding in found]


def test_a_database_without_its_fence_is_found_at_the_end(market: Market) -> None:
    database = named(market.in_postgresql("Database", name="ordering", owner="ordering", protect=True), "database")
    assert at_the_end(market, database) == [("database", BREACH, "")]


def test_a_database_with_its_fence_stands(market: Market) -> None:
    database = named(market.in_postgresql("Database", name="ordering", owner="ordering", protect=True), "database")
    fence = market.local("PostgresFence", port=market.port("ordering--postgresql"), database="ordering", owner="ordering")
    assert at_the_end(market, database, fence) == []


def test_a_publisher_without_limits_on_its_routing_keys_is_found_at_the_end(market: Market) -> None:
    rights = {"configure": "^$", "write": r"^ordering\.events$", "read": "^$"}
    permissions = named(market.in_rabbitmq("Permissions", user="ordering", vhost="market", permissions=rights), "rights")
    assert at_the_end(market, permissions) == [("rights", BREACH, "")]


def test_a_consumer_needs_no_limits_on_routing_keys(market: Market) -> None:
    rights = {"configure": "^$", "write": "^$", "read": "^invoices$"}
    permissions = market.in_rabbitmq("Permissions", user="billing", vhost="market", permissions=rights)
    assert at_the_end(market, permissions) == []


def test_what_was_only_read_is_judged_at_the_end(market: Market) -> None:
    reference = Observed(
        f"{STACK}pulumi:pulumi:StackReference::other", "pulumi:pulumi:StackReference", "other", Properties({})
    )
    assert at_the_end(market, read=(reference,)) == [("other", BREACH, "")]


def test_what_was_refused_before_is_not_told_again_at_the_end(market: Market) -> None:
    assert at_the_end(market, market.resource("command:local:Command")) == []
