"""Ways to open (or shut) a right that the plan does not; each is undone when its generator goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.integration.verify.conftest import World
from tests.integration.verify.fence import allow_redis, one_of, permit
from tests.integration.verify.servers import management_api, postgresql_admin, redis_admin


def database_of_another(world: World) -> Iterator[None]:
    with _sql(world, "platform--postgresql", "GRANT CONNECT ON DATABASE support TO billing"):
        yield
    with _sql(world, "platform--postgresql", "REVOKE CONNECT ON DATABASE support FROM billing"):
        pass


def maintenance_database(world: World) -> Iterator[None]:
    with _sql(world, "platform--postgresql", "GRANT CONNECT ON DATABASE postgres TO PUBLIC"):
        yield
    with _sql(world, "platform--postgresql", "REVOKE CONNECT ON DATABASE postgres FROM PUBLIC"):
        pass


def role_that_makes_roles(world: World) -> Iterator[None]:
    with _sql(world, "order-processing-postgresql", "ALTER ROLE order_processing CREATEROLE"):
        yield
    with _sql(world, "order-processing-postgresql", "ALTER ROLE order_processing NOCREATEROLE"):
        pass


def owner_without_the_right_password(world: World) -> Iterator[None]:
    with _sql(world, "order-processing-postgresql", "ALTER ROLE order_processing PASSWORD 'another'"):
        yield
    password = world.secret("datastore/order-processing-postgresql")
    with _sql(world, "order-processing-postgresql", f"ALTER ROLE order_processing PASSWORD '{password}'"):
        pass


def one_password_for_two_databases(world: World) -> Iterator[None]:
    password = world.secret("datastore/billing-postgresql")
    with _sql(world, "order-processing-postgresql", f"ALTER ROLE order_processing PASSWORD '{password}'"):
        yield
    password = world.secret("datastore/order-processing-postgresql")
    with _sql(world, "order-processing-postgresql", f"ALTER ROLE order_processing PASSWORD '{password}'"):
        pass


def redis_for_everybody(world: World) -> Iterator[None]:
    with redis_admin(world.ports["user-management-redis"]) as admin:
        admin.execute_command("ACL", "SETUSER", "default", "on", "nopass", "+@all", "~*")
        yield
        admin.execute_command("ACL", "SETUSER", "default", "reset", "off")


def redis_reader(world: World) -> Iterator[None]:
    server = world.plan.server("user-management-redis")
    allow_redis(server, "shipping", world.secret("route/shipping/user-management"), "+get")
    yield
    with redis_admin(server.port) as admin:
        admin.execute_command("ACL", "DELUSER", "shipping")


def redis_owner_who_administers(world: World) -> Iterator[None]:
    server, password = world.plan.server("user-management-redis"), world.secret("datastore/user-management-redis")
    allow_redis(server, "user-management", password, "+@all")
    yield
    allow_redis(server, "user-management", password, "+@all", "-@admin", "-@dangerous")


def publisher_who_is_none(world: World) -> Iterator[None]:
    with rights(world, "notification", read=one_of(("order_queue", "order_queue.dead")), write=r"^order-processing\.events$"):
        yield


def publisher_of_any_key(world: World) -> Iterator[None]:
    with management_api(world.ports["management"]) as api:
        path = "topic-permissions/order-processing/order-processing"
        api.delete(path).raise_for_status()
        yield
        allowed = {"exchange": "order-processing.events", "write": r"^(OrderPlaced\.v1)$", "read": "^$"}
        api.put(path, json=allowed).raise_for_status()


def consumer_who_is_none(world: World) -> Iterator[None]:
    with rights(world, "order-processing", write=r"^order-processing\.events$", read="^order"):
        yield


def declaration(world: World) -> Iterator[None]:
    with rights(world, "order-processing", write=r"^order-processing\.events$", configure=".*"):
        yield


def write_everywhere(world: World) -> Iterator[None]:
    with rights(world, "notification", read=".*", write=".*"):
        yield


def administrator_at_the_broker(world: World) -> Iterator[None]:
    with management_api(world.ports["management"]) as api:
        user = {"password": world.secret("broker/notification")}
        api.put("users/notification", json={**user, "tags": "monitoring"}).raise_for_status()
        yield
        api.put("users/notification", json={**user, "tags": ""}).raise_for_status()


def guest(world: World) -> Iterator[None]:
    with management_api(world.ports["management"]) as api:
        api.put("users/guest", json={"password": "guest", "tags": ""}).raise_for_status()
        allowed = {"configure": "^$", "write": "^$", "read": "^order_queue$"}
        api.put("permissions/order-processing/guest", json=allowed).raise_for_status()
        yield
        api.delete("users/guest").raise_for_status()


def missing_queue_right(world: World) -> Iterator[None]:
    with rights(world, "notification", read="^order_queue$"):
        yield


@contextmanager
def _sql(world: World, server: str, statement: str) -> Iterator[None]:
    with postgresql_admin(world.ports[server]) as admin:
        admin.execute(statement.encode())
    yield


@contextmanager
def rights(world: World, user: str, **wanted: str) -> Iterator[None]:
    """Gives `user` those rights at the broker, and afterwards its own again."""
    server, found = world.plan.server("platform--rabbitmq"), world.plan.broker_user(user)
    assert found is not None
    permit(server, "order-processing", user, **wanted)
    yield
    permit(server, "order-processing", user, write=one_of(found.publishes_to), read=one_of(found.consumes_from))
