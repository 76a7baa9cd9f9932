"""The rights that a resource gives, read from its inputs as they were and as they would be.

Only names are read here, never what a name stands for: no secret is among the inputs of a step.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from plat import names
from plat.engine.steps import Step
from plat.patterns import named_by
from plat.plan.kinds import any_kind
from plat.plan.model import Contract, Exchange, Plan, Queue, Topic
from plat.preview.kinds import short
from plat.preview.model import Right

_CALL = re.compile(r"https?://(?P<caller>[^:/@]+):\$\((?P<name>\w+)_TOKEN\)@")
_STORE = re.compile(r"(?P<scheme>mongodb|mysql|postgresql|redis)://(?P<role>[^:/@]+):\$\(")
_OPERATIONS = {"read": "consume from", "write": "publish to"}
"""Of Kafka; describing what one may read or write is no right of its own."""

_EVERYBODY = "everybody"

Inputs = Mapping[str, Any]
Reader = Callable[["Reading", Inputs], Iterable[Right]]


@dataclass(frozen=True)
class Known:
    """What the plan knows of things that resources name, by their names."""

    plan: Plan

    @cached_property
    def queues(self) -> Mapping[str, Queue]:
        """Queues by name, dead-letter queues by their own."""
        queues: Sequence[Queue] = self.plan.broker.queues if self.plan.broker else ()
        return {name: queue for queue in queues for name in (queue.name, queue.dead_letter)}

    @cached_property
    def exchanges(self) -> Mapping[str, Exchange]:
        """Exchanges by name."""
        return {item.name: item for item in self.plan.broker.exchanges} if self.plan.broker else {}

    @cached_property
    def topics(self) -> Mapping[str, Topic]:
        """Topics by name."""
        return {item.name: item for item in self.plan.broker.topics} if self.plan.broker else {}

    @cached_property
    def users(self) -> Mapping[str, str]:
        """Contexts by what they are called at the broker."""
        return {item.name: item.context for item in self.plan.broker.users} if self.plan.broker else {}

    @cached_property
    def contracts(self) -> Mapping[str, Contract]:
        """Contracts by name."""
        return {item.name: item for item in self.plan.contracts}

    @cached_property
    def prefixes(self) -> Mapping[str, str]:
        """Contexts by what the variables begin with that lead to them."""
        return {names.env_prefix(context): context for context in self.plan.contexts}


def difference(step: Step, owner: str, known: Known) -> tuple[frozenset[Right], frozenset[Right]]:
    """The rights that appear by a step on something of `owner`'s, and those that disappear."""
    old, new = (frozenset(_rights(step, inputs, owner, known)) for inputs in (step.old, step.new))
    return new - old, old - new


def _rights(step: Step, inputs: Inputs, owner: str, known: Known) -> Iterable[Right]:
    reader = _READERS.get(short(step))
    return reader(Reading(step.name, owner, known), inputs) if reader and inputs else ()


