"""Whose each secret is on machines, read out of what the plan has there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from components.kubernetes.manifest import Hidden
from components.vm.declared import Declared, KeyFile
from plat.kubernetes import labels
from plat.plan.model import PLATFORM, SecretRef
from policies.ground import Ground
from policies.locks import Holder, Lock
from policies.machines import OWN, contexts_of
from policies.observed import Observed
from policies.observers import machines
from policies.observers.machines.place import labelled, place_of
from policies.texts import secrets_in, texts_of


class MachineSecrets:
    """Whose each secret is on machines, and who is given which.

    What is inside of servers says what their secrets are; whoever else is planned is given its own.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def locks(self, resource: Observed) -> Iterator[tuple[str, Lock]]:
        """Each secret that a planned resource has from the first hand, and what it opens."""
        planned = self._planned(resource)
        if planned is None or not resource.type.startswith(f"{OWN}:"):
            return
        key = resource.properties.plain().get("privateKey")
        if isinstance(key, str):
            yield key, _key(planned)
        for hidden, text in _hidden(planned.inputs, resource.properties.plain()):
            for ref, value in (secrets_in(hidden, text) or {}).items():
                if lock := self._opened_by.get(ref):
                    yield value, lock

    def holder(self, resource: Observed) -> Holder | None:
        """Who is given the texts of a resource on a machine; None where that is nobody, or cannot be told."""
        if not resource.type.startswith(machines.PREFIXES) or not self._ground.plan.fleet:
            return None
        planned = self._planned(resource)
        texts = tuple(texts_of(resource.properties.plain()))
        if planned is None:
            said = labelled(resource.properties).get(labels.CONTEXTS, "") if resource.type.startswith("docker:") else ""
            contexts = tuple(name for name in said.split(",") if name)
            return Holder(resource.name, contexts or (resource.name,), texts, resource.origin())
        refs: set[SecretRef] = set()
        for hidden, _ in _hidden(planned.inputs, resource.properties.plain()):
            refs.update(hidden.refs)
        own = {self._opened_by[ref].label for ref in refs if ref in self._opened_by}
        keys = {_key(planned).label} if "privateKey" in planned.inputs else set[str]()
        return Holder(resource.name, contexts_of(planned), texts, resource.origin(), frozenset({*own, *keys}))

    def _planned(self, resource: Observed) -> Declared | None:
        if not resource.type.startswith(machines.PREFIXES) or not self._ground.plan.fleet:
            return None
        return machines.declared(resource, place_of(resource, self._ground), self._ground)

    @cached_property
    def _opened_by(self) -> Mapping[SecretRef, Lock]:
        plan = self._ground.plan
        found = {server.admin_secret: Lock(PLATFORM, f"the administrator of `{server.name}`") for server in plan.servers}
        found |= {store.secret: Lock(store.context, f"datastore `{store.name}`", (store.name,)) for store in plan.datastores}
        found |= {item.secret: Lock(item.consumer, f"contract `{item.name}`", (item.datastore,)) for item in plan.contracts}
        users = plan.broker.users if plan.broker else ()
        return found | {user.secret: Lock(user.context, f"broker user `{user.name}`") for user in users}


def _key(planned: Declared) -> Lock:
    """What opens a machine; several of an inventory may be opened by one key."""
    key = planned.inputs["privateKey"]
    name = key.path if isinstance(key, KeyFile) else key.resource.resource
    return Lock(PLATFORM, f"whoever enters machines with the key `{name}`")


def _hidden(wanted: Any, found: Any) -> Iterator[tuple[Hidden, str]]:  # noqa: ANN401 - any part of a resource
    """The texts of a resource that the plan makes of secrets, with what there is."""
    match wanted:
        case Hidden() if isinstance(found, str):
            yield wanted, found
        case Mapping() if isinstance(found, Mapping):
            for key, inner in wanted.items():
                yield from _hidden(inner, found.get(key))
        case list() | tuple() if isinstance(found, list):
            for inner, other in zip(wanted, found, strict=False):
                yield from _hidden(inner, other)
