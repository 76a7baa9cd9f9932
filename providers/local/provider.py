"""The provider: Pulumi's requests on one side, types of resources on the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from pulumi.provider.experimental import provider as wire
from pydantic import BaseModel, ValidationError

from plat.home import Home, HomeProblem
from providers.local import values
from providers.local.errors import LocalProblem, Unusable
from providers.local.inputs import KAFKA_TAG, RABBITMQ_TAG
from providers.local.machine import Machine
from providers.local.mongodb_user import MongoDBUser
from providers.local.mysql_database import MySQLDatabase
from providers.local.mysql_user import MySQLUser
from providers.local.outbox import Outbox
from providers.local.postgres_contract import PostgresContract
from providers.local.postgres_fence import PostgresFence
from providers.local.postgres_schema import PostgresSchema
from providers.local.process import Process
from providers.local.redis_user import RedisUser
from providers.local.resource import Order, Outputs, Resource
from providers.local.server import Server
from providers.local.values import UNKNOWN, Properties

RESOURCES: Mapping[str, Resource[Any]] = {
    "platlocal:index:Server": Server(),
    "platlocal:index:Process": Process(),
    "platlocal:index:MongoDBUser": MongoDBUser(),
    "platlocal:index:MySQLDatabase": MySQLDatabase(),
    "platlocal:index:MySQLUser": MySQLUser(),
    "platlocal:index:RedisUser": RedisUser(),
    "platlocal:index:PostgresFence": PostgresFence(),
    "platlocal:index:PostgresSchema": PostgresSchema(),
    "platlocal:index:PostgresContract": PostgresContract(),
    "platlocal:index:Outbox": Outbox(),
}

_THREADS = 64
"""More than Pulumi ever asks for at once unless told to, so that servers start side by side."""

_UNSAID = "not-said-here"
"""Stands for secrets where they do not matter and may not be known."""

_T = TypeVar("_T")


class LocalProvider(wire.Provider):
    """The provider `platlocal` for the checkout `home`; `warn` shows a message beside the resource of an URN."""

    def __init__(self, home: Home, warn: Callable[[str, str], None]) -> None:
        self._home = home
        self._warn = warn
        self._machine: Machine | None = None
        self._threads = ThreadPoolExecutor(_THREADS)

    async def check_config(self, request: wire.CheckRequest) -> wire.CheckResponse:
        """Refuse a stack that names no runtime, or another one than before: servers and their data would stay behind."""
        new, old = values.to_python(request.new_inputs).get("stack"), values.to_python(request.old_inputs).get("stack")
        reason = ""
        if old is not None and old != new:
            reason = f"servers and their data lie in the runtime {old}: another one needs a provider of its own"
        elif isinstance(new, str) and not values.unknown_names({"stack": new}):
            try:
                self._home.runtime(new)
            except HomeProblem as problem:
                reason = str(problem)
        else:
            reason = "it names the runtime, as `<landscape>.<environment>`, and has to be known from the beginning"
        failures = [_failure("stack", reason)] if reason else []
        return wire.CheckResponse(inputs=request.new_inputs, failures=failures)

    async def diff_config(self, request: wire.DiffRequest) -> wire.DiffResponse:
        """Find no difference: there is nothing but the stack, which cannot change."""
        del request
        return wire.DiffResponse(changes=False)

    async def configure(self, request: wire.ConfigureRequest) -> wire.ConfigureResponse:
        """Take the stack's name."""
        self._machine = Machine(self._home, str(values.to_python(request.args)["stack"]))
        return wire.ConfigureResponse(accept_secrets=True, supports_preview=True, accept_resources=False)

    async def check(self, request: wire.CheckRequest) -> wire.CheckResponse:
        """Judge inputs; what is not known yet is judged when it is."""
        resource = _resource(request.type)
        given, before = values.to_python(request.new_inputs), values.to_python(request.old_inputs)
        failures = [
            _failure(name, f"cannot change from {before[name]} to {given.get(name)}: {way}")
            for name, way in resource.fixed.items()
            if name in before and before[name] != given.get(name)
        ]
        unknown = values.unknown_names(given)
        inputs, problems = parsed(resource.model, given, unknown)
        failures += problems
        failures += _broken(resource, before, given)
        if inputs and not failures:
            try:
                await self._off_loop(lambda: resource.check(self._here, inputs))
            except LocalProblem as problem:
                failures.append(_failure("", str(problem)))
        noted = {name: value for name, value in request.old_inputs.items() if name in resource.noted}
        wanted = {**request.new_inputs, **noted, **values.from_python(resource.foreseen)}
        return wire.CheckResponse(inputs=values.marked(wanted, resource.secrets), failures=failures)

    async def diff(self, request: wire.DiffRequest) -> wire.DiffResponse:
        """Compare inputs with the state, and what is foreseen with what the machine looks like now."""
        resource = _resource(request.type)
        old, new = values.to_python(request.old_state), values.to_python(request.new_inputs)
        names = {to_wire for field in resource.model.model_fields.values() if (to_wire := field.alias)}
        changed = sorted(name for name in names if old.get(name) != new.get(name))
        drifted = {name for name, value in resource.foreseen.items() if old.get(name) != value}
        drifted |= {name for name in resource.noted if old.get(name) != new.get(name)}
        inputs, _ = parsed(resource.model, _inputs_of(resource, new), values.unknown_names(new))
        if inputs and not changed and not drifted:
            found = await self._off_loop(lambda: resource.drift(self._here, inputs, old))
            for name, message in found.items():
                drifted.add(name)
                self._warn(request.urn, f"{message}: the update puts it right")
        return difference(changed, sorted(drifted), resource.replacing)

    async def create(self, request: wire.CreateRequest) -> wire.CreateResponse:
        """Make the resource."""
        resource = _resource(request.type)
        if request.preview:
            return wire.CreateResponse("", _echo(resource, request.properties, resource.foreseen))
        inputs = _required(resource, request.properties)
        order = self._order(request.urn)
        resource_id, outputs = await self._off_loop(lambda: resource.create(self._here, order, inputs))
        return wire.CreateResponse(resource_id, _echo(resource, request.properties, outputs))

    async def update(self, request: wire.UpdateRequest) -> wire.UpdateResponse:
        """Change the resource."""
        resource = _resource(request.type)
        before = values.to_python(request.olds)
        if request.preview:
            kept = _outputs_of(resource, before)
            expected = {**kept, **resource.foreseen, **({"startedAt": UNKNOWN} if "startedAt" in kept else {})}
            return wire.UpdateResponse(_echo(resource, request.news, expected))
        old, _ = parsed(resource.model, _inputs_of(resource, before), frozenset())
        new = _required(resource, request.news)
        order = self._order(request.urn, request.resource_id)
        outputs = await self._off_loop(lambda: resource.update(self._here, order, old, new))
        return wire.UpdateResponse(_echo(resource, request.news, outputs))

    async def read(self, request: wire.ReadRequest) -> wire.ReadResponse:
        """Look at the resource as it is; what cannot be seen now stays as it was."""
        resource = _resource(request.type)
        state = values.to_python(request.properties)
        inputs, _ = parsed(resource.model, _inputs_of(resource, state), frozenset())
        if inputs is None:
            msg = f"{request.type} cannot be imported: declare it, and `pulumi up` takes over what is there of it"
            raise Unusable(msg)
        known = _outputs_of(resource, state)
        outputs = await self._off_loop(lambda: resource.read(self._here, inputs, known, self._order(request.urn).warn))
        found = {**request.properties, **values.from_python(outputs or {})}
        noted = {name: value for name, value in found.items() if name in resource.noted}
        return wire.ReadResponse(request.resource_id, values.marked(found, resource.secrets), {**request.inputs, **noted})

    async def delete(self, request: wire.DeleteRequest) -> None:
        """Remove the resource."""
        resource = _resource(request.type)
        inputs, _ = parsed(resource.model, _inputs_of(resource, values.to_python(request.properties)), frozenset())
        if inputs:
            await self._off_loop(lambda: resource.delete(self._here, request.resource_id, inputs))

    @property
    def _here(self) -> Machine:
        if self._machine is None:
            msg = "the provider platlocal has not been configured: it needs `stack`"
            raise Unusable(msg)
        return self._machine

    async def _off_loop(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _order(self, urn: str, resource_id: str = "") -> Order:
        return Order(urn, resource_id, lambda message: self._warn(urn, message))


def parsed(
    model: type[BaseModel], given: Mapping[str, Any], unknown: frozenset[str]
) -> tuple[BaseModel | None, list[wire.CheckFailure]]:
    """Return `given` as a `model`, or None and what is wrong with it; neither where that hangs on `unknown` values."""
    try:
        inputs = model.model_validate(given)
    except ValidationError as error:
        # Neither the value nor pydantic's echo of it: it may be a secret.
        problems = [
            _failure(_property(item["loc"]), item["msg"].removeprefix("Value error, "))
            for item in error.errors(include_url=False, include_input=False, include_context=False)
            if item["loc"][:1] == () or str(item["loc"][0]) not in unknown
        ]
        return None, problems
    return (None if unknown else inputs), []


def _property(place: tuple[int | str, ...]) -> str:
    """Write the path of a property; the tag of a union's member is in no program."""
    return ".".join(str(step) for step in place if step not in {KAFKA_TAG, RABBITMQ_TAG})


def _broken(resource: Resource[Any], before: Mapping[str, Any], now: Mapping[str, Any]) -> list[wire.CheckFailure]:
    """Return what of a promise `now` breaks, where the resource makes one; secrets play no part in it."""
    change = getattr(resource, "change", None)
    if change is None or not before:
        return []
    public = dict.fromkeys(resource.secrets, _UNSAID)
    old, _ = parsed(resource.model, {**_inputs_of(resource, before), **public}, frozenset())
    new, _ = parsed(resource.model, {**_inputs_of(resource, now), **public}, frozenset())
    if old is None or new is None:
        return []
    try:
        change(old, new)
    except LocalProblem as problem:
        return [_failure("", str(problem))]
    return []


def _failure(name: str, reason: str) -> wire.CheckFailure:
    # The engine would print the value of a property that it is told the name of, secret or not.
    return wire.CheckFailure("", f"{name}: {reason}" if name else reason)


def _required(resource: Resource[Any], properties: Properties) -> BaseModel:
    """Return `properties` as the model of `resource`. Raises Unusable where they are none: in an update, all is known."""
    inputs, problems = parsed(resource.model, _inputs_of(resource, values.to_python(properties)), frozenset())
    if inputs is None:
        msg = "; ".join(problem.reason for problem in problems)
        raise Unusable(msg)
    return inputs


def difference(changed: list[str], drifted: list[str], replacing: frozenset[str]) -> wire.DiffResponse:
    """Return the answer to a diff: inputs that `changed`, outputs that `drifted`, and which of them mean replacement."""
    replaces = [name for name in changed if name in replacing]

    def kind(name: str) -> wire.PropertyDiffKind:
        return wire.PropertyDiffKind.UPDATE_REPLACE if name in replaces else wire.PropertyDiffKind.UPDATE

    return wire.DiffResponse(
        changes=bool(changed or drifted),
        replaces=replaces,
        # What is made anew has the name of what is there, so that one goes first.
        delete_before_replace=bool(replaces),
        diffs=[*changed, *drifted],
        detailed_diff={
            **{name: wire.PropertyDiff(kind(name), input_diff=True) for name in changed},
            **{name: wire.PropertyDiff(kind(name), input_diff=False) for name in drifted},
        },
    )


def _resource(type_name: str) -> Resource[Any]:
    # The type in a URN is prefixed with those of its parents.
    name = type_name.rpartition("$")[2]
    if name not in RESOURCES:
        msg = f"platlocal has no type {name}: there are {', '.join(RESOURCES)}"
        raise Unusable(msg)
    return RESOURCES[name]


def _echo(resource: Resource[Any], inputs: Properties, outputs: Outputs) -> Properties:
    return {**values.marked(inputs, resource.secrets), **values.from_python(outputs)}


def _inputs_of(resource: Resource[Any], state: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.alias for field in resource.model.model_fields.values()}
    return {name: value for name, value in state.items() if name in names}


def _outputs_of(resource: Resource[Any], state: Mapping[str, Any]) -> Outputs:
    names = {field.alias for field in resource.model.model_fields.values()}
    return {name: value for name, value in state.items() if name not in names}