@dataclass(frozen=True)
class Reading:
    """Reads the inputs of the resource `name` of `owner`, with what is known of things that they name."""

    name: str
    owner: str
    known: Known

    def permissions(self, inputs: Inputs) -> Iterator[Right]:
        """Rights on the exchanges and queues of RabbitMQ that patterns name."""
        who, given = self._context(inputs.get("user")), _mapping(inputs.get("permissions"))
        for key, does in (("configure", "configure"), ("write", "publish to"), ("read", "consume from")):
            pattern = str(given.get(key) or "")
            found = named_by(pattern)
            if found is None:
                yield Right(who, f"{does} whatever matches `{pattern}`")
            for item in found or ():
                yield Right(who, f"{does} {item}", self._other(item, who))

    def topic_permissions(self, inputs: Inputs) -> Iterator[Right]:
        """Rights on the routing keys of an exchange."""
        who, given = self._context(inputs.get("user")), inputs.get("permissions")
        for each in given if isinstance(given, list) else [given]:
            exchange = str(_mapping(each).get("exchange", ""))
            for key in named_by(str(_mapping(each).get("write") or "")) or ():
                yield Right(who, f"publish to {exchange} with {key}", self._other(exchange, who))

    def binding(self, inputs: Inputs) -> Iterator[Right]:
        """What comes into a queue: that its reader gets it is a right, whoever gave it."""
        queue, source = str(inputs.get("destination", "")), str(inputs.get("source", ""))
        planned = self.known.queues.get(queue)
        who = planned.consumer if planned else self.owner
        what = f"receive {inputs.get('routingKey', '')} of {source} in {queue}"
        yield Right(who, what, self._other(source, who) or source.removesuffix(".events"))

    def access_rule(self, inputs: Inputs) -> Iterator[Right]:
        """A right on a topic or a consumer group of Kafka."""
        who = self._context(str(inputs.get("aclPrincipal", "")).removeprefix("User:"))
        thing = str(inputs.get("aclResourceName", ""))
        yield from self._of_kafka(who, str(inputs.get("aclOperation", "")), str(inputs.get("aclResourceType", "")), thing)

    def kafka_user(self, inputs: Inputs) -> Iterator[Right]:
        """The same of a user whom Strimzi's operator makes."""
        metadata, spec = _mapping(inputs.get("metadata")), _mapping(inputs.get("spec"))
        who = self._context(metadata.get("name"))
        for rule in _mapping(spec.get("authorization")).get("acls") or ():
            resource = _mapping(_mapping(rule).get("resource"))
            for operation in _mapping(rule).get("operations") or ():
                yield from self._of_kafka(who, str(operation), str(resource.get("type", "")), str(resource.get("name", "")))

    def of_spec(self, inputs: Inputs) -> Iterator[Right]:
        """The same as of an official provider's resource, in an operator's."""
        spec = _mapping(inputs.get("spec"))
        user = spec.get("user") or _mapping(spec.get("userReference")).get("name")
        given = spec.get("permissions")
        several = isinstance(given, Mapping) and "exchange" in given
        yield from (self.topic_permissions if several else self.permissions)({"user": user, "permissions": given})

    def store(self, _inputs: Inputs) -> Iterator[Right]:
        """An account of a datastore, whose own it is; its name is the store's, and what it is there."""
        yield Right(self.owner, f"read from and write to {self.name.rpartition('--')[0] or self.name}")

    def contract(self, inputs: Inputs) -> Iterator[Right]:
        """What the reader of a contract's views may do, until a day."""
        planned = self.known.contracts.get(self.name.partition("--")[0])
        views = ", ".join(str(_mapping(view).get("name", "")) for view in inputs.get("views") or ())
        who = planned.consumer if planned else str(inputs.get("reader", ""))
        contract = planned.name if planned else str(inputs.get("name", self.name))
        yield Right(who, f"read {views} by contract {contract} until {inputs.get('expires', '')}", self.owner)

    def grant(self, inputs: Inputs) -> Iterator[Right]:
        """Privileges in PostgreSQL."""
        privileges = ", ".join(sorted(str(item) for item in inputs.get("privileges") or ()))
        things = (
            ", ".join(sorted(str(item) for item in inputs.get("objects") or ())) or f"every {inputs.get('objectType', '')}"
        )
        yield Right(str(inputs.get("role", "")), f"{privileges} on {things} in {inputs.get('database', '')}")

    def role_binding(self, inputs: Inputs) -> Iterator[Right]:
        """What a team's group may do in a namespace of a cluster."""
        role, namespace = _mapping(inputs.get("roleRef")).get("name"), _mapping(inputs.get("metadata")).get("namespace")
        for subject in inputs.get("subjects") or ():
            who = str(_mapping(subject).get("name", ""))
            yield Right(who, f"act as {role}" + (f" in namespace {namespace}" if namespace else ""))

    def process(self, inputs: Inputs) -> Iterator[Right]:
        """Whom a deployable may call, and who may call it."""
        yield from self._of_variables(_mapping(inputs.get("environment")))

    def pods(self, inputs: Inputs) -> Iterator[Right]:
        """The same of a deployable on a cluster."""
        template = _mapping(_mapping(_mapping(inputs.get("spec")).get("template")).get("spec"))
        for container in template.get("containers") or ():
            found = [_mapping(item) for item in _mapping(container).get("env") or ()]
            yield from self._of_variables({str(item.get("name", "")): item.get("value") for item in found})

    def container(self, inputs: Inputs) -> Iterator[Right]:
        """The same of a deployable on a machine."""
        pairs = (str(item).partition("=") for item in inputs.get("envs") or ())
        yield from self._of_variables({name: value for name, _, value in pairs})

    def _of_variables(self, variables: Mapping[str, Any]) -> Iterator[Right]:
        """All that a deployable has variables for, on whichever target: there they are the same."""
        for value in map(str, filter(None, variables.values())):
            if found := _CALL.match(value):
                callee = self._upstream(found["name"])
                yield Right(found["caller"], f"call {callee}", callee)
            elif found := _STORE.match(value):
                yield from self._of_store(found["scheme"], found["role"])
        for operation, offer in _from_json(variables.get("PLAT_SURFACE")).items():
            callers = [*(_mapping(offer).get("callers") or ()), *([_EVERYBODY] if _mapping(offer).get("public") else [])]
            for caller in callers:
                yield Right(str(caller), f"call {operation} of {self.owner}", self.owner if caller != _EVERYBODY else "")
        for external in self.known.plan.externals:
            if f"{names.env_prefix(external.name)}_HOST" in variables:
                yield Right(self.owner, f"reach {external.name}")
        yield from self._of_events(variables)

    def _of_events(self, variables: Mapping[str, Any]) -> Iterator[Right]:
        for event, where in _from_json(variables.get("PLAT_PUBLISHES")).items():
            who, place = event.rpartition(".")[0], _mapping(where)
            if "topic" in place:
                yield Right(who, f"publish to {place['topic']}")
            else:
                exchange = str(place.get("exchange", ""))
                yield Right(who, f"publish to {exchange} with {place.get('routing_key', '')}", self._other(exchange, who))
        for queue, what in _from_json(variables.get("PLAT_CONSUMES")).items():
            who, place = str(_mapping(what).get("context", self.owner)), _mapping(what)
            thing = str(place.get("topic", queue))
            source = str(place.get("event", "")).rpartition(".")[0]
            yield Right(who, f"consume from {thing}", source if source != who else "")

    def _of_store(self, scheme: str, role: str) -> Iterator[Right]:
        """What a role may do in a server: a context's own store, or a contract's views."""
        stores = [store for store in self.known.plan.datastores if (any_kind(store.type).scheme, store.role) == (scheme, role)]
        contracts = [contract for contract in self.known.plan.contracts if contract.role == role and scheme == "postgresql"]
        for store in stores:
            yield Right(store.context, f"read from and write to {store.name}")
        for contract in contracts:
            yield Right(contract.consumer, f"read data of {contract.provider} by contract {contract.name}", contract.provider)
        if not stores and not contracts:
            yield Right(self.owner, f"enter a server by {scheme} as {role}")

    def _of_kafka(self, who: str, operation: str, kind: str, thing: str) -> Iterator[Right]:
        does = _OPERATIONS.get(operation.lower())
        if kind.lower() == "topic" and does:
            topic = self.known.topics.get(thing)
            other = topic.owner if topic and topic.owner != who else ""
            yield Right(who, f"{does} {thing}", other)
        elif does or (kind.lower() != "topic" and operation.lower() != "describe"):
            yield Right(who, f"{operation.lower()} {kind.lower()} {thing}")

    def _upstream(self, prefix: str) -> str:
        """The context that a variable names; a deployable of several contexts has their names before it."""
        known = self.known.prefixes
        ends = [context for name, context in known.items() if prefix.endswith(f"_{name}")]
        return known.get(prefix) or max(ends, key=len, default=prefix.lower().replace("_", "-"))

    def _context(self, user: object) -> str:
        return self.known.users.get(str(user), str(user or self.owner))

    def _other(self, thing: str, who: str) -> str:
        """Whose it is that comes out of an exchange or a queue, where that is not who has the right.

        What is in a dead-letter queue is its reader's own.
        """
        queue = self.known.queues.get(thing)
        exchange = self.known.exchanges.get(queue.exchange if queue and queue.name == thing else thing)
        return exchange.owner if exchange and exchange.owner != who else ""


