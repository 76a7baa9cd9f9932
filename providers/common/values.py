"""Property values of Pulumi's wire, as plain Python and back.

In the SDK, `PropertyValue` leaves an unknown value what it is on the wire, a string that is one of seven fixed ones, and
cannot marshal `Computed`; so unknown values are that string here as well, and pass through.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime import rpc

UNKNOWN: Final = rpc.UNKNOWN
"""What stands for a value that is not known in a preview, whatever its type."""

# The SDK names the first alone; the engine's are in sdk/go/common/resource/plugin/rpc.go: string, boolean, number, list,
# asset, archive, object.
_UNKNOWNS = frozenset(
    {
        UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)

Properties = dict[str, PropertyValue]


def to_python(properties: Mapping[str, PropertyValue]) -> dict[str, Any]:
    """Return `properties` as plain values; those that are null are left out, as if they had not been given."""
    return {name: _plain(value) for name, value in properties.items() if value.value is not None}


def from_python(values: Mapping[str, Any]) -> Properties:
    """Return plain `values` as properties."""
    return {name: _property(value) for name, value in values.items()}


def unknown_names(values: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of plain `values` that are not known, in whole or in part."""
    return frozenset(name for name, value in values.items() if _has_unknown(value))


def marked(properties: Mapping[str, PropertyValue], secrets: Iterable[str]) -> Properties:
    """Return `properties` with those named in `secrets` marked as secret, and the others as they were."""
    names = frozenset(secrets)
    return {name: _secret(value) if name in names else value for name, value in properties.items()}


def _secret(value: PropertyValue) -> PropertyValue:
    return PropertyValue(value.value, is_secret=True, dependencies=value.dependencies)


def _plain(value: PropertyValue) -> Any:  # noqa: ANN401 - whatever the program gave
    inner = value.value
    if isinstance(inner, Mapping):
        return {key: _plain(item) for key, item in inner.items()}
    if isinstance(inner, Sequence) and not isinstance(inner, str):
        return [_plain(item) for item in inner]
    # The wire knows no integers.
    if isinstance(inner, float) and inner.is_integer():
        return int(inner)
    return inner


def _property(value: Any) -> PropertyValue:  # noqa: ANN401 - any plain value
    if isinstance(value, Mapping):
        return PropertyValue({str(key): _property(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return PropertyValue([_property(item) for item in value])
    if isinstance(value, int) and not isinstance(value, bool):
        return PropertyValue(float(value))
    return PropertyValue(value)


def _has_unknown(value: Any) -> bool:  # noqa: ANN401 - any plain value
    if isinstance(value, Mapping):
        return any(_has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_unknown(item) for item in value)
    return value in _UNKNOWNS
