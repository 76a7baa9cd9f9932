"""Whom a MariaDB lets in and what they may do there, compared with what the landscape grants.

Asked are its own tables of accounts and `SHOW GRANTS` for each (https://mariadb.com/kb/en/show-grants/).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pymysql
from pymysql.cursors import Cursor

from plat.audit.live.entrance import Entrance, UnreadableServer
from plat.audit.live.judging import missing, seen, ungranted
from plat.findings import Finding
from plat.plan.model import Datastore, Server
from policies.ground import Ground
from policies.observed import Observed
from providers.local.kinds.mysql import connect, words_of
from providers.local.mysql_server import SYSTEM_DATABASES, rows

_GRANT = re.compile(
    r"GRANT (?P<privileges>.+?)(?: ON (?P<on>.+?))? TO .+?(?P<option> WITH (?:GRANT|ADMIN) OPTION)?", re.DOTALL
)
_PROOF = re.compile(r" (?:IDENTIFIED|REQUIRE) .*?(?=$| WITH )", re.DOTALL)
_DATABASE = re.compile(r"(?:\w+ )?`(?P<name>(?:[^`]|``)*)`\.")
_NOTHING = "USAGE"
_ALL = "ALL PRIVILEGES"
_OWN_ACCOUNTS = frozenset({"mariadb.sys", "PUBLIC"})
"""Accounts that MariaDB has for itself, with which nobody can log in."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What an account may do: `privileges` on `on`, or a role where that is empty, in MariaDB's words."""

    privileges: str
    on: str = ""
    passes_on: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """One account, by its name and where it logs in from, or a role."""

    user: str
    host: str
    grants: tuple[Grant, ...] = ()
    role: bool = False

    @property
    def called(self) -> str:
        """How statements call it."""
        return _quoted(self.user) if self.role else f"{_quoted(self.user)}@{_quoted(self.host)}"


@dataclass(frozen=True, slots=True)
class Accounts:
    """Who and what there is in a server."""

    accounts: tuple[Account, ...]
    databases: tuple[str, ...]


def ask(server: Server, entrance: Entrance) -> Accounts:
    """What `server` says, asked as its administrator. Raises UnreadableServer."""
    try:
        with (
            connect(entrance.host, entrance.port, entrance.admin_user, entrance.admin_password) as connection,
            connection.cursor() as cursor,
        ):
            listed = rows(cursor, "SELECT User, Host, is_role FROM mysql.user ORDER BY User, Host")
            accounts = tuple(_account(cursor, user, host, role=role == "Y") for user, host, role in listed)
            return Accounts(accounts, tuple(name for (name,) in rows(cursor, "SHOW DATABASES")))
    except pymysql.MySQLError as error:
        msg = f"{server.name} does not answer its administrator at {entrance.host}:{entrance.port}: {words_of(error)}"
        raise UnreadableServer(msg) from None


def _account(cursor: Cursor, user: str, host: str, *, role: bool) -> Account:
    known = Account(user, host, role=role)
    if user in _OWN_ACCOUNTS:
        return known
    lines = [line for (line,) in rows(cursor, f"SHOW GRANTS FOR {known.called}")]
    grants = tuple(grant for line in lines if (grant := grant_of(line)))
    return Account(user, host, grants, role)


def grant_of(line: str) -> Grant | None:
    """What a line of `SHOW GRANTS` says, without what proves an account; None for a line that grants nothing."""
    found = _GRANT.fullmatch(_PROOF.sub("", line))
    if not found:
        return None
    return Grant(found["privileges"], found["on"] or "", passes_on=bool(found["option"]))


def findings(accounts: Accounts, server: Server, ground: Ground) -> Iterator[Finding]:
    """How what a server says differs from what the landscape grants there."""
    return _Compared(accounts, server, ground).findings()


class _Compared:
    def __init__(self, accounts: Accounts, server: Server, ground: Ground) -> None:
        self._found = accounts
        self._server = server
        self._ground = ground
        self._stores = ground.stores_in(server)
        self._by = f"as `{server.admin_user}` of {server.name}"

    def findings(self) -> Iterator[Finding]:
        for account in self._found.accounts:
            if account.user not in {*_OWN_ACCOUNTS, self._server.admin_user}:
                yield from self._of(account)
        declared = {store.database for store in self._stores}
        for name in self._found.databases:
            if name not in declared | SYSTEM_DATABASES:
                resource = self._seen(f"database `{name}`", "", name)
                step = f"{self._by}: DROP DATABASE {_quoted(name)}, once nobody needs what is in it"
                yield from ungranted(resource, self._ground, step, "no descriptor declares it")
        yield from self._missing()

    def _of(self, account: Account) -> Iterator[Finding]:
        own = self._ground.role_stores(self._server, account.user)
        if not own or account.role:
            word = "role" if account.role else "account"
            drop = f"{self._by}: DROP {'ROLE' if account.role else 'USER'} {account.called}"
            place = "" if account.role else f" from `{account.host}`"
            resource = self._seen(f"{word} `{account.user}`{place}", account.user, "")
            yield from ungranted(resource, self._ground, drop, f"no descriptor declares this {word}")
        for grant in account.grants:
            if grant.privileges == _NOTHING or self._granted(grant, own):
                continue
            on = f" ON {grant.on}" if grant.on else ""
            called = f"{grant.privileges}{f' on {grant.on}' if grant.on else ''} for `{account.user}`"
            step = f"{self._by}: REVOKE {grant.privileges}{on} FROM {account.called}"
            yield from self._judged(called, account.user, grant, step)

    def _granted(self, grant: Grant, own: tuple[Datastore, ...]) -> bool:
        databases = {store.database for store in own}
        # To pass on what one owns opens it to others.
        return _database(grant.on) in databases and grant.privileges == _ALL and not grant.passes_on

    def _judged(self, called: str, user: str, grant: Grant, step: str) -> Iterator[Finding]:
        database = _database(grant.on)
        touched = [store for store in self._stores if grant.on.startswith("*.") or store.database == database]
        foreign = [store for store in touched if store.role != user]
        for store in foreign:
            yield from ungranted(self._seen(called, user, store.database), self._ground, step, "")
        if not foreign:
            passing = ", and pass it on" if grant.passes_on else ""
            reason = f"a right that the landscape does not grant{passing}"
            yield from ungranted(self._seen(called, user, ""), self._ground, step, reason)

    def _missing(self) -> Iterator[Finding]:
        plan, name = self._ground.plan, self._server.name
        for store in self._stores:
            if store.database not in self._found.databases:
                yield missing(f"database `{store.database}`", name, plan)
            held = [item for item in self._found.accounts if item.user == store.role and not item.role]
            if not held:
                yield missing(f"account `{store.role}`", name, plan)
            elif not any(_database(grant.on) == store.database for item in held for grant in item.grants):
                yield missing(f"the right of `{store.role}` to database `{store.database}`", name, plan)

    def _seen(self, called: str, user: str, database: str) -> Observed:
        properties = {"host": self._server.host, "port": self._server.port, "user": user, "database": database}
        return seen("platlocal:index:MySQLUser", f"{called} in {self._server.name}", properties)


def _database(on: str) -> str:
    """The database that a grant is on; there `_` and `%` stand for others unless they are escaped."""
    found = _DATABASE.match(on)
    if not found:
        return ""
    name = found["name"].replace("``", "`")
    wide = re.search(r"(?<!\\)[_%]", name) if on.endswith(".*") else None
    return "" if wide else name.replace("\\_", "_").replace("\\%", "%")


def _quoted(name: str) -> str:
    escaped = name.replace("`", "``")
    return f"`{escaped}`"