_READERS: Mapping[str, Reader] = {
    "docker:Container": Reading.container,
    "kafka:Acl": Reading.access_rule,
    "kubernetes:ClusterRoleBinding": Reading.role_binding,
    "kubernetes:Deployment": Reading.pods,
    "kubernetes:KafkaUser": Reading.kafka_user,
    "kubernetes:Permission": Reading.of_spec,
    "kubernetes:RoleBinding": Reading.role_binding,
    "kubernetes:TopicPermission": Reading.of_spec,
    "platlocal:MongoDBUser": Reading.store,
    "platlocal:MySQLUser": Reading.store,
    "platlocal:PostgresContract": Reading.contract,
    "platlocal:Process": Reading.process,
    "platlocal:RedisUser": Reading.store,
    "postgresql:Grant": Reading.grant,
    "postgresql:Role": Reading.store,
    "rabbitmq:Binding": Reading.binding,
    "rabbitmq:Permissions": Reading.permissions,
    "rabbitmq:TopicPermissions": Reading.topic_permissions,
}


def _mapping(value: Any) -> Inputs:  # noqa: ANN401 - any value that JSON has
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, Mapping) else {}


def _from_json(text: object) -> Inputs:
    try:
        return _mapping(json.loads(str(text)))
    except ValueError:
        return {}
