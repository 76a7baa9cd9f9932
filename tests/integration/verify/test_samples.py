"""The sample services on real servers: an order placed over HTTP arrives, whatever goes down on its way."""

from __future__ import annotations

import json
import uuid

import httpx
import pika
import pytest

from tests.integration.verify.conftest import World
from tests.integration.verify.servers import Running, management_api, postgresql_admin, redis_admin, wait_for

ORDER = {"user_id": "42", "order_items": [{"sku": "tea", "quantity": 2}], "total_amount": 19.9}


@pytest.fixture(autouse=True, scope="module")
def _services(order_processing: Running, user_management: Running) -> None:
    """What customers and other contexts reach."""


@pytest.fixture
def shop(world: World) -> httpx.Client:
    """A client of order-processing, without credentials."""
    return _client(world.ports["order-processing"])


@pytest.fixture
def users(world: World) -> httpx.Client:
    """A client of user-management, without credentials."""
    return _client(world.ports["user-management"])


def test_an_order_placed_over_http_is_stored_and_arrives(world: World, shop: httpx.Client, notification: Running) -> None:
    answer = shop.post("/orders", json=ORDER)
    placed = answer.json()

    assert answer.status_code == 201
    assert placed["status"] == "stored and published"
    assert str(uuid.UUID(placed["message_id"])) == placed["message_id"]
    _appears(notification, f"notified user 42 of order {placed['order_id']} (message {placed['message_id']})")
    assert _orders(world, placed["order_id"]) == [("42", [{"sku": "tea", "quantity": 2}], "19.90")]
    assert shop.get(f"/orders/{placed['order_id']}").json()["total_amount"] == "19.90"


