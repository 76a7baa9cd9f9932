"""A resource that the plan has on a machine: just as planned, or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from components.kubernetes.manifest import Hidden
from components.vm.declared import Declared, From, KeyFile, Provider, Unknown, Woven, filled
from plat.claims import Claim, DatastoreClaim, ProtectionClaim, WorkloadClaim
from plat.plan.model import SecretRef
from policies.ground import Ground
from policies.machines import (
    CONTAINER,
    DISK,
    DOMAIN,
    IMAGE,
    KEY,
    NETWORK,
    REACHABLE,
    SEED,
    VOLUME,
    VOLUME_FILES,
    host_of,
    owner_of,
)
from policies.observed import UNKNOWN, Observed, Properties
from policies.texts import PRIVATE_KEY, PUBLIC_KEY, Shape, is_woven, secrets_in

AS_PLANNED = "leave it to Plat: it follows from the descriptors and the environment"
_ONE_WAY = "use the provider that Plat's component makes"
_DIFFERS = "it bears the name of what the landscape plans, and differs from it"

_NOTHING: tuple[Any, ...] = (None, "", {}, [], False, 0)
"""Said or not, it is the same."""

# What providers write into a resource before it is judged, where the plan says nothing.
_PROVIDERS_OWN: Mapping[str, Mapping[str, Any]] = {
    CONTAINER: {
        "containerReadRefreshTimeoutMilliseconds": 15000,
        "healthcheck.startInterval": "0s",
        "networkMode": "bridge",
        "removeVolumes": True,
        "start": True,
        "waitTimeout": 60,
    },
    DOMAIN: {
        "consoles[].sourceHost": "127.0.0.1",
        "consoles[].sourceService": "0",
        "fwCfgName": "opt/com.coreos/config",
    },
    NETWORK: {"ipamDriver": "default"},
    # What our own plugin foresees, so that Pulumi shows in what a machine differs from it.
    VOLUME_FILES: {"filled": True},
    REACHABLE: {"reachable": True},
}
_VERSION = "version"  # of the plugin

_INDEX = re.compile(r"\[\d+\]")
_SHAPES = {
    (CONTAINER, "id"): Shape("[0-9a-f]{64}"),
    (IMAGE, "imageId"): Shape("sha256:[0-9a-f]{64}"),
    (KEY, "privateKey"): PRIVATE_KEY,
    (KEY, "publicKey"): PUBLIC_KEY,
}
_NEVER = "(?!)"  # matches nothing

Fits = Callable[[Unknown, str], bool]
"""Whether a text may stand where the plan has something that it does not know before the update."""


def just_so(resource: Observed, planned: Declared, ground: Ground) -> Iterator[Claim]:
    """A planned resource differs in nothing, and protects the data that it holds."""
    yield from as_planned(resource, planned, in_shape(ground))
    if planned.holds_data:
        name, owner = planned.inputs["name"], planned.unit or ground.machines.by_name[planned.machine].team
        yield ProtectionClaim(f"volume `{name}`", owner, resource.options.protect, resource.origin("protect"))
    if planned.type_token != CONTAINER:
        return
    owner = owner_of(planned)
    if workload := ground.workloads.get(owner):
        yield WorkloadClaim(workload.name, workload.team, workload.contexts, resource.origin("labels"))
    elif planned.unit and (server := ground.servers.get(owner)):
        stores = ground.stores_in(server)
        yield from (DatastoreClaim(store.context, store.name, resource.origin("labels")) for store in stores)


def as_planned(resource: Observed, planned: Declared, fits: Fits) -> Iterator[Claim]:
    """A planned resource differs in nothing, as far as `fits` tells of what the plan does not know."""
    own = _PROVIDERS_OWN.get(planned.type_token, {})
    for field in _differences(planned.inputs, resource.properties.plain(), "", own, fits):
        yield resource.breach(_DIFFERS, AS_PLANNED, field)
        break


def in_shape(ground: Ground) -> Fits:
    """What the plan alone tells of a text: whether it looks like what others will give."""
    return lambda unknown, text: _is_of_its_kind(unknown, text, ground)


def given(outputs: Callable[[From], Any], secrets: Mapping[SecretRef, str]) -> Fits:
    """What is told once others are made: whether a text is what those of the plan give, and no other.

    `secrets` are the values that were generated. What is not known fits.
    """

    def fits(unknown: Unknown, text: str) -> bool:
        match unknown:
            case From():
                output = outputs(unknown)
                return not isinstance(output, str) or output == text
            case Hidden():
                return not secrets.keys() >= {*unknown.refs} or unknown.render(secrets) == text
            case Woven():
                known = [outputs(source) for source in unknown.sources if isinstance(source, From)]
                values = [value for value in known if isinstance(value, str)]
                return len(values) < len(unknown.sources) or unknown.render(values) == text
            case _:
                return True

    return fits


def provided(resource: Observed, ground: Ground, fits: Fits) -> Iterator[Claim]:
    """A provider is set as one that the plan has: it leads to the same place, by the same way."""
    package = resource.type.rpartition(":")[2]
    known = [provider for (of, _), provider in ground.machines.providers.items() if of == package]
    # One that is not known before the update can only be told by its name.
    known.sort(key=lambda provider: provider.name != resource.name)
    found: list[str] = []
    for provider in known:
        fields = list(_of_provider(resource, provider, fits))
        if not fields:
            return
        found += fields if not found else []
    yield resource.opaque(
        "it leads elsewhere than to the landscape's machines, or by another way than the plan's", _ONE_WAY, found[0]
    )


def settings_of(provider: Properties) -> Iterator[str]:
    """The settings of a provider, but for the version of its plugin."""
    yield from (name for name in provider if name != _VERSION)


def _of_provider(resource: Observed, provider: Provider, fits: Fits) -> Iterator[str]:
    found = {name: resource.properties.plain()[name] for name in settings_of(resource.properties)}
    if UNKNOWN in found.values() and resource.name != provider.name:
        yield next(name for name, value in found.items() if value is UNKNOWN)
    for name, value in provider.settings.items():
        if isinstance(value, list | tuple) and isinstance(found.get(name), str):
            found[name] = _decoded(found[name])
    yield from _differences(provider.settings, found, "", {}, fits)


def _decoded(text: str) -> Any:  # noqa: ANN401 - any JSON
    """Lists stand as JSON in a provider's configuration."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _differences(
    wanted: Any,  # noqa: ANN401 - any part of a resource
    found: Any,  # noqa: ANN401 - the same
    path: str,
    own: Mapping[str, Any],
    fits: Fits,
) -> Iterator[str]:
    """The fields in which a resource differs from the planned one. `own` is what its provider says besides."""
    if found is UNKNOWN and _waits(wanted):
        return
    match wanted:
        case Hidden() | From() | Woven() | KeyFile():
            differ = not (isinstance(found, str) and fits(wanted, found))
        case Mapping():
            differ = not isinstance(found, Mapping)
            yield from () if differ else _of_mapping(wanted, found, path, own, fits)
        case list() | tuple():
            differ = not isinstance(found, list) or len(found) != len(wanted)
            for index, (one, other) in enumerate(() if differ else zip(wanted, found, strict=True)):
                yield from _differences(one, other, f"{path}[{index}]", own, fits)
        case _:
            differ = wanted != found or isinstance(wanted, bool) is not isinstance(found, bool)
    if differ:
        yield path


