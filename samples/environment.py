"""Reads the variables that Plat gives to a deployable: the contract written down in samples/README.md."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from samples.authorisation import Operation, Surface

DATASTORE_TYPES = ("postgresql", "redis", "mysql", "mongodb")
_PORT_LIMIT = 65535


class MisconfiguredError(Exception):
    """A variable is missing or malformed. The message names it and never quotes its value."""


@dataclass(frozen=True, slots=True)
class Publication:
    """Where one event of this deployable goes: to an exchange with a key (RabbitMQ), or to a topic (Kafka)."""

    exchange: str = ""
    routing_key: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Consumption:
    """Where an event that this deployable reads for `context` arrives, and what takes those that it cannot handle.

    In Kafka the queue is the name of the group by which `topic` is read, and the last is a topic as well.
    """

    event: str
    context: str
    queue: str
    dead_letter_queue: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """One bounded context that this deployable carries: its datastores' URLs by type, and its broker's URL."""

    name: str
    datastores: Mapping[str, str] = field(default_factory=dict, repr=False)
    broker_url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything that Plat tells a deployable. Secrets are kept out of its `repr`."""

    deployable: str
    host: str
    port: int | None
    contexts: tuple[Context, ...]
    publishes: Mapping[str, Publication]
    consumes: Sequence[Consumption]
    surface: Surface
    variables: Mapping[str, str] = field(repr=False)

    @property
    def only(self) -> Context:
        """The one context of a deployable that carries exactly one. Raises MisconfiguredError for any other."""
        if len(self.contexts) != 1:
            msg = (
                f"{self.deployable} carries {len(self.contexts)} contexts in PLAT_CONTEXTS, and this sample serves exactly one"
            )
            raise MisconfiguredError(msg)
        return self.contexts[0]

    def broker_url(self, context: str) -> str:
        """The broker's URL with the credentials of `context`. Raises MisconfiguredError where it has none."""
        for item in self.contexts:
            if item.name == context and item.broker_url:
                return item.broker_url
        msg = f"{self.deployable} has no BROKER_URL for the context {context}"
        raise MisconfiguredError(msg)

    def datastore(self, kind: str) -> str:
        """The URL of the only context's store of type `kind`. Raises MisconfiguredError where it has none."""
        url = self.only.datastores.get(kind)
        if url is None:
            msg = f"{kind.upper()}_URL is not set: this sample keeps its data in a datastore of type {kind}"
            raise MisconfiguredError(msg)
        return url

    def upstream(self, context: str) -> str | None:
        """The URL of the surface of `context`, with this caller's token in it; None where none was declared."""
        name = f"{_prefix(context)}_URL"
        mine = (f"{_prefix(item.name)}_{name}" for item in self.contexts)
        return next((self.variables[key] for key in (*mine, name) if self.variables.get(key)), None)

    def of(self, context: str) -> Environment:
        """What a deployable that carries `context` alone would be told: nothing of the contexts beside it, no key of theirs.

        What is the deployable's as a whole (`HOST`, a literal that its descriptor sets) is each context's too.

        Raises MisconfiguredError where this deployable does not carry it.
        """
        mine = next((item for item in self.contexts if item.name == context), None)
        if mine is None:
            msg = f"{self.deployable} does not carry the context {context}"
            raise MisconfiguredError(msg)
        if len(self.contexts) == 1:
            return self
        return replace(
            self,
            contexts=(mine,),
            publishes={event: item for event, item in self.publishes.items() if event.startswith(f"{context}.")},
            consumes=[item for item in self.consumes if item.context == context],
            variables=_as_if_alone(self.variables, context, [item.name for item in self.contexts]),
        )

    def redact(self, text: str) -> str:
        """`text` with every secret of this deployable blotted out."""
        for secret in _secrets(self.variables):
            text = text.replace(secret, "***")
        return text


def read(variables: Mapping[str, str]) -> Environment:
    """What `variables` (usually `os.environ`) say. Raises MisconfiguredError naming the variable that is wrong."""
    names = [name for name in variables.get("PLAT_CONTEXTS", variables.get("PLAT_CONTEXT", "")).split(",") if name]
    return Environment(
        deployable=variables.get("PLAT_DEPLOYABLE", "sample"),
        host=variables.get("HOST", "127.0.0.1"),
        port=_port(variables),
        contexts=tuple(_context(name, variables, _prefix(name) + "_" if len(names) > 1 else "") for name in names),
        publishes={event: _publication(item) for event, item in _object(variables, "PLAT_PUBLISHES").items()},
        consumes=[_consumption(queue, item) for queue, item in _object(variables, "PLAT_CONSUMES").items()],
        surface=_surface(variables),
        variables=dict(variables),
    )


