"""`platlocal:index:MongoDBUser`: one account inside a MongoDB, in the one database that it reaches.

FerretDB has no roles: the guard before it (toolchain/go/ferretdb) lets an account into the database that it was made in,
and into no other. So the account's rights are where it is, and what can drift is whether it is there, and its password.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError

from providers.common.resource import Drift, Order, Outputs, Warn
from providers.local import password_hashes
from providers.local.errors import Unusable
from providers.local.inputs import MongoDBUserInputs
from providers.local.kinds.mongodb import ACCOUNTS, Client, connect, words
from providers.local.machine import Machine

_GLANCE = 3.0
"""Seconds for a look that nothing depends on."""

_MECHANISM = "SCRAM-SHA-256"
_PARTS = (("iterationCount", "salt"), ("storedKey", "serverKey"))
_NOT_THERE = 11  # UserNotFound
_SERVERS_OWN = (ACCOUNTS, "config", "local")


class MongoDBUser:
    """The type of resource. Deleting one leaves the documents where they are."""

    model = MongoDBUserInputs
    secrets: ClassVar[frozenset[str]] = frozenset({"adminPassword", "password"})
    fixed: ClassVar[Mapping[str, str]] = {}
    replacing: ClassVar[frozenset[str]] = frozenset({"user", "database"})
    foreseen: ClassVar[Outputs] = {"drift": []}
    noted: ClassVar[frozenset[str]] = frozenset()

    def check(self, machine: Machine, inputs: MongoDBUserInputs) -> None:
        """Raise Unusable for a database that is the server's own: who is in it would be the server's, too."""
        del machine
        if inputs.database in _SERVERS_OWN:
            msg = f"`{inputs.database}` is the server's own database: give the account another one"
            raise Unusable(msg)

    def drift(self, machine: Machine, inputs: MongoDBUserInputs, known: Outputs) -> Drift:
        """Return `drift` where the account is not as declared, as far as the server can be asked."""
        found = self.read(machine, inputs, known, lambda _: None)
        return {"drift": "; ".join(found["drift"])} if found and found["drift"] else {}

    def create(self, machine: Machine, order: Order, inputs: MongoDBUserInputs) -> tuple[str, Outputs]:
        """Make the account, or give it the declared password where it is there."""
        del machine, order
        return f"{inputs.host}:{inputs.port}/{inputs.database}/{inputs.user}", _apply(inputs)

    def update(self, machine: Machine, order: Order, old: MongoDBUserInputs | None, new: MongoDBUserInputs) -> Outputs:
        """Make the account as declared."""
        del machine, order, old
        return _apply(new)

    def read(self, machine: Machine, inputs: MongoDBUserInputs, known: Outputs, warn: Warn) -> Outputs | None:
        """Return in what the account differs from what was declared; None where the server does not answer."""
        del machine, known
        try:
            with connect(inputs.host, inputs.port, inputs.admin_user, inputs.admin_password, timeout=_GLANCE) as client:
                return {"drift": differences(_credentials(client, inputs), inputs.password)}
        except PyMongoError as error:
            warn(f"account {inputs.user} could not be looked at: {_where(inputs)} says: {words(error)}")
            return None

    def delete(self, machine: Machine, resource_id: str, inputs: MongoDBUserInputs) -> None:
        """Remove the account."""
        del machine, resource_id
        with _administrator(inputs) as client:
            try:
                client[inputs.database].command("dropUser", inputs.user)
            except OperationFailure as error:
                if error.code != _NOT_THERE:
                    raise


def differences(credentials: Mapping[str, Mapping[str, Any]] | None, password: str) -> list[str]:
    """Return what of an account is not as declared, for a person to read; `credentials` is None without an account.

    They are what `usersInfo` tells (https://www.mongodb.com/docs/manual/reference/command/usersInfo/).
    """
    if credentials is None:
        return ["the account is not there"]
    found = [f"it may log in by {mechanism} too" for mechanism in sorted(credentials) if mechanism != _MECHANISM]
    scram = credentials.get(_MECHANISM, {})
    factors, keys = (f"{scram.get(first)}:{scram.get(second)}" for first, second in _PARTS)
    if not password_hashes.is_scram_of(password, f"{_MECHANISM}${factors}${keys}"):
        found.append("another password")
    return found


def _apply(inputs: MongoDBUserInputs) -> Outputs:
    with _administrator(inputs) as client:
        credentials = _credentials(client, inputs)
        if differences(credentials, inputs.password):
            command = "createUser" if credentials is None else "updateUser"
            # The server takes a list of roles, and none in it.
            client[inputs.database].command(command, inputs.user, pwd=inputs.password, mechanisms=[_MECHANISM], roles=[])
    return {"drift": []}


def _credentials(client: Client, inputs: MongoDBUserInputs) -> Mapping[str, Mapping[str, Any]] | None:
    """Return how the account proves who it is, by mechanism; None where there is no such account."""
    answer = client[inputs.database].command("usersInfo", inputs.user, showCredentials=True)
    return next((account.get("credentials", {}) for account in answer["users"]), None)


@contextmanager
def _administrator(inputs: MongoDBUserInputs) -> Iterator[Client]:
    try:
        with connect(inputs.host, inputs.port, inputs.admin_user, inputs.admin_password) as client:
            yield client
    except ConnectionFailure as error:
        msg = f"{_where(inputs)} does not answer, so account {inputs.user} cannot be changed: {words(error)}"
        raise Unusable(msg) from None
    except PyMongoError as error:
        msg = f"{_where(inputs)} does not change account {inputs.user}: {words(error)}"
        raise Unusable(msg) from None


def _where(inputs: MongoDBUserInputs) -> str:
    return f"MongoDB at {inputs.host}:{inputs.port}"
