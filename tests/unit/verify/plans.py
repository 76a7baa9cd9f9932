"""A small landscape's plan, written by hand: one of everything that `plat verify` tries."""

from __future__ import annotations

from collections.abc import Mapping

from plat.plan.model import (
    Broker,
    BrokerUser,
    Datastore,
    Exchange,
    Operation,
    Plan,
    Queue,
    Route,
    SecretRef,
    Server,
    Surface,
)

TEAMS = {
    "billing": "finance-team",
    "notification": "engagement-team",
    "order-processing": "orders-team",
    "shipping": "shipping-team",
    "support": "finance-team",
    "user-management": "identity-team",
}
PORTS = {
    "order-processing-postgresql": 1,
    "platform--postgresql": 2,
    "user-management-redis": 3,
    "platform--rabbitmq": 4,
    "management": 5,
    "user-management": 6,
    "order-processing": 7,
}


def small_plan(ports: Mapping[str, int] | None = None) -> Plan:
    """Six contexts: an own PostgreSQL, a shared one with two databases, a Redis, one event, and one internal operation."""
    at = {**PORTS, **(ports or {})}
    return Plan(
        landscape="order-processing",
        environment="test",
        teams=TEAMS,
        servers=tuple(_servers(at)),
        datastores=(
            _database("billing", "platform--postgresql"),
            _database("order-processing", "order-processing-postgresql"),
            _database("support", "platform--postgresql"),
            Datastore(
                name="user-management-redis",
                context="user-management",
                team=TEAMS["user-management"],
                type="redis",
                server="user-management-redis",
                database="0",
                role="user-management",
                secret=SecretRef("datastore/user-management-redis"),
            ),
        ),
        broker=_broker(),
        surfaces=(
            Surface(
                "order-processing",
                "order-processing",
                "127.0.0.1",
                at["order-processing"],
                (Operation("PlaceOrder", public=True, callers=()),),
            ),
            Surface(
                "user-management",
                "user-management",
                "127.0.0.1",
                at["user-management"],
                (Operation("GetUser", public=False, callers=("shipping",)), Operation("Login", public=True, callers=())),
            ),
        ),
        routes=(
            Route("billing", "order-processing", ("PlaceOrder",), SecretRef("route/billing/order-processing")),
            Route("shipping", "user-management", ("GetUser",), SecretRef("route/shipping/user-management")),
        ),
        externals=(),
        workloads=(),
        claims=(),
    )


def secrets_of(plan: Plan) -> dict[SecretRef, str]:
    """A secret for each name, which tells by itself where it has leaked from."""
    return {ref: f"canary-{ref.replace('/', '-')}" for ref in plan.secrets}


def _servers(at: Mapping[str, int]) -> list[Server]:
    def server(name: str, kind: str, owner: str, admin: str, **extra_ports: int) -> Server:
        return Server(
            name=name,
            kind=kind,
            owner=owner,
            team=TEAMS.get(owner, "platform-team"),
            host="127.0.0.1",
            port=at[name],
            durability="persistent",
            admin_user=admin,
            admin_secret=SecretRef(f"server/{name}"),
            extra_ports=extra_ports,
        )

    return [
        server("order-processing-postgresql", "postgresql", "order-processing", "postgres"),
        server("platform--postgresql", "postgresql", "platform", "postgres"),
        server("platform--rabbitmq", "rabbitmq", "platform", "admin", management=at["management"]),
        server("user-management-redis", "redis", "user-management", "admin"),
    ]


def _database(context: str, server: str) -> Datastore:
    name = context.replace("-", "_")
    return Datastore(
        name=f"{context}-postgresql",
        context=context,
        team=TEAMS[context],
        type="postgresql",
        server=server,
        database=name,
        role=name,
        secret=SecretRef(f"datastore/{context}-postgresql"),
    )


def _broker() -> Broker:
    exchange = "order-processing.events"
    queue = Queue(
        name="order_queue",
        dead_letter="order_queue.dead",
        consumer="notification",
        event="order-processing.OrderPlaced",
        exchange=exchange,
        routing_key="OrderPlaced.v1",
        retention_ms=604_800_000,
    )
    return Broker(
        type="rabbitmq",
        server="platform--rabbitmq",
        vhost="order-processing",
        exchanges=(Exchange(exchange, "order-processing", ("OrderPlaced.v1",)),),
        queues=(queue,),
        users=(
            _user("notification", consumes_from=(queue.name, queue.dead_letter)),
            _user("order-processing", publishes_to=(exchange,), routing_keys=("OrderPlaced.v1",)),
        ),
    )


def _user(
    context: str,
    publishes_to: tuple[str, ...] = (),
    consumes_from: tuple[str, ...] = (),
    routing_keys: tuple[str, ...] = (),
) -> BrokerUser:
    secret = SecretRef(f"broker/{context}")
    return BrokerUser(context, context, TEAMS[context], secret, publishes_to, consumes_from, routing_keys)