def _of_mapping(
    wanted: Mapping[str, Any], found: Mapping[str, Any], path: str, own: Mapping[str, Any], fits: Fits
) -> Iterator[str]:
    for key in sorted({*wanted, *found}):
        inner = f"{path}.{key}" if path else key
        if key in wanted and key in found:
            yield from _differences(wanted[key], found[key], inner, own, fits)
        elif key in wanted:
            if wanted[key] not in _NOTHING:
                yield inner
        elif found[key] not in _NOTHING and found[key] != own.get(_INDEX.sub("[]", inner), _NOTHING):
            yield inner


def _waits(wanted: Any) -> bool:  # noqa: ANN401 - any part of a resource
    """Whether the plan has something in it that is not known before the update, which judges it again."""
    waiting: list[Unknown] = []
    filled(wanted, waiting.append)
    return bool(waiting)


def _is_of_its_kind(unknown: Unknown, text: str, ground: Ground) -> bool:
    """Whether `text` can be what others give, as far as the plan alone tells."""
    match unknown:
        case Hidden():
            return secrets_in(unknown, text) is not None
        case Woven():
            return is_woven(unknown, text, [_shape(source, ground) for source in unknown.sources])
        case _:
            return re.fullmatch(_shape(unknown, ground).pattern, text) is not None


def _shape(wanted: From | KeyFile, ground: Ground) -> Shape:
    """What another resource, or a file, gives."""
    if isinstance(wanted, KeyFile):
        return PUBLIC_KEY if wanted.public else PRIVATE_KEY
    source, output = wanted.resource, wanted.output
    if known := _SHAPES.get((source.type_token, output)):
        return known
    name = re.escape(str(source.inputs.get("name")))
    shapes = {
        # The path of its file, behind which the provider puts a mark of its own for some.
        (DISK, "id"): f"(?:[^\\n;]*/)?{name}(?:;[^\\n]*)?",
        (SEED, "id"): f"(?:[^\\n;]*/)?{name}(?:;[^\\n]*)?",
        (VOLUME, "mountpoint"): f"/[^\\n]*/{name}/_data",
        (REACHABLE, "host"): re.escape(host_of(ground.machines.by_name[source.machine])),
    }
    literal = source.inputs.get(output)
    return Shape(shapes.get((source.type_token, output)) or (re.escape(literal) if isinstance(literal, str) else _NEVER))
