"""Whom a server with MongoDB's protocol lets in, compared with whom the landscape lets in there.

Asked is `usersInfo` (https://www.mongodb.com/docs/manual/reference/command/usersInfo/). The guard before FerretDB lets an
account into the database that it was made in and into no other, so that its rights are where it is (docs/adr/0013).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pymongo.errors import PyMongoError

from plat.audit.live.entrance import Entrance, UnreadableServer
from plat.audit.live.judging import missing, seen, ungranted
from plat.findings import Finding
from plat.plan.model import Server
from policies.ground import Ground
from providers.local.kinds.mongodb import ACCOUNTS, connect, words


@dataclass(frozen=True, slots=True)
class Account:
    """One account, in the database that it reaches."""

    user: str
    database: str


def ask(server: Server, entrance: Entrance) -> tuple[Account, ...]:
    """The accounts of `server`, asked as its administrator. Raises UnreadableServer."""
    try:
        with connect(entrance.host, entrance.port, entrance.admin_user, entrance.admin_password) as client:
            answer = client[ACCOUNTS].command("usersInfo", {"forAllDBs": True})
    except PyMongoError as error:
        msg = f"{server.name} does not answer its administrator at {entrance.host}:{entrance.port}: {words(error)}"
        raise UnreadableServer(msg) from None
    found = (Account(str(item["user"]), str(item["db"])) for item in answer["users"])
    return tuple(sorted(found, key=lambda account: (account.database, account.user)))


def findings(accounts: Iterable[Account], server: Server, ground: Ground) -> Iterator[Finding]:
    """How the accounts of a server differ from those that the landscape has there."""
    wanted = {Account(store.role, store.database) for store in ground.stores_in(server)}
    there = set(accounts)
    for account in sorted(there - wanted, key=str):
        if account == Account(server.admin_user, ACCOUNTS):
            continue
        called = f"account `{account.user}` of database `{account.database}` in {server.name}"
        step = f'as `{server.admin_user}` of {server.name}, in database `{account.database}`: {{dropUser: "{account.user}"}}'
        properties = {"host": server.host, "port": server.port, "user": account.user, "database": account.database}
        resource = seen("platlocal:index:MongoDBUser", called, properties)
        in_nobodys = not ground.stores_in_database(server, account.database)
        yield from ungranted(resource, ground, step, "no descriptor declares this account" if in_nobodys else "")
    for account in sorted(wanted - there, key=str):
        yield missing(f"account `{account.user}` of database `{account.database}`", server.name, ground.plan)
