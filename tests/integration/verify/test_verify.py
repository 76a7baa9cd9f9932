"""Each right at each kind of real server, shut and wrongly opened: the matrix shows either as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pika
import pytest
from rich.console import Console

from plat.verify import Cell, Report, verify
from tests.integration.verify import openings
from tests.integration.verify.conftest import World
from tests.integration.verify.servers import management_api, postgresql_admin, redis_admin

Opening = Callable[[World], Iterator[None]]
Cells = set[tuple[str, str, str]]


@pytest.fixture(autouse=True, scope="module")
def _services(order_processing: object, user_management: object) -> None:
    """What the surfaces of the plan lead to."""


def test_a_landscape_fenced_as_planned_differs_nowhere(world: World) -> None:
    report = verify(world.plan, world.secrets)

    assert report.differing == ()
    assert _open(report) == {
        ("(anonymous)", "order-processing", "PlaceOrder"),
        ("(anonymous)", "user-management", "Login"),
        ("billing", "order-processing", "PlaceOrder"),
        ("billing", "platform--postgresql", "database billing"),
        ("billing", "user-management", "Login"),
        ("notification", "order-processing", "PlaceOrder"),
        ("notification", "order_queue", "consume"),
        ("notification", "order_queue.dead", "consume"),
        ("notification", "user-management", "Login"),
        ("order-processing", "order-processing", "PlaceOrder"),
        ("order-processing", "order-processing-postgresql", "database order_processing"),
        ("order-processing", "order-processing.events", "publish OrderPlaced.v1"),
        ("order-processing", "user-management", "Login"),
        ("shipping", "order-processing", "PlaceOrder"),
        ("shipping", "user-management", "GetUser"),
        ("shipping", "user-management", "Login"),
        ("support", "order-processing", "PlaceOrder"),
        ("support", "platform--postgresql", "database support"),
        ("support", "user-management", "Login"),
        ("user-management", "order-processing", "PlaceOrder"),
        ("user-management", "user-management", "Login"),
        ("user-management", "user-management-redis", "read, write"),
    }


@pytest.mark.parametrize(
    ("principal", "target", "right", "words"),
    [
        (
            "notification",
            "order-processing-postgresql",
            "database order_processing",
            'password authentication failed for user "notification"',
        ),
        ("billing", "platform--postgresql", "database support", 'permission denied for database "support"'),
        ("billing", "platform--postgresql", "CREATE ROLE, in billing", "permission denied to create role"),
        ("(anonymous)", "platform--postgresql", "database billing", "no password supplied"),
        (
            "billing",
            "user-management-redis",
            "read, write",
            "WRONGPASS invalid username-password pair or user is disabled.",
        ),
        (
            "user-management",
            "user-management-redis",
            "CONFIG GET",
            "NOPERM this user has no permissions to run the 'config' command or its subcommand",
        ),
        ("(anonymous)", "user-management-redis", "read, write", "NOAUTH Authentication required."),
        (
            "order-processing",
            "order_queue",
            "consume",
            "ACCESS_REFUSED - access to queue 'order_queue' in vhost 'order-processing' refused for user 'order-processing'",
        ),
        (
            "order-processing",
            "order-processing.events",
            "publish any other key",
            (
                "ACCESS_REFUSED - access to topic 'plat-verify' in exchange 'order-processing.events' in vhost "
                "'order-processing' refused for user 'order-processing'"
            ),
        ),
        (
            "(anonymous)",
            "order_queue",
            "consume",
            "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.",
        ),
        ("notification", "broker", "manage over HTTP", "401 Not management user"),
        (
            "(anonymous)",
            "user-management",
            "GetUser",
            "401 GetUser asks for a caller's name and token (HTTP Basic)",
        ),
        ("billing", "user-management", "GetUser", "401 unknown caller or wrong token"),
    ],
)
def test_a_refusal_is_told_in_the_servers_own_words(world: World, principal: str, target: str, right: str, words: str) -> None:
    assert _words(_as_planned(world), principal, target, right) == words


@pytest.mark.parametrize(
    ("opening", "differing"),
    [
        pytest.param(opening, differing, id=opening.__name__)
        for opening, differing in [
            (openings.database_of_another, {("billing", "platform--postgresql", "database support")}),
            (
                openings.maintenance_database,
                {(name, "platform--postgresql", "database postgres") for name in ("billing", "support")},
            ),
            (
                openings.role_that_makes_roles,
                {("order-processing", "order-processing-postgresql", "CREATE ROLE, in order_processing")},
            ),
            (
                openings.owner_without_the_right_password,
                {("order-processing", "order-processing-postgresql", "database order_processing")},
            ),
            (
                openings.one_password_for_two_databases,
                {
                    ("billing", "order-processing-postgresql", "database order_processing"),
                    ("order-processing", "order-processing-postgresql", "database order_processing"),
                },
            ),
            (
                openings.redis_for_everybody,
                {("(anonymous)", "user-management-redis", right) for right in ("read, write", "ACL LIST", "CONFIG GET")},
            ),
            (openings.redis_reader, {("shipping", "user-management-redis", "read, write")}),
            (
                openings.redis_owner_who_administers,
                {("user-management", "user-management-redis", right) for right in ("ACL LIST", "CONFIG GET")},
            ),
            (
                openings.publisher_who_is_none,
                {
                    ("notification", "order-processing.events", right)
                    for right in ("publish OrderPlaced.v1", "publish any other key")
                },
            ),
            (openings.publisher_of_any_key, {("order-processing", "order-processing.events", "publish any other key")}),
            (
                openings.consumer_who_is_none,
                {("order-processing", queue, "consume") for queue in ("order_queue", "order_queue.dead")},
            ),
            (
                openings.declaration,
                {
                    ("order-processing", "broker", "declare a new exchange"),
                    ("order-processing", "broker", "declare a new queue"),
                    ("order-processing", "order-processing.events", "declare anew"),
                    ("order-processing", "order_queue", "declare anew"),
                    ("order-processing", "order_queue.dead", "declare anew"),
                },
            ),
            (
                openings.write_everywhere,
                {
                    ("notification", "broker", "send to a queue directly"),
                    ("notification", "order-processing.events", "publish OrderPlaced.v1"),
                    ("notification", "order-processing.events", "publish any other key"),
                    ("notification", "order_queue", "bind to another key"),
                    ("notification", "order_queue.dead", "bind to another key"),
                },
            ),
            (openings.administrator_at_the_broker, {("notification", "broker", "manage over HTTP")}),
            (openings.guest, {("(anonymous)", "order_queue", "consume")}),
            (openings.missing_queue_right, {("notification", "order_queue.dead", "consume")}),
        ]
    ],
)
def test_what_a_server_does_otherwise_than_planned_is_found(world: World, opening: Opening, differing: Cells) -> None:
    with contextmanager(opening)(world):
        report = verify(world.plan, world.secrets)

    assert _differing(report) == differing


def test_a_service_that_lets_in_whom_it_should_not_is_found(world: World) -> None:
    lax = json.dumps({"GetUser": {"public": True}, "Login": {"public": False}})
    password, port = world.secret("datastore/user-management-redis"), world.ports["user-management-redis"]
    variables = world.variables(
        "user-management",
        PORT=str(world.ports["generic"]),
        PLAT_SURFACE=lax,
        REDIS_URL=f"redis://user-management:{password}@127.0.0.1:{port}/0",
    )
    service = world.servers.sample("user_management", variables)
    surfaces = tuple(
        replace(surface, port=world.ports["generic"]) if surface.context == "user-management" else surface
        for surface in world.plan.surfaces
    )
    report = verify(replace(world.plan, surfaces=surfaces), world.secrets)
    service.stop()

    everybody = {result.cell.principal for result in report.results}
    assert _differing(report) == {
        *((name, "user-management", "GetUser") for name in everybody - {"shipping"}),
        *((name, "user-management", "Login") for name in everybody),
    }


def test_a_service_that_does_not_answer_is_neither_open_nor_shut(world: World) -> None:
    surfaces = tuple(replace(surface, port=world.ports["generic"]) for surface in world.plan.surfaces)
    report = verify(replace(world.plan, surfaces=surfaces), world.secrets)

    everybody = {result.cell.principal for result in report.results}
    operations = {("order-processing", "PlaceOrder"), ("user-management", "GetUser"), ("user-management", "Login")}
    assert _differing(report) == {(name, *operation) for name in everybody for operation in operations}
    assert _words(report, "billing", "user-management", "Login") == "no answer: [Errno 111] Connection refused"


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ("order-processing-postgresql", "no answer: Connection refused"),
        ("user-management-redis", "no answer: Error 111 connecting to 127.0.0.1:{port}. Connection refused."),
        ("platform--rabbitmq", "no answer: [Errno 111] Connection refused"),
    ],
)
def test_a_server_that_does_not_answer_is_neither_open_nor_shut(world: World, server: str, words: str) -> None:
    port = world.ports["generic"]
    servers = tuple(replace(item, port=port) if item.name == server else item for item in world.plan.servers)
    report = verify(replace(world.plan, servers=servers), world.secrets)

    assert not report.ok
    assert {result.outcome.allowed for result in report.differing} == {None}
    assert {result.outcome.words for result in report.differing} == {words.format(port=port)}


def test_messages_are_neither_taken_nor_touched_nor_added(world: World) -> None:
    parameters = pika.URLParameters(world.broker_url("order-processing"))
    with pika.BlockingConnection(parameters) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("order-processing.events", "OrderPlaced.v1", b"untouched", mandatory=True)

    verify(world.plan, world.secrets)

    with pika.BlockingConnection(pika.URLParameters(world.broker_url("notification"))) as connection:
        channel = connection.channel()
        first, properties, body = channel.basic_get("order_queue", auto_ack=True)
        assert body == b"untouched"
        assert not first.redelivered
        assert (properties.headers or {}).get("x-delivery-count", 0) == 0
        assert channel.basic_get("order_queue") == (None, None, None)
        assert channel.basic_get("order_queue.dead") == (None, None, None)


def test_nothing_is_left_behind_even_where_everything_was_open(world: World) -> None:
    with openings.rights(world, "order-processing", configure=".*", write=".*", read=".*"):
        verify(world.plan, world.secrets)

    with management_api(world.ports["management"]) as api:
        queues = {item["name"] for item in api.get("queues/order-processing").json()}
        exchanges = {item["name"] for item in api.get("exchanges/order-processing").json()}
        bindings = {item["routing_key"] for item in api.get("bindings/order-processing").json()}
    with postgresql_admin(world.ports["order-processing-postgresql"], "order_processing") as admin:
        left = admin.execute(
            "SELECT relname FROM pg_class WHERE relname LIKE 'plat_verify%' "
            "UNION SELECT rolname FROM pg_roles WHERE rolname LIKE 'plat_verify%'"
        ).fetchall()
    with redis_admin(world.ports["user-management-redis"]) as admin:
        keys = admin.keys("plat-verify*")

    assert queues == {"order_queue", "order_queue.dead"}
    assert "plat-verify" not in exchanges
    assert "plat-verify" not in bindings
    assert left == []
    assert keys == []


def test_no_secret_is_in_what_is_reported(world: World) -> None:
    report = _as_planned(world)
    console = Console(record=True, width=100, quiet=True)
    report.render(console)
    report.render(console, verbose=True)
    text = console.export_text() + json.dumps(report.to_dict()) + repr(report)

    assert [secret for secret in world.secrets.values() if secret in text] == []


_planned: dict[int, Report] = {}


def _as_planned(world: World) -> Report:
    """One report of the fence as it should be, for all tests that only read."""
    if id(world) not in _planned:
        _planned[id(world)] = verify(world.plan, world.secrets)
    return _planned[id(world)]


def _open(report: Report) -> Cells:
    return {_name(result.cell) for result in report.results if result.outcome.allowed}


def _differing(report: Report) -> Cells:
    return {_name(result.cell) for result in report.differing}


def _name(cell: Cell) -> tuple[str, str, str]:
    return cell.principal, cell.door.target, cell.door.right


def _words(report: Report, *name: str) -> str:
    return next(result.outcome.words for result in report.results if _name(result.cell) == name)
