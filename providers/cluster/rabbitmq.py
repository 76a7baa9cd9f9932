"""A landscape's virtual host in a RabbitMQ, by its management interface (https://www.rabbitmq.com/docs/management#http-api).

The same as components/local/rabbitmq.py makes by pulumi-rabbitmq: exchanges, queues with their dead letters and limits,
bindings, and users with exactly their rights. Queues that nobody declares any more stay with their messages, unbound.
What is there besides stays as it is (`apply`), until it is said what there is at all (`only`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import httpx

from plat.patterns import NOTHING, any_of
from providers.local.errors import Unusable

Document = Mapping[str, Any]

_DELIVERIES = 5


def apply(given: Document) -> None:
    """Make in the virtual host what is declared. Raises Unusable."""
    _work(given, _Host.apply)


def only(given: Document) -> None:
    """Take back what nobody declares any more: users, bindings. Raises Unusable."""
    _work(given, _Host.forget)


def _work(given: Document, work: Callable[[_Host], None]) -> None:
    base = f"http://{given['host']}:{given['management']}/api"
    try:
        with httpx.Client(auth=(given["adminUser"], given["adminPassword"]), timeout=20, trust_env=False) as client:
            work(_Host(client, base, given))
    except httpx.TransportError as error:
        msg = f"RabbitMQ at {given['host']}:{given['management']} does not answer: {type(error).__name__}"
        raise Unusable(msg) from None


class _Host:
    def __init__(self, client: httpx.Client, base: str, given: Document) -> None:
        self._client = client
        self._base = base
        self._given = given
        self._vhost = str(given["vhost"])

    def apply(self) -> None:
        self._put("vhosts", self._vhost, body={})
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self._put("permissions", self._vhost, self._given["adminUser"], body=everything)
        for name in self._given["exchanges"]:
            self._put("exchanges", self._vhost, name, body={"type": "topic", "durable": True, "auto_delete": False})
        for queue in self._given["queues"]:
            self._queue(queue)
        for user in self._given["users"]:
            self._user(user)

    def _queue(self, queue: Document) -> None:
        kept, name, dead = queue["retentionMs"], queue["name"], queue["deadLetter"]
        limits = {
            "dead-letter-exchange": "",
            "dead-letter-routing-key": dead,
            "delivery-limit": _DELIVERIES,
            "message-ttl": kept,
        }
        # The limits come first, so that no message is ever in the queue without them.
        self._policy(f"{name}--dead-letters", name, limits)
        self._policy(f"{dead}--retention", dead, {"message-ttl": kept})
        quorum = {"durable": True, "auto_delete": False, "arguments": {"x-queue-type": "quorum"}}
        for each in (dead, name):
            self._put("queues", self._vhost, each, body=quorum)
        self._call(
            "POST", "bindings", self._vhost, "e", queue["exchange"], "q", name, body={"routing_key": queue["routingKey"]}
        )

    def _policy(self, name: str, queue: str, definition: Document) -> None:
        body = {"pattern": any_of([queue]), "priority": 0, "apply-to": "queues", "definition": definition}
        self._put("policies", self._vhost, name, body=body)

    def _user(self, user: Document) -> None:
        name = user["name"]
        self._put("users", name, body={"password": user["password"], "tags": ""})
        rights = {"configure": NOTHING, "write": any_of(user["publishesTo"]), "read": any_of(user["consumesFrom"])}
        # Keys before exchanges, so that nobody may publish what is not its own in between.
        for exchange in user["publishesTo"]:
            limited = {"exchange": exchange, "write": any_of(user["routingKeys"]), "read": NOTHING}
            self._put("topic-permissions", self._vhost, name, body=limited)
        self._put("permissions", self._vhost, name, body=rights)

    def forget(self) -> None:
        users = {*self._given["users"], self._given["adminUser"]}
        for user in self._get("users"):
            if user["name"] not in users:
                self._call("DELETE", "users", user["name"])
        declared = {tuple(binding) for binding in self._given["bindings"]}
        for binding in self._get("bindings", self._vhost):
            found = (binding["source"], binding["destination"], binding["routing_key"])
            if binding["source"] and found not in declared:
                place = ("bindings", self._vhost, "e", found[0], "q", found[1], binding["properties_key"])
                self._call("DELETE", *place)

    def _get(self, *path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call("GET", *path).json()
        return found

    def _put(self, *path: str, body: Document) -> None:
        self._call("PUT", *path, body=body)

    def _call(self, method: str, *path: str, body: Document | None = None) -> httpx.Response:
        url = "/".join((self._base, *(quote(part, safe="") for part in path)))
        answer = self._client.request(method, url, json=body)
        if answer.is_error and not (method == "DELETE" and answer.status_code == httpx.codes.NOT_FOUND):
            reason = answer.json().get("reason", "") if "json" in answer.headers.get("content-type", "") else ""
            msg = f"RabbitMQ refuses {method} {path[0]} {path[-1]}: {answer.status_code} {reason}".rstrip()
            raise Unusable(msg)
        return answer
