"""Who tries the doors, and what each of them holds to try with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from plat.plan.kinds import STORES
from plat.plan.model import Broker, BrokerUser, Contract, Datastore, Plan, Route, Server, Surface
from plat.verify.model import ANONYMOUS, Key

GUEST = Key("guest", well_known="guest")
"""RabbitMQ's default user, with the password that its manual prints."""

_WELL_KNOWN = {"kafka": (Key(), Key("admin", well_known="admin-secret")), "rabbitmq": (GUEST,)}
"""What anybody would try: no name where there may be none, and the users of manuals."""


@dataclass(frozen=True, slots=True)
class Principal:
    """One holder of credentials: a context, a deployable that calls on its own account, or nobody."""

    name: str
    datastores: tuple[Datastore, ...] = ()
    user: BrokerUser | None = None
    routes: tuple[Route, ...] = ()
    contracts: tuple[Contract, ...] = ()

    @property
    def is_anonymous(self) -> bool:
        """Whether this is whoever holds nothing."""
        return self.name == ANONYMOUS

    def for_datastore(self, store: Datastore | None, server: Server) -> tuple[Key, ...]:
        """What to try at a datastore (None: elsewhere on its server): its own keys for this type, else all that it has.

        Each is tried under the owner's name as well: a password that opens two stores is no fence.
        """
        if store and store in self.datastores:
            return (Key(store.role, store.secret),)
        owner = store.role if store else server.admin_user
        if self.is_anonymous:
            nobody = (Key(),) if STORES[server.kind].nameless else ()
            return (*nobody, Key(owner), *_unless(owner, Key(server.admin_user)))
        here = [item for item in self.datastores if item.server == server.name]
        same = here or [item for item in self.datastores if item.type == server.kind]
        held: list[Datastore | Contract] = [*same]
        held += [
            item for item in self.contracts if item.server == server.name and not (store and item.datastore == store.name)
        ]
        own = tuple(Key(item.role, item.secret) for item in held) or self._everything()
        return (*own, *_borrowed(owner, own))

    def for_reading(self, contract: Contract) -> tuple[Key, ...]:
        """What to try at the views of a contract that is another one's: as in `for_datastore`, under the reader's name too."""
        if self.is_anonymous:
            return (Key(contract.role), Key(contract.owner))
        held: list[Datastore | Contract] = [*self.datastores, *self.contracts]
        here = [item for item in held if item.server == contract.server] or held
        own = tuple(Key(item.role, item.secret) for item in here) or self._everything()
        return (*own, *_borrowed(contract.role, own))

    def for_broker(self, kind: str) -> tuple[Key, ...]:
        """What to try at the broker of that kind."""
        if self.is_anonymous:
            return _WELL_KNOWN[kind]
        return (Key(self.user.name, self.user.secret),) if self.user else self._everything()

    def for_surface(self, surface: Surface) -> tuple[Key, ...]:
        """What to try at a surface: the token for it, else every other one."""
        if self.is_anonymous:
            return (Key(),)
        tokens = [(route.destination, Key(route.source, route.secret)) for route in self.routes]
        own = tuple(key for destination, key in tokens if destination == surface.context)
        return own or tuple(dict.fromkeys(key for _, key in tokens)) or self._everything()

    def _everything(self) -> tuple[Key, ...]:
        """All that it holds, under its own name: nothing of it may open the door."""
        held = [store.secret for store in self.datastores]
        held += [contract.secret for contract in self.contracts]
        held += [self.user.secret] if self.user else []
        held += [route.secret for route in self.routes]
        return tuple(Key(self.name, secret) for secret in dict.fromkeys(held)) or (Key(self.name),)


def principals(plan: Plan) -> tuple[Principal, ...]:
    """Everybody who may try a door, by name, and last whoever holds nothing."""
    users = _users(plan.broker)
    names = sorted({*plan.contexts, *(route.source for route in plan.routes)})
    named = (
        Principal(
            name,
            plan.datastores_of(name),
            next((user for user in users if user.context == name), None),
            tuple(route for route in plan.routes if route.source == name),
            plan.contracts_of(name),
        )
        for name in names
    )
    return (*named, Principal(ANONYMOUS))


def _users(broker: Broker | None) -> tuple[BrokerUser, ...]:
    return broker.users if broker else ()


def _borrowed(name: str, own: Iterable[Key]) -> Iterable[Key]:
    """The same passwords under another one's name."""
    return (Key(name, key.secret) for key in own if key.user != name)


def _unless(name: str, key: Key) -> Iterable[Key]:
    return () if key.user == name else (key,)
