"""An object that the plan has: just as planned, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from components.kubernetes.manifest import Hidden, Manifest
from plat.claims import Claim, ProtectionClaim, WorkloadClaim
from plat.plan.model import Cluster
from policies.ground import Ground
from policies.observed import UNKNOWN, Observed

_AS_PLANNED = "leave it to Plat: it follows from the descriptors and the environment"
_ONE_WAY = "use the provider that Plat's component makes"

# What the provider itself writes into an object before it is judged.
_PROVIDERS_OWN = ("pulumi.com/autonamed", "kubectl.kubernetes.io/last-applied-configuration")
_NOTHING: tuple[Any, ...] = (None, "", {}, [])
"""Said or not, it is the same."""

_SETTINGS = {"kubeconfig", "context", "version", "pluginDownloadURL"}


def just_so(resource: Observed, manifest: Manifest, ground: Ground) -> Iterator[Claim]:
    """A planned object differs in nothing, and protects the data that it holds."""
    found = resource.properties.plain()
    if manifest.namespace is None:
        found = _without_namespace(found)
    for field in _differences(manifest.body, found, ""):
        yield resource.breach("it bears the name of what the landscape plans, and differs from it", _AS_PLANNED, field)
        break
    if manifest.holds_data:
        whose = manifest.unit
        yield ProtectionClaim(
            f"{manifest.kind} `{manifest.name}`", whose, resource.options.protect, resource.origin("protect")
        )
    workload = ground.workloads.get(manifest.name) if manifest.kind == "Deployment" else None
    if workload:
        yield WorkloadClaim(workload.name, workload.team, workload.contexts, resource.origin("metadata.labels"))


def _without_namespace(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object of the whole cluster without the namespace that the provider writes where no cluster answers.

    It then takes kinds that it does not know for such as are in one. In an update there is a cluster, which knows.
    """
    metadata = found.get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("namespace") != "default":
        return found
    return {**found, "metadata": {key: value for key, value in metadata.items() if key != "namespace"}}


def same_cluster(resource: Observed, cluster: Cluster) -> Iterator[Claim]:
    """A provider that leads to `cluster`, and has no settings that would make of objects what was not judged."""
    properties = resource.properties
    for name in properties:
        if name not in _SETTINGS:
            yield resource.opaque("it changes what the provider does with objects that were judged", _ONE_WAY, name)
    kubeconfig = properties.text("kubeconfig", "")
    if cluster.kubeconfig and not PurePath(kubeconfig).match(f"*/{cluster.kubeconfig}"):
        yield resource.opaque("it leads to another cluster than the environment says", _ONE_WAY, "kubeconfig")
    if not cluster.kubeconfig and kubeconfig:
        yield resource.opaque("it leads to another cluster than the environment says", _ONE_WAY, "kubeconfig")
    if properties.text("context", "") != (cluster.context or ""):
        yield resource.opaque("it leads to another cluster than the environment says", _ONE_WAY, "context")


def _differences(wanted: Any, found: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - any part of an object
    """The fields in which an object differs from the planned one."""
    match wanted:
        case Hidden():
            # Generated, and for its holders alone: the keyring looks at whose it is.
            differ = found is not UNKNOWN and not isinstance(found, str)
        case Mapping():
            differ = not isinstance(found, Mapping)
            yield from () if differ else _of_mapping(wanted, found, path)
        case list() | tuple():
            differ = not isinstance(found, list) or len(found) != len(wanted)
            for index, (one, other) in enumerate(() if differ else zip(wanted, found, strict=True)):
                yield from _differences(one, other, f"{path}[{index}]")
        case _:
            differ = wanted != found or isinstance(wanted, bool) is not isinstance(found, bool)
    if differ:
        yield path


def _of_mapping(wanted: Mapping[str, Any], found: Mapping[str, Any], path: str) -> Iterator[str]:
    for key in sorted({*wanted, *found} - set(_PROVIDERS_OWN)):
        inner = f"{path}.{key}" if path else key
        if key in wanted and key in found:
            yield from _differences(wanted[key], found[key], inner)
        elif (wanted if key in wanted else found)[key] not in _NOTHING:
            yield inner
