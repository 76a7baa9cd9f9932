"""The variables that every deployable gets: the contract between Plat and a service, written down in samples/README.md.

A value may refer to a secret as `$(NAME)`, the form in which Kubernetes composes variables, so that addresses stay
readable to the policy pack while the secret itself is handed over apart from them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from plat import names
from plat.plan.kinds import STORES, any_kind
from plat.plan.model import Broker, BrokerUser, Contract, Datastore, External, Operation, Route, SecretRef, Server, Surface

CALLERS = "PLAT_CALLERS"

Variables = tuple[dict[str, str], dict[str, SecretRef]]

_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def of_datastores(stores: Iterable[Datastore], servers: Mapping[str, Server], prefix: str) -> Variables:
    """`<TYPE>_URL` and `<TYPE>_PASSWORD` for each store, `DATABASE_URL` for the first, and what its usual client reads.

    A store that is reached by a pooler has `<TYPE>_DIRECT_URL` too, for what wants a session of its own, such as migrations.
    The client's own variables are there so that nobody has to write an address with a password on a command line.
    """
    literal: dict[str, str] = {}
    secret: dict[str, SecretRef] = {}
    for store in stores:
        name = f"{prefix}{store.type.upper()}"
        if f"{name}_URL" in literal:
            # Another store of a type that there is already bears its own name, which the descriptor had to give it.
            name = f"{prefix}{names.env_prefix(store.name.partition('--')[0])}_{store.type.upper()}"
        secret[f"{name}_PASSWORD"] = store.secret
        path = store.database + STORES[store.type].query.format(database=store.database)
        server = servers[store.server]
        reached = {"": server.pooled(store.pooling), **({"DIRECT_": server} if store.pooling else {})}
        first = f"{prefix}DATABASE_URL" not in literal
        for way, by in reached.items():
            literal[f"{name}_{way}URL"] = url(store.type, by, store.role, f"{name}_PASSWORD", path)
            if first:
                literal[f"{prefix}DATABASE_{way}URL"] = literal[f"{name}_{way}URL"]
        if not prefix:
            _of_client(store, servers[store.server], literal, secret)
    return literal, secret


def _of_client(store: Datastore, server: Server, literal: dict[str, str], secret: dict[str, SecretRef]) -> None:
    found, passwords = STORES[store.type].client(store, server)
    if not secret.keys() & set(passwords):
        literal.update(found)
        secret.update(dict.fromkeys(passwords, store.secret))


def of_contract(contract: Contract, server: Server, prefix: str) -> Variables:
    """`<CONTRACT>_URL` and `<CONTRACT>_PASSWORD`: the way to the views that a contract shows."""
    name = f"{prefix}{names.env_prefix(contract.name)}"
    address = url("postgresql", server, contract.role, f"{name}_PASSWORD", contract.database)
    return {f"{name}_URL": address}, {f"{name}_PASSWORD": contract.secret}


def of_outboxes(stores: Iterable[Datastore]) -> dict[str, str]:
    """`PLAT_OUTBOX`: by context, the table in which its events wait; nothing where no context asks for one."""
    tables = {store.context: store.outbox for store in stores if store.outbox}
    return {"PLAT_OUTBOX": as_json(tables)} if tables else {}


def of_broker(broker: Broker, user: BrokerUser, server: Server, prefix: str) -> Variables:
    """`BROKER_URL` and `BROKER_PASSWORD`."""
    password = f"{prefix}BROKER_PASSWORD"
    return {f"{prefix}BROKER_URL": url(broker.type, server, user.name, password, broker.vhost)}, {password: user.secret}


def of_events(broker: Broker, contexts: Sequence[str]) -> dict[str, str]:
    """`PLAT_PUBLISHES` and `PLAT_CONSUMES`: where each event goes, and which event arrives in each queue or group.

    What is consumed is listed by queue or group, since several contexts in one deployable may read the same event.
    """
    publishes: dict[str, dict[str, str]] = {}
    consumes: dict[str, dict[str, str]] = {}
    for context in contexts:
        published, consumed = (_by_topics if broker.type == "kafka" else _by_exchanges)(broker, context)
        publishes |= published
        consumes |= consumed
    return {"PLAT_PUBLISHES": as_json(publishes), "PLAT_CONSUMES": as_json(consumes)}


_Events = tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]


def _by_exchanges(broker: Broker, context: str) -> _Events:
    publishes = {
        f"{context}.{key.rsplit('.v', 1)[0]}": {"exchange": exchange.name, "routing_key": key}
        for exchange in broker.exchanges_of(context)
        for key in exchange.routing_keys
    }
    consumes = {
        queue.name: {"event": queue.event, "context": context, "dead_letter_queue": queue.dead_letter}
        for queue in broker.queues_of(context)
    }
    return publishes, consumes


def _by_topics(broker: Broker, context: str) -> _Events:
    writable = {name for user in broker.users if user.context == context for name in user.publishes_to}
    publishes = {
        topic.event: {"topic": topic.name}
        for topic in broker.topics_of(context)
        if not topic.dead_letters_of and topic.name in writable
    }
    consumes = {
        item.group: {
            "event": item.event,
            "context": context,
            "topic": item.topic,
            "dead_letter_topic": item.dead_letter_topic,
        }
        for item in broker.subscriptions_of(context)
    }
    return publishes, consumes


def of_surface(operations: Iterable[Operation]) -> dict[str, str]:
    """`PLAT_SURFACE`: each exposed operation, whether it is public and who may call it."""
    surface = {item.name: {"public": item.public, "callers": list(item.callers)} for item in operations}
    return {"PLAT_SURFACE": as_json(surface)}


def of_route(route: Route, surface: Surface, prefix: str) -> Variables:
    """`<UPSTREAM>_URL` and `<UPSTREAM>_TOKEN`, the caller's credential being part of the address."""
    name = f"{prefix}{names.env_prefix(route.destination)}"
    address = f"http://{route.source}:$({name}_TOKEN)@{surface.host}:{surface.port}"
    return {f"{name}_URL": address}, {f"{name}_TOKEN": route.secret}


def of_external(external: External) -> dict[str, str]:
    """`<EXTERNAL>_HOST` and `<EXTERNAL>_PORT`: where a system outside of the landscape is."""
    name = names.env_prefix(external.name)
    return {f"{name}_HOST": external.host, f"{name}_PORT": str(external.port)}


def of_callers(tokens: Mapping[str, str]) -> dict[str, str]:
    """`PLAT_CALLERS`: by what each caller is known, the SHA-256 (hex) of its token, so that a callee cannot pose as it."""
    digests = {caller: hashlib.sha256(token.encode()).hexdigest() for caller, token in tokens.items()}
    return {CALLERS: as_json(digests)}


def url(kind: str, server: Server, user: str, password_variable: str, path: str) -> str:
    """The address of what `path` names inside `server`, or of the server, with a reference in the password's place."""
    where = f"{server.host}:{server.port}/{path}" if path else f"{server.host}:{server.port}"
    return f"{any_kind(kind).scheme}://{user}:$({password_variable})@{where}"


def as_json(value: object) -> str:
    """`value` as compact JSON with sorted keys: the same value, the same bytes."""
    return _JSON.encode(value)
