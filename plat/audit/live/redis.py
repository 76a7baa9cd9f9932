"""Whom a Redis lets in, compared with whom the landscape lets in there.

Asked is `ACL GETUSER` for every user (https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/). Redis
describes rights in words of its own, which differ from those that were given, so what is compared is what they come to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import redis

from plat.audit.live.entrance import Entrance, UnreadableServer
from plat.audit.live.judging import again, missing, seen, ungranted
from plat.findings import Finding
from plat.manual.audits import UNGRANTED
from plat.plan.model import Server
from policies.ground import Ground
from providers.local.inputs import RedisUserInputs
from providers.local.kinds.redis import connect

_EVERYBODY = "default"
_DECLARED = tuple(RedisUserInputs.model_fields["commands"].get_default(call_default_factory=True))
_SHOWN = 8
"""How many commands a message names."""


@dataclass(frozen=True, slots=True)
class Account:
    """One user of a Redis: whether it may log in, whether it needs no password, and its rules on commands and keys."""

    name: str
    on: bool
    nopass: bool
    commands: tuple[str, ...]
    keys: tuple[str, ...] = ("*",)


@dataclass(frozen=True, slots=True)
class Users:
    """The users of a Redis, and the commands that it knows, by category."""

    accounts: tuple[Account, ...]
    categories: Mapping[str, frozenset[str]]

    def may(self, rules: Iterable[str]) -> frozenset[str]:
        """The commands that rules come to, in their order."""
        found: frozenset[str] = frozenset()
        for rule in rules:
            sign, what = rule[:1], rule[1:]
            named = frozenset((what,))
            if what.startswith("@"):
                named = (
                    frozenset().union(*self.categories.values()) if what == "@all" else self.categories.get(what[1:], named)
                )
            found = found | named if sign == "+" else found - named
        return found


def ask(server: Server, entrance: Entrance) -> Users:
    """The users of `server`, asked as its administrator. Raises UnreadableServer."""
    try:
        with connect(entrance.host, entrance.port, entrance.admin_user, entrance.admin_password) as client:
            accounts = tuple(_account(client, str(name)) for name in _acl(client, "USERS"))
            categories = {str(name): frozenset(map(str, _acl(client, "CAT", str(name)))) for name in _acl(client, "CAT")}
            return Users(accounts, categories)
    except redis.RedisError as error:
        msg = f"{server.name} does not say at {entrance.host}:{entrance.port} who may come in: {error}"
        raise UnreadableServer(msg) from None


def findings(users: Users, server: Server, ground: Ground) -> Iterator[Finding]:
    """How the users of a Redis differ from those that the landscape has there."""
    plan, own = ground.plan, {store.role for store in ground.stores_in(server)}
    there = {account.name for account in users.accounts if account.on}
    for account in users.accounts:
        called, by = f"user `{account.name}` of {server.name}", f"as `{server.admin_user}` of {server.name}"
        if account.name in own and account.on:
            for reason in _wider(account, users):
                hint = f"{again(plan)} sets its rights as declared"
                yield Finding(rule=UNGRANTED.id, message=f"{called}: {reason}", subject=called, hint=hint)
        elif account.name not in {*own, server.admin_user} and (account.on or account.name != _EVERYBODY):
            step = f"{by}: ACL DELUSER {account.name}, then ACL SAVE"
            if account.name == _EVERYBODY:
                step = f"{by}: ACL SETUSER {_EVERYBODY} off resetpass resetkeys -@all, then ACL SAVE"
            properties = {"host": server.host, "port": server.port, "user": account.name}
            resource = seen("platlocal:index:RedisUser", called, properties)
            yield from ungranted(
                resource, ground, step, "" if account.on else "no descriptor declares it, and it is switched off"
            )
    yield from (missing(f"user `{name}`", server.name, plan) for name in sorted(own - there))


def _wider(account: Account, users: Users) -> Iterator[str]:
    """In what a context's own user differs from what was declared."""
    if account.nopass:
        yield "anybody may log in as it without a password"
    found, declared = users.may(account.commands), users.may(_DECLARED)
    if more := sorted(found - declared):
        yield f"it may {_some(more)}, which the landscape does not grant"
    if less := sorted(declared - found):
        yield f"it may not {_some(less)}, which the landscape grants"
    if "*" not in {key.removeprefix("~") for key in account.keys}:
        yield "it may not touch every key of its own store"


def _some(commands: list[str]) -> str:
    beyond = len(commands) - _SHOWN
    return ", ".join((*(f"`{name}`" for name in commands[:_SHOWN]), *([f"{beyond} commands more"] if beyond > 0 else [])))


def _account(client: redis.Redis, name: str) -> Account:
    answer = _acl(client, "GETUSER", name) or {}
    found = answer if isinstance(answer, dict) else dict(zip(answer[::2], answer[1::2], strict=True))
    flags = {str(flag) for flag in found.get("flags", ())}
    commands, keys = _words(found.get("commands", "")), _words(found.get("keys", ""))
    return Account(name, "on" in flags, "nopass" in flags, commands, keys)


def _acl(client: redis.Redis, *words: str) -> Any:  # noqa: ANN401 - the answer depends on the version of Redis
    return client.execute_command("ACL", *words)  # type: ignore[no-untyped-call]  # so redis-py has it


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.split())
    return tuple(map(str, value)) if isinstance(value, Iterable) else ()
