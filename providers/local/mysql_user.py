"""`platlocal:index:MySQLUser`: one account inside a MariaDB, with all rights on one database and no others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

import pymysql
from pymysql.constants import ER
from pymysql.cursors import Cursor

from providers.common.resource import Drift, Order, Outputs, Warn
from providers.local import password_hashes
from providers.local.errors import Unusable
from providers.local.inputs import MySQLUserInputs
from providers.local.kinds.mysql import account, code_of, identified, logs_in_from, words_of
from providers.local.machine import Machine
from providers.local.mysql_server import SYSTEM_DATABASES, administering, glancing, rows, where

_HASH = re.compile(r"'(\*[0-9A-F]{40})'")
_PROOF = re.compile(r" IDENTIFIED (?:BY PASSWORD|VIA \S+ USING) '[^']*'")


class MySQLUser:
    """The type of resource."""

    model = MySQLUserInputs
    secrets: ClassVar[frozenset[str]] = frozenset({"adminPassword", "password"})
    fixed: ClassVar[Mapping[str, str]] = {}
    replacing: ClassVar[frozenset[str]] = frozenset({"user"})
    foreseen: ClassVar[Outputs] = {"drift": []}
    noted: ClassVar[frozenset[str]] = frozenset()

    def check(self, machine: Machine, inputs: MySQLUserInputs) -> None:
        """Raise Unusable for the administrator's name and for a database of the server's own."""
        del machine
        if inputs.user == inputs.admin_user:
            msg = f"`{inputs.user}` is the administrator's name: give the account another one"
            raise Unusable(msg)
        if inputs.database in SYSTEM_DATABASES:
            msg = f"`{inputs.database}` is the server's own: no account of a context has rights on it"
            raise Unusable(msg)

    def drift(self, machine: Machine, inputs: MySQLUserInputs, known: Outputs) -> Drift:
        """Return `drift` where the account has other rights than declared, as far as the server can be asked."""
        found = self.read(machine, inputs, known, lambda _: None)
        return {"drift": "; ".join(found["drift"])} if found and found["drift"] else {}

    def create(self, machine: Machine, order: Order, inputs: MySQLUserInputs) -> tuple[str, Outputs]:
        """Make the account, or give it the declared rights where it is there."""
        del machine, order
        return f"{inputs.host}:{inputs.port}/{inputs.user}", _apply(inputs)

    def update(self, machine: Machine, order: Order, old: MySQLUserInputs | None, new: MySQLUserInputs) -> Outputs:
        """Give the account the declared rights and no others."""
        del machine, order, old
        return _apply(new)

    def read(self, machine: Machine, inputs: MySQLUserInputs, known: Outputs, warn: Warn) -> Outputs | None:
        """Return in what the account differs from what was declared; None where the server does not answer."""
        del machine
        try:
            with glancing(inputs) as cursor:
                found = _rights(cursor, inputs.user, account(inputs.user, inputs.host))
        except pymysql.MySQLError as error:
            warn(f"account {inputs.user} could not be looked at: {where(inputs)} says: {words_of(error)}")
            return None
        wanted = {**known.get("rights", {}), "password": password_hashes.mysql(inputs.password)}
        return {"drift": differences(found, wanted), "rights": known.get("rights", {})}

    def delete(self, machine: Machine, resource_id: str, inputs: MySQLUserInputs) -> None:
        """Remove the account."""
        del machine, resource_id
        with administering(inputs, f"account {inputs.user} cannot be removed") as cursor:
            cursor.execute(f"DROP USER IF EXISTS {account(inputs.user, inputs.host)}")


def _apply(inputs: MySQLUserInputs) -> Outputs:
    with administering(inputs, f"account {inputs.user} cannot be changed") as cursor:
        own = logs_in_from(inputs.host)
        for (host,) in rows(cursor, "SELECT Host FROM mysql.global_priv WHERE User = %s AND Host <> %s", inputs.user, own):
            cursor.execute("DROP USER IF EXISTS %s@%s", (inputs.user, host))
        # Made anew, so that nothing of before stays; who is logged in stays so.
        cursor.execute(f"CREATE OR REPLACE USER {account(inputs.user, inputs.host)} {identified(inputs.password)}")
        cursor.execute(f"GRANT ALL PRIVILEGES ON {pattern(inputs.database)}.* TO {account(inputs.user, inputs.host)}")
        # Each version has words of its own for rights: what it says now is what a later look is compared with.
        rights = _rights(cursor, inputs.user, account(inputs.user, inputs.host)) or {}
    return {"drift": [], "rights": {name: value for name, value in rights.items() if name != "password"}}


def pattern(database: str) -> str:
    """Return `database` as a grant takes it: there, `_` stands for any letter unless it is escaped."""
    escaped = database.replace("_", "\\_")
    return f"`{escaped}`"


def differences(found: Mapping[str, str] | None, wanted: Mapping[str, str]) -> list[str]:
    """Return what of an account is not as `wanted`, for a person to read; `found` is None without an account."""
    if found is None:
        return ["the account is not there"]
    changed = sorted(name for name in wanted if found.get(name) != wanted[name])
    return ["another password" if name == "password" else f"{name}: {found.get(name, '')}" for name in changed]


def _rights(cursor: Cursor, user: str, called: str) -> dict[str, str] | None:
    """Return what the server says of `user`, whose account is `called` so; None where there is no such account."""
    hosts = sorted(host for (host,) in rows(cursor, "SELECT Host FROM mysql.global_priv WHERE User = %s", user))
    try:
        ((made,),) = rows(cursor, f"SHOW CREATE USER {called}")
        grants = [grant for (grant,) in rows(cursor, f"SHOW GRANTS FOR {called}")]
    except pymysql.MySQLError as error:
        if code_of(error) in {ER.NONEXISTING_GRANT, ER.CANNOT_USER, 1133}:
            return None
        raise
    password = _HASH.search(made)
    return {
        "account": _PROOF.sub("", made),
        "grants": "; ".join(_PROOF.sub("", grant) for grant in sorted(grants)),
        "logs in from": ", ".join(hosts),
        "password": password[1] if password else "",
    }