def test_an_order_is_announced_by_a_persistent_message_that_carries_it(world: World, shop: httpx.Client) -> None:
    with pika.BlockingConnection(pika.URLParameters(world.broker_url("notification"))) as connection:
        channel = connection.channel()
        received: list[tuple[pika.BasicProperties, bytes]] = []

        def take(_channel: object, _method: object, properties: pika.BasicProperties, body: bytes) -> None:
            received.append((properties, body))

        channel.basic_consume("order_queue", take, auto_ack=True, arguments={"x-priority": 100})
        placed = shop.post("/PlaceOrder", json=ORDER).json()
        wait_for(lambda: _received(connection, received), lambda: "no message")

    ((properties, body),) = received
    message = json.loads(body)
    assert (properties.delivery_mode, properties.message_id) == (2, placed["message_id"])
    assert message["message_id"] == placed["message_id"]
    assert message["order_data"]["order_id"] == placed["order_id"]
    assert message["order_data"]["order_items"] == ORDER["order_items"]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"user_id": None}, "`user_id` must be a whole number or a line of at most 64 characters"),
        ({"user_id": "two\nlines"}, "`user_id` must be a whole number or a line of at most 64 characters"),
        ({"order_items": []}, "`order_items` must be a list with at least one item"),
        ({"order_items": ["\0"]}, "the order cannot be stored: unsupported Unicode escape sequence"),
        ({"total_amount": -1}, "`total_amount` must be a number from 0 with at most two decimals"),
        ({"total_amount": 0.001}, "`total_amount` must be a number from 0 with at most two decimals"),
        ({"total_amount": "19.90"}, "`total_amount` must be a number from 0 with at most two decimals"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_with_the_reason(
    shop: httpx.Client, wrong: dict[str, object], reason: str
) -> None:
    answer = shop.post("/orders", json={**ORDER, **wrong})

    assert (answer.status_code, answer.json()) == (400, {"error": reason})


def test_an_order_is_kept_while_the_broker_is_down_and_announced_later(world: World, notification: Running) -> None:
    # A database of its own: no other instance finds the message in its outbox.
    database = f"billing:{world.secret('datastore/billing-postgresql')}@127.0.0.1:{world.ports['platform--postgresql']}"
    nobody = f"amqp://order-processing:nothing@127.0.0.1:{world.ports['spare']}/order-processing"
    event = {"exchange": "order-processing.events", "routing_key": "OrderPlaced.v1"}
    variables = world.variables(
        "order-processing",
        PORT=str(world.ports["generic"]),
        POSTGRESQL_URL=f"postgresql://{database}/billing",
        PLAT_PUBLISHES=json.dumps({"order-processing.OrderPlaced": event}),
    )
    shop = _client(world.ports["generic"])
    service = world.servers.sample("order_processing", {**variables, "BROKER_URL": nobody})
    answer = shop.post("/orders", json=ORDER)
    ready = shop.get("/ready")
    service.stop()
    service = world.servers.sample("order_processing", {**variables, "BROKER_URL": world.broker_url("order-processing")})
    _appears(notification, f"notified user 42 of order {answer.json()['order_id']}")
    service.stop()

    assert (answer.status_code, answer.json()["status"]) == (202, "stored, to be published")
    assert (ready.status_code, set(ready.json()["reasons"])) == (503, {"broker"})


def test_services_carry_on_after_the_broker_has_cut_every_connection(
    world: World, shop: httpx.Client, notification: Running
) -> None:
    with management_api(world.ports["management"]) as api:
        # The list of connections lags behind by some seconds.
        wait_for(lambda: _cut(api), lambda: "no connection is listed")
    placed = shop.post("/orders", json=ORDER)

    assert placed.status_code == 201
    _appears(notification, f"notified user 42 of order {placed.json()['order_id']}")
    wait_for(lambda: shop.get("/ready").raise_for_status(), lambda: "order-processing is not ready")


def test_a_message_that_nobody_can_handle_is_set_aside_and_the_next_ones_arrive(
    world: World, shop: httpx.Client, notification: Running
) -> None:
    with pika.BlockingConnection(pika.URLParameters(world.broker_url("order-processing"))) as connection:
        connection.channel().basic_publish("order-processing.events", "OrderPlaced.v1", b"no JSON")
    placed = shop.post("/orders", json=ORDER).json()

    _appears(notification, f"notified user 42 of order {placed['order_id']}")
    with pika.BlockingConnection(pika.URLParameters(world.broker_url("notification"))) as connection:
        channel = connection.channel()
        dead: list[bytes] = []
        wait_for(lambda: _get(channel, "order_queue.dead", dead), lambda: "nothing was set aside")
    assert dead == [b"no JSON"]


def test_a_login_opens_a_session_that_lives_in_redis_for_an_hour(world: World, users: httpx.Client) -> None:
    answer = users.post("/Login", json={"user_id": "42", "name": "Ada"})
    shipping = ("shipping", world.secret("route/shipping/user-management"))
    known = users.get("/GetUser", params={"id": "42"}, auth=shipping)

    assert answer.status_code == 201
    with redis_admin(world.ports["user-management-redis"]) as admin:
        stored = json.loads(str(admin.get("user:42")))
        assert 0 < int(str(admin.ttl("user:42"))) <= 3600
    assert stored["session"] == answer.json()["session"]
    assert known.json() == {"user_id": "42", "name": "Ada", "created": stored["created"]}


def test_who_is_not_declared_is_told_why_it_is_not_let_in(world: World, users: httpx.Client) -> None:
    token = world.secret("route/shipping/user-management")
    answers = {
        "nobody": users.get("/GetUser"),
        "wrong token": users.get("/GetUser", auth=("shipping", "guessed")),
        "another's token": users.get("/GetUser", auth=("billing", token)),
        "undeclared operation": users.get("/DeleteUser", auth=("shipping", token)),
        "path around it": users.get("/Login/../GetUser"),
    }

    assert {name: (answer.status_code, answer.json()["error"]) for name, answer in answers.items()} == {
        "nobody": (401, "GetUser asks for a caller's name and token (HTTP Basic)"),
        "wrong token": (401, "unknown caller or wrong token"),
        "another's token": (401, "unknown caller or wrong token"),
        "undeclared operation": (404, "DeleteUser is no operation that is exposed here"),
        "path around it": (401, "GetUser asks for a caller's name and token (HTTP Basic)"),
    }


def test_a_service_says_what_it_waits_for_and_goes_on_when_that_is_back(world: World) -> None:
    port, spare = world.ports["generic"], world.ports["spare"]
    url = f"redis://admin:canary-of-redis@127.0.0.1:{spare}/0"
    service = world.servers.sample("user_management", world.variables("user-management", PORT=str(port), REDIS_URL=url))
    users = _client(port)

    without = users.get("/ready")
    login = users.post("/Login", json={"user_id": "42"})
    alive = users.get("/healthz")
    server = world.servers.redis(spare)
    with redis_admin(spare) as admin:
        admin.execute_command("ACL", "SETUSER", "admin", "resetpass", ">canary-of-redis")
    wait_for(lambda: users.get("/ready").raise_for_status(), lambda: "it is not ready")
    server.stop()
    again_without = users.get("/ready")
    service.stop()

    assert (without.status_code, set(without.json()["reasons"])) == (503, {"redis"})
    assert (login.status_code, login.json()) == (503, {"error": "the session store does not answer"})
    assert alive.status_code == 200
    assert again_without.status_code == 503
    assert "canary-of-redis" not in without.text + service.log()


def test_a_generic_service_publishes_consumes_and_calls_as_declared(world: World) -> None:
    token, port = world.secret("route/shipping/user-management"), world.ports["user-management"]
    publisher = {
        "BROKER_URL": world.broker_url("order-processing"),
        "PLAT_PUBLISHES": json.dumps(
            {"order-processing.OrderPlaced": {"exchange": "order-processing.events", "routing_key": "OrderPlaced.v1"}}
        ),
    }
    publishing = world.servers.sample(
        "generic", world.variables("order-processing", PORT=str(world.ports["generic"]), **publisher)
    )
    shipping = world.variables("shipping", USER_MANAGEMENT_URL=f"http://shipping:{token}@127.0.0.1:{port}")
    calling = world.servers.sample("generic", shipping)
    orders, caller = _client(world.ports["generic"]), _client(world.ports["shipping"])

    _client(port).post("/Login", json={"user_id": "7", "name": "Grace"})
    published = orders.post("/publish/OrderPlaced", json={"order_data": {"order_id": "1", "user_id": "7"}})
    answers = {
        "exposed": orders.get("/PlaceOrder").json(),
        "unknown event": orders.post("/publish/Other", json={}).json(),
        "call": caller.get("/call/user-management/GetUser", params={"id": "7"}).json()["answer"]["name"],
        "call without a relation": caller.get("/call/order-processing/PlaceOrder").json(),
        "call of an undeclared operation": caller.get("/call/user-management/DeleteUser").json(),
    }
    publishing.stop()
    calling.stop()

    assert (published.status_code, published.json()["published"]) == (201, True)
    assert answers == {
        "exposed": {
            "operation": "PlaceOrder",
            "served_by": "order-processing",
            "caller": "anonymous",
            "method": "GET",
            "query": {},
        },
        "unknown event": {"error": "no event of that name is published here; declared: OrderPlaced"},
        "call": "Grace",
        "call without a relation": {"error": "shipping declares no upstream of that name"},
        "call of an undeclared operation": {
            "answer": {"error": "DeleteUser is no operation that is exposed here"},
            "operation": "DeleteUser",
            "status": 404,
            "upstream": "user-management",
        },
    }


@pytest.mark.usefixtures("notification")  # which sets aside what it cannot handle
def test_a_generic_service_shows_what_it_has_received(world: World) -> None:
    queue = {"event": "order-processing.OrderPlaced", "context": "notification", "dead_letter_queue": "order_queue.dead"}
    variables = world.variables(
        "notification",
        PORT=str(world.ports["generic"]),
        BROKER_URL=world.broker_url("notification"),
        PLAT_CONSUMES=json.dumps({"order_queue.dead": queue}),
    )
    service = world.servers.sample("generic", variables)
    with pika.BlockingConnection(pika.URLParameters(world.broker_url("order-processing"))) as connection:
        properties = pika.BasicProperties(message_id="7")
        connection.channel().basic_publish("order-processing.events", "OrderPlaced.v1", b'{"no": "order"}', properties)
    arrived: list[dict[str, object]] = []
    generic = _client(world.ports["generic"])
    wait_for(lambda: _receives(generic, arrived), lambda: "nothing was received")
    ready = generic.get("/ready").json()
    service.stop()

    expected = {"event": "order-processing.OrderPlaced", "queue": "order_queue.dead", "message_id": "7"}
    assert arrived == [{**expected, "body": {"no": "order"}}]
    assert ready == {"status": "ready", "checks": ["consumer (notification)"]}


def test_a_service_stops_in_order_when_it_is_told_to(world: World) -> None:
    service = world.servers.sample("generic", world.variables("shipping"))

    assert service.stop() == 0
    assert service.log().splitlines()[-1].endswith("shipping stops")


def _client(port: int) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)


