"""The provider: Pulumi's requests on one side, types of resources on the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, Generic, TypeVar

from pulumi.provider.experimental import provider as wire
from pydantic import BaseModel, ValidationError

from providers.common import values
from providers.common.errors import Problem
from providers.common.log import Log
from providers.common.resource import Order, Outputs, Resource
from providers.common.values import UNKNOWN, Properties

_THREADS = 64
"""More than Pulumi ever asks for at once unless told to, so that what takes long is done side by side."""

_UNSAID = "not-said-here"
"""Stands for secrets where they do not matter and may not be known."""

_MENDING = "the update puts it right"
"""What is said of a drift, where the type of resource says nothing else in `mending`."""

_T = TypeVar("_T")
_Place = TypeVar("_Place")


class ResourceProvider(wire.Provider, Generic[_Place]):
    """The provider of the types in `resources`; `log` tells whoever runs Pulumi what is no error."""

    package: ClassVar[str]
    resources: ClassVar[Mapping[str, Resource[Any, Any]]]
    """By token."""

    moving: ClassVar[frozenset[str]]
    """Outputs that an update may change to what nobody foresees."""

    removes_first: ClassVar[bool]
    """Whether what is made anew has the name of what is there, so that one goes first."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._threads = ThreadPoolExecutor(_THREADS)

    @property
    def here(self) -> _Place:
        """Where the resources are. Raises Problem before it is known."""
        raise NotImplementedError

    async def check(self, request: wire.CheckRequest) -> wire.CheckResponse:
        """Judge inputs; what is not known yet is judged when it is."""
        resource = self._resource(request.type)
        given, before = values.to_python(request.new_inputs), values.to_python(request.old_inputs)
        failures = [
            failure(name, f"cannot change from {before[name]} to {given.get(name)}: {way}")
            for name, way in resource.fixed.items()
            if name in before and before[name] != given.get(name)
        ]
        unknown = values.unknown_names(given)
        inputs, problems = parsed(resource.model, given, unknown)
        failures += problems
        failures += _broken(resource, before, given)
        if inputs and not failures:
            try:
                await self._off_loop(lambda: resource.check(self.here, inputs))
            except Problem as problem:
                failures.append(failure("", str(problem)))
        noted = {name: value for name, value in request.old_inputs.items() if name in resource.noted}
        wanted = {**request.new_inputs, **noted, **values.from_python(resource.foreseen)}
        return wire.CheckResponse(inputs=values.marked(wanted, resource.secrets), failures=failures)

    async def diff(self, request: wire.DiffRequest) -> wire.DiffResponse:
        """Compare inputs with the state, and what is foreseen with what the machine looks like now."""
        resource = self._resource(request.type)
        old, new = values.to_python(request.old_state), values.to_python(request.new_inputs)
        names = {to_wire for field in resource.model.model_fields.values() if (to_wire := field.alias)}
        changed = sorted(name for name in names if old.get(name) != new.get(name))
        drifted = {name for name, value in resource.foreseen.items() if old.get(name) != value}
        drifted |= {name for name in resource.noted if old.get(name) != new.get(name)}
        inputs, _ = parsed(resource.model, _inputs_of(resource, new), values.unknown_names(new))
        if inputs and not changed and not drifted:
            found = await self._off_loop(lambda: resource.drift(self.here, inputs, old))
            for name, message in found.items():
                drifted.add(name)
                self._log.warn(request.urn, f"{message}: {getattr(resource, 'mending', _MENDING)}")
        return difference(changed, sorted(drifted), resource.replacing, removes_first=self.removes_first)

    async def create(self, request: wire.CreateRequest) -> wire.CreateResponse:
        """Make the resource."""
        resource = self._resource(request.type)
        if request.preview:
            return wire.CreateResponse("", _echo(resource, request.properties, _foreseen(resource, request.properties)))
        inputs = _required(resource, request.properties)
        order = self._order(request.urn)
        resource_id, outputs = await self._off_loop(lambda: resource.create(self.here, order, inputs))
        return wire.CreateResponse(resource_id, _echo(resource, request.properties, outputs))

    async def update(self, request: wire.UpdateRequest) -> wire.UpdateResponse:
        """Change the resource."""
        resource = self._resource(request.type)
        before = values.to_python(request.olds)
        if request.preview:
            kept = _outputs_of(resource, before)
            moving = dict.fromkeys(kept.keys() & self.moving, UNKNOWN)
            expected = {**kept, **moving, **_foreseen(resource, request.news)}
            return wire.UpdateResponse(_echo(resource, request.news, expected))
        old, _ = parsed(resource.model, _inputs_of(resource, before), frozenset())
        new = _required(resource, request.news)
        order = self._order(request.urn, request.resource_id, _outputs_of(resource, before))
        outputs = await self._off_loop(lambda: resource.update(self.here, order, old, new))
        return wire.UpdateResponse(_echo(resource, request.news, outputs))

    async def read(self, request: wire.ReadRequest) -> wire.ReadResponse:
        """Look at the resource as it is; what cannot be seen now stays as it was."""
        resource = self._resource(request.type)
        state = values.to_python(request.properties)
        inputs, _ = parsed(resource.model, _inputs_of(resource, state), frozenset())
        if inputs is None:
            msg = f"{request.type} cannot be imported: declare it, and `pulumi up` takes over what is there of it"
            raise Problem(msg)
        known = _outputs_of(resource, state)
        outputs = await self._off_loop(lambda: resource.read(self.here, inputs, known, self._order(request.urn).warn))
        found = {**request.properties, **values.from_python(outputs or {})}
        noted = {name: value for name, value in found.items() if name in resource.noted}
        return wire.ReadResponse(request.resource_id, values.marked(found, resource.secrets), {**request.inputs, **noted})

    async def delete(self, request: wire.DeleteRequest) -> None:
        """Remove the resource."""
        resource = self._resource(request.type)
        inputs, _ = parsed(resource.model, _inputs_of(resource, values.to_python(request.properties)), frozenset())
        if inputs:
            await self._off_loop(lambda: resource.delete(self.here, request.resource_id, inputs))

    async def _off_loop(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _order(self, urn: str, resource_id: str = "", known: Outputs | None = None) -> Order:
        def warn(message: str) -> None:
            self._log.warn(urn, message)

        def note(message: str) -> None:
            self._log.note(urn, message)

        return Order(urn, resource_id, warn, note, known or {})

    def _resource(self, type_name: str) -> Resource[Any, Any]:
        # The type in a URN is prefixed with those of its parents.
        name = type_name.rpartition("$")[2]
        if name not in self.resources:
            msg = f"{self.package} has no type {name}: there are {', '.join(self.resources)}"
            raise Problem(msg)
        return self.resources[name]


def parsed(
    model: type[BaseModel], given: Mapping[str, Any], unknown: frozenset[str]
) -> tuple[BaseModel | None, list[wire.CheckFailure]]:
    """Return `given` as a `model`, or None and what is wrong with it; neither where that hangs on `unknown` values."""
    try:
        inputs = model.model_validate(given)
    except ValidationError as error:
        # Neither the value nor pydantic's echo of it: it may be a secret.
        problems = [
            failure(_property(item["loc"]), item["msg"].removeprefix("Value error, "))
            for item in error.errors(include_url=False, include_input=False, include_context=False)
            if item["loc"][:1] == () or str(item["loc"][0]) not in unknown
        ]
        return None, problems
    return (None if unknown else inputs), []


def _property(place: tuple[int | str, ...]) -> str:
    """Write the path of a property; the tag of a union's member, which stands in brackets, is in no program."""
    return ".".join(step for step in map(str, place) if not step.startswith("("))


def _broken(resource: Resource[Any, Any], before: Mapping[str, Any], now: Mapping[str, Any]) -> list[wire.CheckFailure]:
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
    except Problem as problem:
        return [failure("", str(problem))]
    return []


def failure(name: str, reason: str) -> wire.CheckFailure:
    """Return what is wrong with the property `name`, or with all of them where it is empty."""
    # The engine would print the value of a property that it is told the name of, secret or not.
    return wire.CheckFailure("", f"{name}: {reason}" if name else reason)


def _required(resource: Resource[Any, Any], properties: Properties) -> BaseModel:
    """Return `properties` as the model of `resource`. Raises Problem where they are none: in an update, all is known."""
    inputs, problems = parsed(resource.model, _inputs_of(resource, values.to_python(properties)), frozenset())
    if inputs is None:
        msg = "; ".join(problem.reason for problem in problems)
        raise Problem(msg)
    return inputs


def difference(
    changed: list[str], drifted: list[str], replacing: frozenset[str], *, removes_first: bool = True
) -> wire.DiffResponse:
    """Return the answer to a diff: inputs that `changed`, outputs that `drifted`, and which of them mean replacement."""
    replaces = [name for name in changed if name in replacing]

    def kind(name: str) -> wire.PropertyDiffKind:
        return wire.PropertyDiffKind.UPDATE_REPLACE if name in replaces else wire.PropertyDiffKind.UPDATE

    return wire.DiffResponse(
        changes=bool(changed or drifted),
        replaces=replaces,
        delete_before_replace=removes_first and bool(replaces),
        diffs=[*changed, *drifted],
        detailed_diff={
            **{name: wire.PropertyDiff(kind(name), input_diff=True) for name in changed},
            **{name: wire.PropertyDiff(kind(name), input_diff=False) for name in drifted},
        },
    )


def _foreseen(resource: Resource[Any, Any], properties: Properties) -> Outputs:
    """Return the outputs that are known before: those of any resource of its type, and what it says to follow from inputs."""
    given = values.to_python(properties)
    inputs, _ = parsed(resource.model, _inputs_of(resource, given), values.unknown_names(given))
    foresee = getattr(resource, "foresee", None)
    return {**resource.foreseen, **(foresee(inputs) if foresee and inputs else {})}


def _echo(resource: Resource[Any, Any], inputs: Properties, outputs: Outputs) -> Properties:
    return values.marked({**inputs, **values.from_python(outputs)}, resource.secrets)


def _inputs_of(resource: Resource[Any, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.alias for field in resource.model.model_fields.values()}
    return {name: value for name, value in state.items() if name in names}


def _outputs_of(resource: Resource[Any, Any], state: Mapping[str, Any]) -> Outputs:
    names = {field.alias for field in resource.model.model_fields.values()}
    return {name: value for name, value in state.items() if name not in names}
