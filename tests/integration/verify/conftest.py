"""One landscape on real servers, fenced as planned, with its sample services running; shared by all tests here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from plat.plan.model import Plan, SecretRef
from tests.integration.verify.fence import build_fence
from tests.integration.verify.servers import Running, Servers, free_ports
from tests.unit.verify.plans import PORTS, secrets_of, small_plan

EXTRA_LISTENERS = ("epmd", "distribution", "notification", "shipping", "generic", "spare")


@dataclass(frozen=True)
class World:
    """The servers, the plan that they were fenced by, and the secrets."""

    servers: Servers
    plan: Plan
    secrets: Mapping[SecretRef, str]
    ports: Mapping[str, int]

    def secret(self, name: str) -> str:
        """The secret called `name`."""
        return self.secrets[SecretRef(name)]

    def broker_url(self, context: str) -> str:
        """The broker's address with the credentials of `context`."""
        port = self.ports["platform--rabbitmq"]
        return f"amqp://{context}:{self.secret(f'broker/{context}')}@127.0.0.1:{port}/order-processing"

    def variables(self, context: str, **more: str) -> dict[str, str]:
        """The variables that Plat gives to the deployable of `context`, besides `more`."""
        return {
            "PLAT_DEPLOYABLE": context,
            "PLAT_CONTEXT": context,
            "PLAT_CONTEXTS": context,
            "HOST": "127.0.0.1",
            "PORT": str(self.ports[context]),
            "PLAT_LANDSCAPE": self.plan.landscape,
            "PLAT_SURFACE": json.dumps(self._surface(context)),
            "PLAT_CALLERS": json.dumps(self._callers(context)),
            **more,
        }

    def _surface(self, context: str) -> dict[str, object]:
        surface = self.plan.surface(context)
        operations = surface.operations if surface else ()
        return {item.name: {"public": item.public, "callers": list(item.callers)} for item in operations}

    def _callers(self, context: str) -> dict[str, str]:
        reaching = [route for route in self.plan.routes if route.destination == context]
        return {route.source: hashlib.sha256(self.secrets[route.secret].encode()).hexdigest() for route in reaching}


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    names = (*PORTS, *EXTRA_LISTENERS)
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    servers = Servers()
    try:
        plan = small_plan(ports)
        found = World(servers, plan, secrets_of(plan), ports)
        servers.postgresql(ports["order-processing-postgresql"])
        servers.postgresql(ports["platform--postgresql"])
        servers.redis(ports["user-management-redis"])
        servers.rabbitmq(ports["platform--rabbitmq"], ports["management"], ports["epmd"], ports["distribution"])
        build_fence(plan, found.secrets)
        yield found
    finally:
        servers.stop()


@pytest.fixture(scope="session")
def order_processing(world: World) -> Running:
    """The sample `order-processing` with its database and its event."""
    password = world.secret("datastore/order-processing-postgresql")
    port = world.ports["order-processing-postgresql"]
    event = {"exchange": "order-processing.events", "routing_key": "OrderPlaced.v1"}
    variables = world.variables(
        "order-processing",
        POSTGRESQL_URL=f"postgresql://order_processing:{password}@127.0.0.1:{port}/order_processing",
        BROKER_URL=world.broker_url("order-processing"),
        PLAT_PUBLISHES=json.dumps({"order-processing.OrderPlaced": event}),
    )
    return world.servers.sample("order_processing", variables)


@pytest.fixture(scope="session")
def user_management(world: World) -> Running:
    """The sample `user-management` with its Redis."""
    password, port = world.secret("datastore/user-management-redis"), world.ports["user-management-redis"]
    url = f"redis://user-management:{password}@127.0.0.1:{port}/0"
    return world.servers.sample("user_management", world.variables("user-management", REDIS_URL=url))


@pytest.fixture(scope="module")
def notification(world: World) -> Iterator[Running]:
    """The sample `notification` with its queue; it takes every message while it runs."""
    queue = {"event": "order-processing.OrderPlaced", "context": "notification", "dead_letter_queue": "order_queue.dead"}
    variables = world.variables(
        "notification",
        BROKER_URL=world.broker_url("notification"),
        PLAT_CONSUMES=json.dumps({"order_queue": queue}),
    )
    running = world.servers.sample("notification", variables)
    yield running
    running.stop()