def _appears(service: Running, text: str) -> None:
    wait_for(lambda: _holds(service.log(), text), lambda: f"{text!r} is not in the log:\n{service.log()}")


def _holds(text: str, part: str) -> None:
    assert part in text


def _received(connection: pika.BlockingConnection, received: list[tuple[pika.BasicProperties, bytes]]) -> None:
    connection.process_data_events(time_limit=0.2)
    assert received


def _receives(generic: httpx.Client, arrived: list[dict[str, object]]) -> None:
    arrived[:] = generic.get("/received").json()["received"]
    assert arrived


def _cut(api: httpx.Client) -> None:
    names = [item["name"] for item in api.get("connections").json()]
    assert names
    for name in names:
        api.delete(f"connections/{name}")


def _get(channel: pika.adapters.blocking_connection.BlockingChannel, queue: str, found: list[bytes]) -> None:
    _, _, body = channel.basic_get(queue, auto_ack=True)
    assert body is not None
    found.append(body)


def _orders(world: World, order_id: str) -> list[tuple[object, ...]]:
    with postgresql_admin(world.ports["order-processing-postgresql"], "order_processing") as admin:
        query = "SELECT user_id, order_items, total_amount::text FROM orders WHERE order_id = %s"
        return admin.execute(query, (order_id,)).fetchall()
