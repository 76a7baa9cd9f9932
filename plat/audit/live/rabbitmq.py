"""What a RabbitMQ has, compared with what the landscape grants there.

Asked is its management interface (https://www.rabbitmq.com/docs/http-api-reference). What is there is read by the observers of
the policy pack, as if a program were about to declare it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import quote

import httpx

from plat.audit.live.entrance import Entrance, UnreadableServer
from plat.audit.live.judging import again, missing, seen, ungranted
from plat.claims import VERBS, GrantClaim
from plat.findings import Finding
from plat.plan.model import Server
from plat.rules.model import Grant
from policies.ground import Ground
from policies.observed import Observed
from policies.observers import observe

Item = Mapping[str, Any]

_PATIENCE = 20
_OWN_EXCHANGES = "amq."
"""How those begin that every virtual host has."""


@dataclass(frozen=True, slots=True)
class Definitions:
    """What a broker says of itself, each as its management interface has it."""

    vhosts: Sequence[Item] = ()
    users: Sequence[Item] = ()
    permissions: Sequence[Item] = ()
    topic_permissions: Sequence[Item] = ()
    exchanges: Sequence[Item] = ()
    queues: Sequence[Item] = ()
    bindings: Sequence[Item] = ()
    policies: Sequence[Item] = ()
    operator_policies: Sequence[Item] = ()
    parameters: Sequence[Item] = ()


def ask(server: Server, entrance: Entrance) -> Definitions:
    """What the broker `server` says, asked as its administrator. Raises UnreadableServer."""
    base = f"http://{entrance.host}:{server.extra_ports['management']}/api"
    login = (entrance.admin_user, entrance.admin_password)
    found: dict[str, Sequence[Item]] = {}
    try:
        # trust_env off: a proxy of the user's has no business here.
        with httpx.Client(auth=login, timeout=_PATIENCE, trust_env=False) as client:
            for part in fields(Definitions):
                answer = client.get(f"{base}/{part.name.replace('_', '-')}")
                answer.raise_for_status()
                found[part.name] = answer.json()
    except httpx.HTTPStatusError as error:
        msg = f"{server.name} answers its administrator with HTTP {error.response.status_code}"
        raise UnreadableServer(msg) from None
    except httpx.HTTPError as error:
        msg = f"{server.name} does not answer at {entrance.host}:{server.extra_ports['management']}: {error}"
        raise UnreadableServer(msg) from None
    return Definitions(**found)


def findings(definitions: Definitions, server: Server, ground: Ground) -> Iterator[Finding]:
    """How what a broker says differs from what the landscape grants there."""
    return _Compared(definitions, server, ground).findings()


class _Compared:
    def __init__(self, definitions: Definitions, server: Server, ground: Ground) -> None:
        self._found = definitions
        self._server = server
        self._ground = ground
        self._provider = {"endpoint": f"http://{server.host}:{server.extra_ports['management']}"}

    def findings(self) -> Iterator[Finding]:
        # In the order in which RabbitMQ's own tools list them.
        for part in (self._vhosts, self._users, self._permissions, self._topic_permissions, self._exchanges, self._queues):
            yield from part()
        for part in (self._bindings, self._policies, self._parameters, self._missing):
            yield from part()

    def _vhosts(self) -> Iterator[Finding]:
        for item in self._found.vhosts:
            resource = self._seen("vHost:VHost", f"virtual host `{item['name']}`", {"name": item["name"]})
            yield from ungranted(resource, self._ground, self._ctl("delete_vhost", item["name"]))

    def _users(self) -> Iterator[Finding]:
        for item in self._found.users:
            name, tags = item["name"], _tags(item)
            if name == self._server.admin_user:
                continue
            known = name in self._ground.broker_users
            step = self._ctl("set_user_tags", name) if known else self._ctl("delete_user", name)
            resource = self._seen("user:User", f"user `{name}`", {"name": name, "tags": tags})
            yield from ungranted(resource, self._ground, step)

    def _permissions(self) -> Iterator[Finding]:
        for item in self._found.permissions:
            resource = self._permission(item)
            known = item["user"] in self._ground.broker_users and item["vhost"] == self._vhost
            step = self._ctl("clear_permissions", "-p", item["vhost"], item["user"])
            yield from ungranted(
                resource, self._ground, f"{again(self._ground.plan)} sets them as declared" if known else step
            )

    def _permission(self, item: Item) -> Observed:
        patterns = {key: item[key] for key in ("configure", "write", "read")}
        properties = {"user": item["user"], "vhost": item["vhost"], "permissions": patterns}
        called = f"permissions of `{item['user']}` in virtual host `{item['vhost']}`"
        return self._seen("permissions:Permissions", called, properties)

    def _topic_permissions(self) -> Iterator[Finding]:
        for item in self._found.topic_permissions:
            if item["user"] == self._server.admin_user:
                continue
            known = item["user"] in self._ground.broker_users and item["exchange"] in self._ground.exchanges
            step = self._ctl("clear_topic_permissions", "-p", item["vhost"], item["user"], item["exchange"])
            resource = self._topic_permission(item)
            yield from ungranted(
                resource, self._ground, f"{again(self._ground.plan)} sets them as declared" if known else step
            )

    def _topic_permission(self, item: Item) -> Observed:
        given = {key: item[key] for key in ("exchange", "write", "read")}
        called = f"topic permissions of `{item['user']}` on exchange `{item['exchange']}` in virtual host `{item['vhost']}`"
        properties = {"user": item["user"], "vhost": item["vhost"], "permissions": [given]}
        return self._seen("topicPermissions:TopicPermissions", called, properties)

    def _exchanges(self) -> Iterator[Finding]:
        for item in self._found.exchanges:
            if not item["name"] or item["name"].startswith(_OWN_EXCHANGES):
                continue
            settings = {"type": item["type"], "arguments": item.get("arguments") or {}}
            properties = {"vhost": item["vhost"], "name": item["name"], "settings": settings}
            resource = self._seen("exchange:Exchange", f"exchange `{item['name']}`{self._in(item)}", properties)
            yield from ungranted(resource, self._ground, self._delete("exchanges", item["vhost"], item["name"]))

    def _queues(self) -> Iterator[Finding]:
        for item in self._found.queues:
            arguments = {key: value for key, value in (item.get("arguments") or {}).items() if key != "x-queue-type"}
            properties = {"vhost": item["vhost"], "name": item["name"], "settings": {"arguments": arguments}}
            resource = self._seen("queue:Queue", f"queue `{item['name']}`{self._in(item)}", properties)
            yield from ungranted(resource, self._ground, self._ctl("delete_queue", item["name"], "-p", item["vhost"]))

    def _bindings(self) -> Iterator[Finding]:
        for item in self._found.bindings:
            if not item["source"]:
                continue  # By the exchange without a name every queue is reached under its own.
            source, destination, key = item["source"], item["destination"], item["routing_key"]
            properties = {
                "vhost": item["vhost"],
                "source": source,
                "destination": destination,
                "destinationType": item["destination_type"],
                "routingKey": key,
            }
            kind = item["destination_type"]
            called = f"binding of {kind} `{destination}` to exchange `{source}` by key `{key}`{self._in(item)}"
            # RabbitMQ's own name of the binding has been escaped already.
            own = item.get("properties_key") or quote(key, safe="")
            step = f"{self._delete('bindings', item['vhost'], 'e', source, kind[:1], destination)}/{own}"
            yield from ungranted(self._seen("binding:Binding", called, properties), self._ground, step)

    def _policies(self) -> Iterator[Finding]:
        for kind, word, command, items in (
            ("policy:Policy", "policy", "clear_policy", self._found.policies),
            ("operatorPolicy:OperatorPolicy", "operator policy", "clear_operator_policy", self._found.operator_policies),
        ):
            for item in items:
                settings = {"pattern": item["pattern"], "definition": item["definition"]}
                properties = {"vhost": item["vhost"], "name": item["name"], "policy": settings}
                resource = self._seen(kind, f"{word} `{item['name']}`{self._in(item)}", properties)
                yield from ungranted(resource, self._ground, self._ctl(command, "-p", item["vhost"], item["name"]))

    def _parameters(self) -> Iterator[Finding]:
        for item in self._found.parameters:
            if item["component"] in {"policy", "operator_policy"}:
                continue
            called = f"{item['component']} `{item['name']}`{self._in(item)}"
            resource = self._seen("shovel:Shovel", called, {"vhost": item["vhost"], "name": item["name"]})
            step = self._ctl("clear_parameter", "-p", item["vhost"], item["component"], item["name"])
            yield from ungranted(resource, self._ground, step)

    def _missing(self) -> Iterator[Finding]:
        broker, plan = self._ground.broker, self._ground.plan
        if not broker:
            return
        queues = [name for queue in broker.queues for name in (queue.name, queue.dead_letter)]
        bound = {(item["source"], item["destination"], item["routing_key"]) for item in self._in_vhost(self._found.bindings)}
        for word, wanted, items in (
            ("user", [user.name for user in broker.users], self._found.users),
            ("exchange", [exchange.name for exchange in broker.exchanges], self._in_vhost(self._found.exchanges)),
            ("queue", queues, self._in_vhost(self._found.queues)),
        ):
            there = {item["name"] for item in items}
            yield from (missing(f"{word} `{name}`", self._server.name, plan) for name in wanted if name not in there)
        for queue in broker.queues:
            if (queue.exchange, queue.name, queue.routing_key) not in bound:
                what = f"the binding of queue `{queue.name}` to exchange `{queue.exchange}` by key `{queue.routing_key}`"
                yield missing(what, self._server.name, plan)
        yield from self._missing_rights()

    def _missing_rights(self) -> Iterator[Finding]:
        rights = [self._permission(item) for item in self._in_vhost(self._found.permissions)]
        keys = [self._topic_permission(item) for item in self._in_vhost(self._found.topic_permissions)]
        given = {
            Grant(claim.who, claim.right, claim.resource, key)
            for resource in (*rights, *keys)
            for claim in observe(resource, self._ground)
            if isinstance(claim, GrantClaim)
            for key in claim.keys or ("",)
        }
        users = {user.context: user.name for user in self._ground.broker_users.values()}
        for grant in sorted(self._ground.facts.grants - given, key=str):
            by = f" with routing key `{grant.key}`" if grant.key else ""
            what = f"the right of `{users.get(grant.who, grant.who)}` to {VERBS[grant.right]} `{grant.resource}`{by}"
            yield missing(what, self._server.name, self._ground.plan)
        limited = {(item["user"], item["exchange"]) for item in self._in_vhost(self._found.topic_permissions)}
        for user in self._ground.broker_users.values():
            for name in user.publishes_to:
                if (user.name, name) not in limited:
                    what = f"what limits the routing keys of `{user.name}` on exchange `{name}`"
                    yield missing(what, self._server.name, self._ground.plan)

    @property
    def _vhost(self) -> str:
        return self._ground.broker.vhost if self._ground.broker else ""

    def _in_vhost(self, items: Sequence[Item]) -> list[Item]:
        return [item for item in items if item["vhost"] == self._vhost]

    def _in(self, item: Item) -> str:
        return "" if item["vhost"] == self._vhost else f" in virtual host `{item['vhost']}`"

    def _seen(self, kind: str, called: str, properties: Mapping[str, Any]) -> Observed:
        return seen(f"rabbitmq:index/{kind}", f"{called} of {self._server.name}", properties, self._provider)

    def _ctl(self, *words: str) -> str:
        plan = self._ground.plan
        said = shlex.join(("rabbitmqctl", *words))
        return f"`plat exec -l {plan.landscape} -e {plan.environment} {self._server.name} -- {said}`"

    def _delete(self, *path: str) -> str:
        # RabbitMQ's own command line has no word for it.
        place = "/".join(quote(part, safe="") for part in path)
        return f"as `{self._server.admin_user}`: DELETE {self._provider['endpoint']}/api/{place}"


def _tags(item: Item) -> list[str]:
    tags = item.get("tags") or []
    return [tag for tag in tags.split(",") if tag] if isinstance(tags, str) else list(tags)
