"""A resource of a machine as plain data, before anything is registered. Pure: what a plan becomes can be read and judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.kubernetes.manifest import Hidden

Inputs = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class From:
    """What another resource gives once it is made."""

    resource: Declared
    output: str


@dataclass(frozen=True, slots=True)
class Woven:
    """A text that is made of what other resources and files give; `render` gets these in the order of `sources`."""

    sources: tuple[From | KeyFile, ...]
    render: Callable[[Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The private key in a file of the project, a secret that nobody generated; or its public half."""

    path: str
    public: bool = False


Unknown = Hidden | From | Woven | KeyFile
"""What is not known before something else is made or read."""


@dataclass(frozen=True, slots=True)
class Provider:
    """The way to a hypervisor or to a machine's Docker: a provider of the package, called `name`."""

    package: str
    name: str
    settings: Inputs
    after: tuple[Declared, ...] = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """One resource. `resource` is its name in the stack, `unit` whose it is (None: a team's or the platform's).

    `inputs` may hold what is `Unknown` at any depth. `holds_data` protects it from its creation on; `seconds` is how
    long an update waits for it. A change of what `anew` names ends it, and makes another one.
    """

    type_token: str
    resource: str
    machine: str
    unit: str | None
    inputs: Inputs
    provider: Provider | None = None
    after: tuple[Declared, ...] = ()
    holds_data: bool = False
    seconds: int | None = None
    outputs: tuple[str, ...] = field(default=(), compare=False)
    anew: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others of a stack."""
        return self.type_token, self.resource


Reveal = Callable[[Unknown], Any]


def filled(value: Any, reveal: Reveal) -> Any:  # noqa: ANN401 - any part of a resource's inputs
    """A part of a resource's inputs with everything that is not known yet as `reveal` gives it."""
    match value:
        case Hidden() | From() | Woven() | KeyFile():
            return reveal(value)
        case Mapping():
            return {key: filled(inner, reveal) for key, inner in value.items()}
        case list() | tuple():
            return [filled(inner, reveal) for inner in value]
        case _:
            return value


def needed(declared: Declared) -> Iterator[Declared]:
    """The resources that `declared` cannot be made without: those that it waits for, and those whose outputs it takes."""
    yield from declared.after
    found: list[Declared] = []

    def note(unknown: Unknown) -> None:
        if isinstance(unknown, From):
            found.append(unknown.resource)
        elif isinstance(unknown, Woven):
            found.extend(source.resource for source in unknown.sources if isinstance(source, From))

    filled(declared.inputs, note)
    if declared.provider:
        found.extend(declared.provider.after)
        filled(declared.provider.settings, note)
    yield from found


def ordered(resources: Iterable[Declared]) -> Iterator[Declared]:
    """Every one of `resources` once, after all that it needs."""
    yield from _ordered(resources, set())


def _ordered(resources: Iterable[Declared], done: set[tuple[str, str]]) -> Iterator[Declared]:
    for resource in resources:
        if resource.key not in done:
            yield from _ordered(needed(resource), done)
            done.add(resource.key)
            yield resource
