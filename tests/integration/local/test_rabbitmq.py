"""A real RabbitMQ with an epmd of its own, on loopback alone, that ends whole."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pika
import pytest

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
