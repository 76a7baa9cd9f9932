"""Gives every context of a plan exactly its rights at real servers, as Plat's components do."""

from __future__ import annotations

import re
from collections.abc import Mapping

from psycopg import sql

from plat.plan.model import Broker, Datastore, Plan, SecretRef, Server
from tests.integration.verify.servers import management_api, postgresql_admin, redis_admin

Secrets = Mapping[SecretRef, str]


def build_fence(plan: Plan, secrets: Secrets) -> None:
    """Makes roles, databases, users, exchanges, queues and rights."""
    for server in plan.servers:
        if server.kind == "postgresql":
            close_maintenance(server)
    for store in plan.datastores:
        if store.type == "postgresql":
            _database(store, plan.server(store.server), secrets)
        else:
            allow_redis(plan.server(store.server), store.role, secrets[store.secret], "+@all", "-@admin", "-@dangerous")
    if plan.broker:
        _broker(plan.broker, plan.server(plan.broker.server), secrets)


def close_maintenance(server: Server) -> None:
    """Nobody but the administrator may connect to `postgres` and `template1`."""
    with postgresql_admin(server.port) as admin:
        for database in ("postgres", "template1"):
            statement = sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC")
            admin.execute(statement.format(sql.Identifier(database)))


def allow_redis(server: Server, user: str, password: str, *rules: str) -> None:
    """Sets a user's password and rights anew."""
    with redis_admin(server.port) as admin:
        admin.execute_command("ACL", "SETUSER", user, "reset", "on", f">{password}", "~*", "&*", *rules)


def permit(server: Server, vhost: str, user: str, **rights: str) -> None:
    """Sets a user's rights in a virtual host: `configure`, `write`, `read`, each an expression over names, none if empty."""
    rights = {right: rights.get(right) or "^$" for right in ("configure", "write", "read")}
    with management_api(server.extra_ports["management"]) as api:
        api.put(f"permissions/{vhost}/{user}", json=rights).raise_for_status()


def _database(store: Datastore, server: Server, secrets: Secrets) -> None:
    names = {"role": sql.Identifier(store.role), "database": sql.Identifier(store.database)}
    with postgresql_admin(server.port) as admin:
        password = sql.Literal(secrets[store.secret])
        admin.execute(sql.SQL("CREATE ROLE {role} LOGIN PASSWORD {password}").format(**names, password=password))
        admin.execute(sql.SQL("CREATE DATABASE {database} OWNER {role}").format(**names))
        admin.execute(sql.SQL("REVOKE ALL ON DATABASE {database} FROM PUBLIC").format(**names))


def _broker(broker: Broker, server: Server, secrets: Secrets) -> None:
    vhost = broker.vhost
    with management_api(server.extra_ports["management"]) as api:

        def put(path: str, **body: object) -> None:
            api.put(path, json=body).raise_for_status()

        put(f"vhosts/{vhost}")
        permit(server, vhost, "admin", configure=".*", write=".*", read=".*")
        for exchange in broker.exchanges:
            put(f"exchanges/{vhost}/{exchange.name}", type="topic", durable=True)
        for queue in broker.queues:
            limits = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": queue.dead_letter, "x-delivery-limit": 3}
            put(f"queues/{vhost}/{queue.dead_letter}", durable=True, arguments={"x-queue-type": "quorum"})
            put(f"queues/{vhost}/{queue.name}", durable=True, arguments={"x-queue-type": "quorum", **limits})
            binding = {"routing_key": queue.routing_key}
            api.post(f"bindings/{vhost}/e/{queue.exchange}/q/{queue.name}", json=binding).raise_for_status()
        for user in broker.users:
            put(f"users/{user.name}", password=secrets[user.secret], tags="")
            permit(server, vhost, user.name, write=one_of(user.publishes_to), read=one_of(user.consumes_from))
            for exchange_name in user.publishes_to:
                keys = one_of(user.routing_keys)
                put(f"topic-permissions/{vhost}/{user.name}", exchange=exchange_name, write=keys, read="^$")


def one_of(names: tuple[str, ...]) -> str:
    """A regular expression that matches each of `names` and nothing else."""
    return f"^({'|'.join(map(re.escape, names))})$" if names else ""
