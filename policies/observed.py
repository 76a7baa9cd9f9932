"""A resource as the pack sees it, in plain values, before the engine makes it."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from plat.claims import BreachClaim, OpaqueClaim, Origin

_T = TypeVar("_T")


class _Marker(enum.Enum):
    UNKNOWN = "unknown until the update"


UNKNOWN: Final = _Marker.UNKNOWN
"""Stands for a value that a preview does not know yet."""


class Unreadable(Exception):  # noqa: N818 - named for what happens, not for Python
    """A property does not say what has to be known. `field` is its path; values are never quoted."""

    def __init__(self, field: str, reason: str, remedy: str) -> None:
        self.field = field
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{field}: {reason}")


class Properties:
    """Typed reading of properties; what is absent, unknown or of another type is never taken for something harmless."""

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        self._values = values
        self._path = path

    def plain(self) -> Mapping[str, Any]:
        """All of it as it stands, for a comparison with what is planned."""
        return self._values

    def __contains__(self, name: object) -> bool:
        return self._values.get(str(name)) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._values))

    def field(self, name: str) -> str:
        """The path of the property `name`, as messages and claims give it."""
        return f"{self._path}.{name}" if self._path else name

    def text(self, name: str, default: str | None = None) -> str:
        """A string. Raises Unreadable where it is unknown, something else, or absent without a `default`."""
        return self._typed(name, str, "a text", default)

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number, also one that stands in a string, as in the configuration of providers. Raises Unreadable."""
        value = self._values.get(name)
        if isinstance(value, str) and value.isascii() and value.isdecimal():
            return int(value)
        return self._typed(name, int, "a whole number", default)

    def flag(self, name: str) -> bool:
        """True or false, false where it is absent, also in a string. Raises Unreadable."""
        value = self._values.get(name)
        if isinstance(value, str) and value in {"true", "false"}:
            return value == "true"
        return self._typed(name, bool, "true or false", default=False)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings, empty where it is absent. Raises Unreadable."""
        found: Sequence[Any] = self._typed(name, list, "a list", [])
        for index, item in enumerate(found):
            if not isinstance(item, str):
                place = f"{self.field(name)}[{index}]"
                raise _unreadable(place, "it is not known before the update, or no text")
        return tuple(found)

    def encoded_texts(self, name: str) -> tuple[str, ...]:
        """A list of strings, also one that stands as JSON in a string, as in the configuration of providers."""
        value = self._values.get(name)
        if not isinstance(value, str):
            return self.texts(name)
        try:
            return Properties({name: json.loads(value)}, self._path).texts(name)
        except ValueError:
            raise _unreadable(self.field(name), "it is no list") from None

    def inner(self, name: str) -> Properties:
        """A mapping, empty where it is absent. A list of one mapping is that mapping. Raises Unreadable."""
        value = self._values.get(name)
        if isinstance(value, list) and len(value) == 1:
            return self.inners(name)[0]
        return Properties(self._typed(name, dict, "a mapping", {}), self.field(name))

    def inners(self, name: str) -> tuple[Properties, ...]:
        """A list of mappings, empty where it is absent. Raises Unreadable."""
        found: Sequence[Any] = self._typed(name, list, "a list", [])
        if any(not isinstance(item, dict) for item in found):
            raise _unreadable(self.field(name), "something else than mappings, or not known yet")
        return tuple(Properties(item, f"{self.field(name)}[{index}]") for index, item in enumerate(found))

    def unknown(self, name: str) -> bool:
        """Whether the property is said, but not known before the update."""
        return self._values.get(name) is UNKNOWN

    def _typed(self, name: str, kind: type[_T], called: str, default: _T | None = None) -> _T:
        value = self._values.get(name)
        if value is None and default is not None:
            return default
        if value is None:
            raise _unreadable(self.field(name), "it is not said")
        if value is UNKNOWN:
            raise _unreadable(self.field(name), "it is not known before the update")
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise _unreadable(self.field(name), f"it is not {called}")
        return value


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider that a resource is made by."""

    urn: str
    type: str
    name: str
    properties: Properties


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a resource that concern the rules. `aliases` are the URNs whose state it takes over."""

    protect: bool = False
    parent: str = ""
    aliases: tuple[str, ...] = ()
    ignore_changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Observed:
    """One resource with its inputs; `called` is how messages call what no program has made."""

    urn: str
    type: str
    name: str
    properties: Properties = field(default_factory=lambda: Properties({}))
    provider: Provider | None = None
    options: Options = Options()
    called: str = ""

    @property
    def label(self) -> str:
        """How messages call it: ``postgresql:Role `admin` ``, a provider by its whole type."""
        if self.called:
            return self.called
        package, _, rest = self.type.partition(":")
        short = self.type if package == "pulumi" else f"{package}:{rest.rpartition(':')[2]}"
        return f"{short} `{self.name}`"

    def origin(self, field: str = "") -> Origin:
        """Where a claim about `field` of this resource was read."""
        return Origin(self.label, None, field)

    def opaque(self, reason: str, remedy: str, field: str = "") -> OpaqueClaim:
        """The claim that this resource cannot be judged."""
        return OpaqueClaim(f"`{field}`" if field else "it", reason, remedy, self.origin(field))

    def breach(self, reason: str, remedy: str, field: str = "") -> BreachClaim:
        """The claim that this resource opens a way round the fences."""
        return BreachClaim(f"`{field}`" if field else "it", reason, remedy, self.origin(field))


def _unreadable(field: str, reason: str) -> Unreadable:
    return Unreadable(field, reason, f"write `{field}` as a literal, so that it can be judged before anything is made")
