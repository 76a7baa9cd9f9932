"""A real RabbitMQ with an epmd of its own, on loopback alone, that ends whole."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pika
import pytest

from plat.patterns import NOTHING, any_of
from providers.cluster import rabbitmq as inside
from tests.integration.local.harness import OTHER_PASSWORD, PASSWORD, Stack, living, server

AMQP, MANAGEMENT, EPMD, DISTRIBUTION = 31581, 31582, 31583, 31584
EXTRA = {"management": MANAGEMENT, "epmd": EPMD, "distribution": DISTRIBUTION}


@pytest.fixture(scope="module")
def stack(new_stack: Callable[[], Stack]) -> Stack:
    stack = new_stack()
    stack.must_up(server("rabbitmq", AMQP, extra_ports=EXTRA))
    return stack


def api(method: str, path: str, password: str = PASSWORD, user: str = "plat_admin", **options: object) -> httpx.Response:
    url = f"http://127.0.0.1:{MANAGEMENT}/api/{path}"
    return httpx.request(method, url, auth=(user, password), trust_env=False, timeout=30, **options)  # type: ignore[arg-type]


def test_it_answers_its_administrator_and_knows_no_guest(stack: Stack) -> None:
    assert api("GET", "overview").json()["rabbitmq_version"] == stack.outputs("rabbitmq-31581")["serverVersion"]
    assert [user["name"] for user in api("GET", "users").json()] == ["plat_admin"]
    assert api("GET", "overview", "guest", "guest").status_code == 401
    address = pika.ConnectionParameters("127.0.0.1", AMQP, credentials=pika.PlainCredentials("guest", "guest"))
    with pytest.raises(pika.exceptions.ProbableAuthenticationError):
        pika.BlockingConnection(address)


def test_it_listens_on_loopback_alone(stack: Stack) -> None:
    listening = [
        connection.laddr
        for process in stack.processes()
        for connection in process.net_connections("tcp")
        if connection.status == "LISTEN"
    ]
    # epmd listens on both loopback addresses, whichever it is told.
    assert {address.ip for address in listening} <= {"127.0.0.1", "::1"}
    assert {address.port for address in listening} == {AMQP, MANAGEMENT, EPMD, DISTRIBUTION}


def test_its_password_stands_nowhere_in_plain_text(stack: Stack) -> None:
    written = [path for path in stack.place.rglob("*") if path.is_file()]
    assert not [path for path in written if PASSWORD.encode() in path.read_bytes()]


def test_the_second_up_changes_nothing(stack: Stack) -> None:
    assert stack.must_up().summary == {"unchanged": 3}


SERVER = {"host": "127.0.0.1", "port": AMQP, "management": MANAGEMENT, "adminUser": "plat_admin", "adminPassword": PASSWORD}


def user(name: str, *, publishes: str = "", consumes: str = "", password: str = OTHER_PASSWORD) -> dict[str, object]:
    return {
        "name": name,
        "password": password,
        "publishesTo": [publishes] if publishes else [],
        "consumesFrom": [consumes] if consumes else [],
        "routingKeys": ["Sold.v1"] if publishes else [],
        "groups": [],
    }


def part(users: list[dict[str, object]], exchanges: list[str], queues: list[str] | None = None) -> dict[str, object]:
    """What one share has in the virtual host, in the words of a task."""
    declared = [
        {"name": name, "deadLetter": f"{name}.dead", "exchange": "sales", "routingKey": "Sold.v1", "retentionMs": 60000}
        for name in queues or []
    ]
    return {**SERVER, "vhost": "parts", "exchanges": exchanges, "queues": declared, "users": users}


def test_who_makes_a_part_of_a_virtual_host_leaves_alone_what_others_have_in_it(stack: Stack) -> None:
    assert stack.processes()
    # The consumer's comes first, and makes the exchange that it needs just as its publisher will.
    inside.apply(part([user("store", consumes="inbox")], ["sales"], ["inbox"]))
    inside.apply(part([user("sales", publishes="sales")], ["sales"]))
    assert {one["name"] for one in api("GET", "users").json()} == {"plat_admin", "sales", "store"}
    inside.apply(part([user("sales")], ["sales"]))
    assert api("GET", "permissions/parts/sales").json()["write"] == NOTHING
    assert api("GET", "permissions/parts/store").json()["read"] == any_of(["inbox"])
    assert bound() == [("sales", "inbox", "Sold.v1")]


def test_who_is_not_named_is_let_in_no_more_and_no_queue_is_lost(stack: Stack) -> None:
    assert stack.processes()
    inside.apply(part([user("store", consumes="inbox"), user("sales", publishes="sales")], ["sales"], ["inbox"]))
    inside.only({**SERVER, "vhost": "parts", "users": ["sales"], "bindings": []})
    assert {one["name"] for one in api("GET", "users").json()} == {"plat_admin", "sales"}
    assert bound() == []
    assert {one["name"] for one in api("GET", "queues/parts").json()} == {"inbox", "inbox.dead"}
    inside.only({**SERVER, "vhost": "parts", "users": ["sales"], "bindings": []})
    assert {one["name"] for one in api("GET", "users").json()} == {"plat_admin", "sales"}


def bound() -> list[tuple[str, str, str]]:
    found = (item for item in api("GET", "bindings/parts").json() if item["source"])
    return [(item["source"], item["destination"], item["routing_key"]) for item in found]


def test_stop_ends_everything_and_the_next_up_has_all_that_was_there(stack: Stack) -> None:
    assert api("PUT", "vhosts/shop").is_success
    assert api("PUT", "queues/shop/orders", json={"durable": True}).is_success
    alive = stack.processes()
    assert len(alive) > 3
    assert stack.runtime.stop() == 2
    assert living(alive) == []
    assert stack.must_up().summary == {"updated": 1, "unchanged": 2}
    assert [queue["name"] for queue in api("GET", "queues/shop").json()] == ["orders"]


def test_a_changed_password_opens_and_the_old_one_no_longer_does(stack: Stack) -> None:
    stack.must_up(server("rabbitmq", AMQP, extra_ports=EXTRA, admin_password=OTHER_PASSWORD))
    assert api("GET", "overview", OTHER_PASSWORD).status_code == 200
    assert api("GET", "overview", PASSWORD).status_code == 401