def _as_if_alone(variables: Mapping[str, str], context: str, contexts: Sequence[str]) -> dict[str, str]:
    """`variables` as they would be if of all `contexts` there were but this one: its own ones under their plain names."""
    mine = f"{_prefix(context)}_"
    # `ORDER_ARCHIVE_...` belongs to the context order-archive, not to order.
    others = tuple(f"{_prefix(name)}_" for name in contexts if name != context and not context.startswith(f"{name}-"))
    shorter = tuple(f"{_prefix(name)}_" for name in contexts if context.startswith(f"{name}-"))
    found: dict[str, str] = {}
    for name, value in variables.items():
        if name.startswith(mine) and not any(name.startswith(other) for other in others if other.startswith(mine)):
            found[name.removeprefix(mine)] = value
        elif not name.startswith((*others, *shorter, mine)):
            found[name] = value
    return found


def _prefix(context: str) -> str:
    return context.replace("-", "_").upper()


def _context(name: str, variables: Mapping[str, str], prefix: str) -> Context:
    stores = {kind: variables.get(f"{prefix}{kind.upper()}_URL") for kind in DATASTORE_TYPES}
    return Context(
        name=name,
        datastores={kind: url for kind, url in stores.items() if url},
        broker_url=variables.get(f"{prefix}BROKER_URL") or None,
    )


def _publication(item: Mapping[str, Any]) -> Publication:
    if "topic" in item:
        return Publication(topic=_text("PLAT_PUBLISHES", item, "topic"))
    return Publication(_text("PLAT_PUBLISHES", item, "exchange"), _text("PLAT_PUBLISHES", item, "routing_key"))


def _consumption(queue: str, item: Mapping[str, Any]) -> Consumption:
    event, context = (_text("PLAT_CONSUMES", item, name) for name in ("event", "context"))
    if "topic" in item:
        topic, dead = (_text("PLAT_CONSUMES", item, name) for name in ("topic", "dead_letter_topic"))
        return Consumption(event, context, queue, dead, topic)
    return Consumption(event, context, queue, _text("PLAT_CONSUMES", item, "dead_letter_queue"))


def _port(variables: Mapping[str, str]) -> int | None:
    text = variables.get("PORT")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= _PORT_LIMIT):
        msg = f"PORT is not a port number (1 to {_PORT_LIMIT})"
        raise MisconfiguredError(msg)
    return int(text)


def _surface(variables: Mapping[str, str]) -> Surface:
    operations = {
        name: Operation(public=item.get("public") is True, callers=frozenset(item.get("callers", ())))
        for name, item in _object(variables, "PLAT_SURFACE").items()
    }
    tokens = _object(variables, "PLAT_CALLERS", values=str)
    return Surface(operations, {caller: digest.lower() for caller, digest in tokens.items()})


def _object(variables: Mapping[str, str], name: str, values: type = dict) -> dict[str, Any]:
    try:
        document = json.loads(variables.get(name) or "{}")
    except ValueError:
        msg = f"{name} is not JSON"
        raise MisconfiguredError(msg) from None
    if not isinstance(document, dict) or not all(isinstance(value, values) for value in document.values()):
        msg = f"{name} is not a JSON object of {'objects' if values is dict else 'strings'}"
        raise MisconfiguredError(msg)
    return document


def _text(variable: str, item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    if not isinstance(value, str) or not value:
        msg = f"{variable}: an entry has no `{key}`"
        raise MisconfiguredError(msg)
    return value


def _secrets(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Every secret in `variables`, the longest first, so that one that is part of another leaves no rest."""
    found = {value for name, value in variables.items() if name.endswith(("_PASSWORD", "_TOKEN")) and value}
    urls = (value for name, value in variables.items() if name.endswith("_URL") and "@" in value)
    for url in urls:
        password = urlsplit(url).password
        found |= {password, unquote(password)} if password else set()
    return tuple(sorted(found, key=lambda secret: (-len(secret), secret)))
