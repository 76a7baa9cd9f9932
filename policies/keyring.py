"""Whose each secret is: a workload that holds another context's password holds its rights, whatever it says it is."""

from __future__ import annotations

from collections.abc import Iterator

from plat.claims import AccessClaim, BreachClaim, Claim, GrantClaim, Origin
from plat.plan.model import PLATFORM
from policies.ground import Ground
from policies.locks import Holder, Lock
from policies.machine_secrets import MachineSecrets
from policies.observed import Observed, Unreadable
from policies.observers.common import local_server, postgresql_server

_SHORTEST = 8  # A shorter one could stand in a text by chance.
_REMEDY = "hand a secret to its holder alone: Plat gives each workload the ones that are its own"


class Keyring:
    """Remembers the secrets of one update, in memory alone, and who was given them."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._machines = MachineSecrets(ground)
        self._locks: dict[str, Lock] = {}
        self._holders: list[Holder] = []

    def claims(self, resource: Observed) -> Iterator[Claim]:
        """The claims that follow from a secret in the wrong hands, this resource being its lock or its holder."""
        try:
            if lock := self._lock(resource):
                yield from self._new_lock(*lock)
            if resource.type == "platlocal:index:Process":
                yield from self._new_holder(_process(resource))
            for secret, found in self._machines.locks(resource):
                yield from self._new_lock(secret, found)
            if holder := self._machines.holder(resource):
                yield from self._new_holder(holder)
        except Unreadable:
            return  # Not known before the update, or refused by its observer.

    def _new_lock(self, secret: str, lock: Lock) -> Iterator[Claim]:
        if len(secret) >= _SHORTEST:
            self._locks[secret] = lock
            for holder in self._holders:
                yield from self._held(holder, secret, lock)

    def _new_holder(self, holder: Holder) -> Iterator[Claim]:
        self._holders.append(holder)
        for secret, lock in self._locks.items():
            yield from self._held(holder, secret, lock)

    def _held(self, holder: Holder, secret: str, lock: Lock) -> Iterator[Claim]:
        if lock.owner in holder.contexts or lock.label in holder.own:
            return
        for field in (field for field, text in holder.texts if secret in text):
            origin = Origin(holder.origin.subject, None, field)
            if lock.owner == PLATFORM:
                yield BreachClaim(f"`{field}` of `{holder.name}`", f"it is the secret of {lock.label}", _REMEDY, origin)
            for who in holder.contexts:
                yield from (AccessClaim(who, store, "write", origin) for store in lock.stores)
                yield from self._broker_claims(who, lock, origin)

    def _broker_claims(self, who: str, lock: Lock, origin: Origin) -> Iterator[Claim]:
        user = self._ground.plan.broker_user(lock.owner)
        if user and not lock.stores and lock.owner != PLATFORM:
            yield from (GrantClaim(who, "publish", exchange, origin, user.routing_keys) for exchange in user.publishes_to)
            yield from (GrantClaim(who, "consume", queue, origin) for queue in user.consumes_from)

    def _lock(self, resource: Observed) -> tuple[str, Lock] | None:
        properties = resource.properties
        match resource.type:
            case "platlocal:index:Server":
                return properties.text("adminPassword"), Lock(PLATFORM, f"the administrator of `{properties.text('name')}`")
            case "postgresql:index/role:Role":
                stores = self._ground.role_stores(postgresql_server(resource, self._ground), properties.text("name"))
            case "platlocal:index:MySQLUser":
                stores = self._ground.role_stores(local_server(properties, "mysql", self._ground), properties.text("user"))
            case "platlocal:index:PostgresContract":
                return properties.text("password"), self._reading(resource)
            case "platlocal:index:RedisUser":
                stores = self._ground.stores_in(local_server(properties, "redis", self._ground))
            case "platlocal:index:MongoDBUser":
                stores = self._ground.stores_in(local_server(properties, "mongodb", self._ground))
            case "rabbitmq:index/user:User":
                return properties.text("password"), Lock(properties.text("name"), resource.label)
            case "kafka:index/userScramCredential:UserScramCredential":
                field = "password" if "password" in properties else "passwordWo"
                return properties.text(field), Lock(properties.text("username"), resource.label)
            case _:
                return None
        owner = stores[0].context if stores else PLATFORM
        return properties.text("password"), Lock(owner, resource.label, tuple(store.name for store in stores))

    def _reading(self, resource: Observed) -> Lock:
        """What a contract's password opens: the provider's views, for the consumer."""
        properties = resource.properties
        server = local_server(properties, "postgresql", self._ground)
        contract = self._ground.contract_in(server, properties.text("database"), properties.text("name"))
        stores = (contract.datastore,) if contract else ()
        return Lock(contract.consumer if contract else PLATFORM, resource.label, stores)


def _process(resource: Observed) -> Holder:
    properties = resource.properties
    name = properties.text("name")
    contexts = tuple(properties.inner("labels").text("contexts", "").split(","))
    texts: dict[str, str] = {}
    for group in ("environment", "secrets"):
        inner = properties.inner(group)
        texts |= {inner.field(name): inner.text(name) for name in inner}
    return Holder(name, contexts if any(contexts) else (name,), tuple(sorted(texts.items())), resource.origin())
