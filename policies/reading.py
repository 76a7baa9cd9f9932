"""Turns what Pulumi's policy SDK hands over into plain values.

The SDK raises when a value is touched that a preview does not know, and then turns the verdict of the whole policy into
mere advice. Here every value is touched once, and what is unknown becomes a value of its own, `UNKNOWN`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_policy import PolicyProviderResource, PolicyResource, PolicyResourceOptions, ResourceValidationArgs
from pulumi_policy.proxy import UnknownValueError

from policies.observed import UNKNOWN, Observed, Options, Properties, Provider

# The SDK's proxies answer this key with all that they hold, so that a property of this name cannot be read.
_HIDDEN = "__target"


def observed(resource: ResourceValidationArgs | PolicyResource) -> Observed:
    """The resource in plain values."""
    return Observed(
        urn=resource.urn,
        type=resource.resource_type,
        name=resource.name,
        properties=Properties(plain(resource.props)),
        provider=_provider(resource.provider),
        options=_options(resource.opts),
    )


def plain(value: Any) -> Any:  # noqa: ANN401 - any value that JSON has
    """`value` without proxies: mappings, lists, texts, whole numbers as such, `UNKNOWN` for all that is not readable."""
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_item(value, index) for index in range(len(value))]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if value is None or isinstance(value, str | int | float) else UNKNOWN


def _item(container: Any, key: Any) -> Any:  # noqa: ANN401 - any value that JSON has
    if key == _HIDDEN:
        return UNKNOWN
    try:
        return plain(container[key])
    except UnknownValueError:
        return UNKNOWN


def _provider(provider: PolicyProviderResource | None) -> Provider | None:
    if not provider:
        return None
    return Provider(provider.urn, provider.resource_type, provider.name, Properties(plain(provider.props), "provider"))


def _options(options: PolicyResourceOptions) -> Options:
    parent = options.parent if isinstance(options.parent, str) else ""
    return Options(bool(options.protect), parent, tuple(options.aliases), tuple(options.ignore_changes))
