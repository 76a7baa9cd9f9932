"""A landscape with PostgreSQL, RabbitMQ and Redis: nothing is found as it was made, and all that is done by hand is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest

from providers.local.kinds.redis import connect
from tests.integration.audit.conftest import about, audit
from tests.integration.main_job.checkout import Checkout

STACK = "order-processing.local"
POSTGRESQL, RABBITMQ, REDIS = "order-processing--postgresql", "platform--rabbitmq", "user-management--redis"
VHOST = "order-processing"


class Administrator:
    """The servers' administrators, with what they hold."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        self.secrets = checkout.secrets(STACK)
        words = (
            "import json, sys; from pathlib import Path; from plat.project import Project; "
            "plan = Project(Path.cwd()).plan(sys.argv[1]); "
            "print(json.dumps({server.name: {'server': server.port, **server.extra_ports} for server in plan.servers}))"
        )
        self._ports: dict[str, dict[str, int]] = json.loads(checkout.done(".venv/bin/python", "-c", words, STACK))

    def sql(self, *statements: str) -> None:
        port, word = self._ports[POSTGRESQL]["server"], self.secrets[f"server/{POSTGRESQL}"]
        with psycopg.connect(
            host="127.0.0.1", port=port, user="postgres", password=word, dbname="order_processing", autocommit=True
        ) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def acl(self, *words: str) -> None:
        port, word = self._ports[REDIS]["server"], self.secrets[f"server/{REDIS}"]
        with connect("127.0.0.1", port, "admin", word) as client:
            client.execute_command("ACL", *words)

    def broker(self, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        port = self._ports[RABBITMQ]["management"]
        login = ("admin", self.secrets[f"server/{RABBITMQ}"])
        answer = httpx.request(
            method, f"http://127.0.0.1:{port}/api/{path}", json=body, auth=login, timeout=20, trust_env=False
        )
        assert answer.is_success, answer.text


@pytest.fixture(scope="module")
def administrator(checkout: Checkout) -> Iterator[Administrator]:
    checkout.done("plat", "up", "order-processing")
    yield Administrator(checkout)
    checkout.done("plat", "destroy", "order-processing", "--with-data", "--confirm", "order-processing")


def test_nothing_is_found_as_it_was_made(administrator: Administrator) -> None:
    assert audit(administrator.checkout, "order-processing", "--live", code=0) == []


By = Callable[[Administrator], None]


def sql(*statements: str) -> By:
    return lambda administrator: administrator.sql(*statements)


def broker(method: str, path: str, body: dict[str, Any] | None = None) -> By:
    return lambda administrator: administrator.broker(method, path, body)


def acl(*words: str) -> By:
    return lambda administrator: administrator.acl(*words)


BY_HAND: dict[str, tuple[By, By | None, set[tuple[str, str]]]] = {
    "a grant to another context's role": (
        sql("CREATE ROLE notification LOGIN", "CREATE TABLE secrets (n int)", "GRANT SELECT ON secrets TO notification"),
        sql("DROP TABLE secrets", "DROP ROLE notification"),
        {
            ("datastore-ownership", f"role `notification` in {POSTGRESQL}"),
            (
                "datastore-ownership",
                f"SELECT on table `public.secrets` of database `order_processing` for `notification` in {POSTGRESQL}",
            ),
        },
    ),
    "a database for everybody": (
        sql("GRANT CONNECT ON DATABASE order_processing TO PUBLIC"),
        None,
        {("datastore-ownership", f"CONNECT on database `order_processing` for `PUBLIC` in {POSTGRESQL}")},
    ),
    "a role made superuser": (
        sql("ALTER ROLE order_processing SUPERUSER"),
        None,
        {("way-round-the-fence", f"role `order_processing` in {POSTGRESQL}")},
    ),
    "a queue": (
        broker("PUT", f"queues/{VHOST}/spy", {"durable": True}),
        broker("DELETE", f"queues/{VHOST}/spy"),
        {("right-beyond-plan", f"queue `spy` of {RABBITMQ}")},
    ),
    "a binding": (
        broker("POST", f"bindings/{VHOST}/e/order-processing.events/q/order_queue", {"routing_key": "OrderLost.v1"}),
        broker("DELETE", f"bindings/{VHOST}/e/order-processing.events/q/order_queue/OrderLost.v1"),
        {
            (
                "right-without-relation",
                f"binding of queue `order_queue` to exchange `order-processing.events` by key `OrderLost.v1` of {RABBITMQ}",
            )
        },
    ),
    "a permission widened": (
        broker(
            "PUT", f"permissions/{VHOST}/notification", {"configure": "^$", "write": "^order_queue$", "read": "^order_queue$"}
        ),
        None,
        {
            ("right-without-relation", f"permissions of `notification` in virtual host `{VHOST}` of {RABBITMQ}"),
            ("right-missing", "the right of `notification` to consume from `order_queue.dead`"),
        },
    ),
    "a user of a Redis": (
        acl("SETUSER", "spy", "on", ">of-mine", "~*", "+get"),
        acl("DELUSER", "spy"),
        {("datastore-ownership", f"user `spy` of {REDIS}")},
    ),
    "a right of a Redis's own user": (
        acl("SETUSER", "user-management", "+config"),
        None,
        {("right-beyond-plan", f"user `user-management` of {REDIS}")},
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_what_was_done_by_hand_is_named_exactly_and_mended(administrator: Administrator, name: str) -> None:
    done, undone, expected = BY_HAND[name]
    checkout = administrator.checkout
    done(administrator)
    found = audit(checkout, "order-processing", "--live")
    # What a stack has made, its next update with a refresh puts right; what it does not know, its finding says how.
    if undone:
        undone(administrator)
    else:
        checkout.done("plat", "up", "order-processing", "--refresh")

    assert about(found) == expected
    text = json.dumps(found)
    assert not [secret for secret in administrator.secrets.values() if secret in text]
    assert "of-mine" not in text
    assert all(item["hint"] for item in found)
    assert audit(checkout, "order-processing", "--live", code=0) == []


def test_a_state_shows_after_a_refresh_what_was_changed_by_hand(administrator: Administrator) -> None:
    checkout = administrator.checkout
    administrator.sql("ALTER ROLE order_processing SUPERUSER", "GRANT CONNECT ON DATABASE order_processing TO PUBLIC")
    administrator.broker(
        "PUT", f"permissions/{VHOST}/notification", {"configure": "^$", "write": "^$", "read": "^order-processing\\.events$"}
    )
    before = audit(checkout, "order-processing", code=0)
    checkout.done("plat", "refresh", "order-processing")
    found = audit(checkout, "order-processing")
    checkout.done("plat", "up", "order-processing", "--refresh")

    assert before == []
    assert about(found) == {
        ("drifted", f"platlocal:PostgresFence `{POSTGRESQL}--fence`"),
        ("right-without-relation", "rabbitmq:Permissions `notification--permissions`"),
        ("way-round-the-fence", f"postgresql:Role `{POSTGRESQL}--role`"),
    }
    assert audit(checkout, "order-processing", "--live", code=0) == []


def test_the_step_that_a_finding_names_takes_it_away(administrator: Administrator) -> None:
    checkout = administrator.checkout
    administrator.broker("PUT", f"queues/{VHOST}/spy", {"durable": True})
    (found,) = audit(checkout, "order-processing", "--live")
    checkout.done("/bin/sh", "-c", found["hint"].strip("`"))

    assert audit(checkout, "order-processing", "--live", code=0) == []


def test_a_server_that_is_down_makes_an_audit_incomplete(administrator: Administrator) -> None:
    checkout = administrator.checkout
    checkout.done("plat", "down", "order-processing")
    result = checkout.run("plat", "audit", "order-processing", "--live")
    checkout.done("plat", "up", "order-processing")

    assert result.returncode == 2
    assert f"{POSTGRESQL} does not answer its administrator" in result.stdout
    assert f"{RABBITMQ} does not answer at" in result.stdout


def test_what_is_left_of_a_context_is_found_in_the_state(administrator: Administrator) -> None:
    checkout = administrator.checkout
    descriptor = checkout.root / "contexts" / "order-processing" / "notification.yaml"
    text = descriptor.read_text()
    descriptor.unlink()
    found = audit(checkout, "order-processing")
    lived = audit(checkout, "order-processing", "--live")
    descriptor.write_text(text)

    assert about(found) >= {
        ("left-over", "rabbitmq:Queue `order_queue`"),
        ("left-over", "rabbitmq:User `notification--user`"),
        ("left-over", "platlocal:Process `notification`"),
    }
    assert {rule for rule, _ in about(found)} == {"left-over"}
    assert about(lived) - about(found) >= {
        ("left-over", "process `notification`"),
        ("right-beyond-plan", f"queue `order_queue` of {RABBITMQ}"),
        ("right-beyond-plan", f"user `notification` of {RABBITMQ}"),
    }
    assert audit(checkout, "order-processing", "--live", code=0) == []
