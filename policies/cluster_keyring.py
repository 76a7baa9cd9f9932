"""Whose each secret is on a cluster: an object that holds the value of another's secret hands on its rights.

What a secret's value is, is read out of the planned Secrets, which hold it by itself. A preview knows no new values: the
update does, and judges before an object is made.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.kubernetes.manifest import Hidden, Manifest, revealed
from plat.claims import AccessClaim, BreachClaim, Claim, GrantClaim, Origin
from plat.plan.model import SecretRef
from policies.ground import Ground
from policies.observed import Observed, Unreadable
from policies.observers.kubernetes import PREFIX
from policies.observers.kubernetes.place import Place, place_of
from policies.texts import texts_of

_SHORTEST = 8  # A shorter one could stand in a text by chance.
_SECRET = f"{PREFIX}core/v1:Secret"
_REMEDY = "hand a secret to its holder alone: Plat gives each workload the ones that are its own"
_PROBE = "0" * _SHORTEST


@dataclass(frozen=True, slots=True)
class _Holder:
    """An object with its texts by field, and the secrets that it may hold."""

    name: str
    contexts: tuple[str, ...]
    texts: tuple[tuple[str, str], ...]
    allowed: frozenset[SecretRef]
    label: str


class ClusterKeyring:
    """Remembers the secrets of one update, in memory alone, and which objects hold which."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._values: dict[str, SecretRef] = {}
        self._holders: list[_Holder] = []

    def claims(self, resource: Observed) -> Iterator[Claim]:
        """The claims that follow from a secret in the wrong hands, this object being its place or another's."""
        if not resource.type.startswith(PREFIX) or not self._ground.plan.cluster:
            return
        try:
            place = place_of(resource, self._ground)
        except Unreadable:
            return  # Refused by its observer.
        manifest = self._ground.objects.get((resource.type, place.namespace, place.name))
        new = dict(_learned(manifest, resource)) if manifest else {}
        holder = self._holder(resource, place, manifest)
        self._values |= new
        for earlier in self._holders:
            yield from self._held(earlier, new)
        self._holders.append(holder)
        yield from self._held(holder, self._values)

    def _holder(self, resource: Observed, place: Place, manifest: Manifest | None) -> _Holder:
        body = resource.properties.plain()
        if manifest:
            # All else is compared with the plan word by word.
            texts = [(field, text) for field, _, text in _hidden(manifest.body, body, "")]
            allowed = _refs(manifest)
        else:
            texts, allowed = list(texts_of(body)), self._own(place)
        if resource.type == _SECRET:
            texts = [(field, _decoded(text) if field.startswith("data.") else text) for field, text in texts]
        return _Holder(place.name, place.contexts, tuple(texts), allowed, resource.label)

    def _own(self, place: Place) -> frozenset[SecretRef]:
        """What whoever runs in a namespace is given anyway."""
        contexts = set(place.contexts)
        return frozenset(
            ref
            for workload in self._ground.plan.workloads
            if workload.namespace == place.namespace and workload.contexts and contexts.issuperset(workload.contexts)
            for ref in (*workload.secrets.values(), *workload.callers.values())
        )

    def _held(self, holder: _Holder, values: Mapping[str, SecretRef]) -> Iterator[Claim]:
        for value, ref in values.items():
            if ref in holder.allowed:
                continue
            for field in (field for field, text in holder.texts if value in text):
                yield from self._opened(holder, ref, Origin(holder.label, None, field))

    def _opened(self, holder: _Holder, ref: SecretRef, origin: Origin) -> Iterator[Claim]:
        """What who holds the secret `ref` may do."""
        plan = self._ground.plan
        yield BreachClaim(
            f"`{origin.field}` of `{holder.name}`", f"it holds the secret {ref}, which is not its own", _REMEDY, origin
        )
        stores = [store.name for store in plan.datastores if store.secret == ref]
        stores += [contract.datastore for contract in plan.contracts if contract.secret == ref]
        users = [user for user in (plan.broker.users if plan.broker else ()) if user.secret == ref]
        for who in holder.contexts:
            yield from (AccessClaim(who, store, "write", origin) for store in stores)
            for user in users:
                yield from (GrantClaim(who, "publish", exchange, origin, user.routing_keys) for exchange in user.publishes_to)
                yield from (GrantClaim(who, "consume", queue, origin) for queue in user.consumes_from)


def _learned(manifest: Manifest, resource: Observed) -> Iterator[tuple[str, SecretRef]]:
    """Each value that a planned Secret holds by itself, and which secret it is."""
    if resource.type != _SECRET:
        return
    for _, hidden, text in _hidden(manifest.body, resource.properties.plain(), ""):
        value = _decoded(text)
        if len(hidden.refs) == 1 and len(value) >= _SHORTEST:
            (ref,) = hidden.refs
            if _decoded(hidden.render({ref: _PROBE})) == _PROBE:
                yield value, ref


def _refs(manifest: Manifest) -> frozenset[SecretRef]:
    found: set[SecretRef] = set()
    revealed(manifest.body, lambda hidden: found.update(hidden.refs))
    return frozenset(found)


def _hidden(wanted: Any, found: Any, path: str) -> Iterator[tuple[str, Hidden, str]]:  # noqa: ANN401 - any part of an object
    """The texts of an object in which the plan has secrets: field, what the plan has, what there is."""
    match wanted:
        case Hidden() if isinstance(found, str):
            yield path, wanted, found
        case Mapping() if isinstance(found, Mapping):
            for key, inner in wanted.items():
                yield from _hidden(inner, found.get(key), f"{path}.{key}" if path else key)
        case list() | tuple() if isinstance(found, list):
            for index, (inner, other) in enumerate(zip(wanted, found, strict=False)):
                yield from _hidden(inner, other, f"{path}[{index}]")


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return text
