"""Turns what the state of a stack holds into resources as the pack sees them, in plain values.

A state is what `pulumi stack export` prints (https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_export/). A secret is a
mapping with a signature of Pulumi's; one that was not exported in plain text is `UNKNOWN`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies.observed import UNKNOWN, Observed, Options, Properties, Provider

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - how Pulumi marks a secret, no secret itself
_DEFAULTS = "__defaults"
"""Under which bridged providers note what nobody has said."""

_INSIDE_SERVERS = ("kafka:", "postgresql:", "rabbitmq:")
"""What is in servers. What a program leaves unsaid, a refresh still reads there, as that a role has become a superuser."""

_COMPUTED = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@dataclass(frozen=True, slots=True)
class Stored:
    """One resource of a state.

    It is `retained` where deleting it from the stack leaves it where it is, only `read` where another has made it, `doomed`
    where an update was to delete it and did not come to that. `drift` is what its own provider has last seen to differ.
    """

    resource: Observed
    retained: bool = False
    read: bool = False
    doomed: bool = False
    drift: tuple[str, ...] = ()

    @property
    def keeps_data(self) -> bool:
        """Whether no update deletes it."""
        return self.retained and self.resource.options.protect


def stored(state: Mapping[str, Any]) -> tuple[Stored, ...]:
    """The resources of an exported state, in its order: each after what it depends on."""
    return tuple(_stored(state))


def _stored(state: Mapping[str, Any]) -> Iterator[Stored]:
    providers: dict[str, Provider] = {}
    for item in state.get("deployment", {}).get("resources") or ():
        urn, kind = str(item["urn"]), str(item["type"])
        name = urn.rpartition("::")[2]
        values: Mapping[str, Any] = plain(item.get("inputs") or {})
        if kind.startswith(_INSIDE_SERVERS):
            values = {**plain(item.get("outputs") or {}), **values}
        if kind.startswith("pulumi:providers:"):
            providers[urn] = Provider(urn, kind, name, Properties(values, "provider"))
        options = Options(
            protect=bool(item.get("protect")),
            parent=str(item.get("parent", "")),
            aliases=tuple(item.get("aliases") or ()),
            ignore_changes=tuple(item.get("ignoreChanges") or ()),
        )
        provider = providers.get(str(item.get("provider", "")).rpartition("::")[0])
        yield Stored(
            Observed(urn, kind, name, Properties(values), provider, options),
            retained=bool(item.get("retainOnDelete")),
            read=bool(item.get("external")),
            doomed=bool(item.get("delete")),
            drift=_texts((item.get("outputs") or {}).get("drift")),
        )


def plain(value: Any) -> Any:  # noqa: ANN401 - any value that JSON has
    """`value` without Pulumi's signatures: secrets in plain text where they are, `UNKNOWN` for all that is not readable."""
    if isinstance(value, Mapping):
        if value.get(_SIGNATURE) == _SECRET:
            return plain(json.loads(value["plaintext"])) if "plaintext" in value else UNKNOWN
        return UNKNOWN if _SIGNATURE in value else {key: plain(item) for key, item in value.items() if key != _DEFAULTS}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return UNKNOWN if value == _COMPUTED else value


def _texts(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - any value that JSON has
    return tuple(map(str, value)) if isinstance(value, list) else ()
