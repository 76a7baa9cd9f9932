"""`platlocal:index:RedisUser`: one account inside a Redis, with rights on its own keys and commands.

(https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import redis

from providers.common.resource import Drift, Order, Outputs, Warn
from providers.local import password_hashes
from providers.local.errors import Unusable
from providers.local.inputs import RedisUserInputs
from providers.local.kinds.redis import connect
from providers.local.machine import Machine

_GLANCE = 3.0
"""Seconds for a look that nothing depends on."""


class RedisUser:
    """The type of resource."""

    model = RedisUserInputs
    secrets: ClassVar[frozenset[str]] = frozenset({"adminPassword", "password"})
    fixed: ClassVar[Mapping[str, str]] = {}
    replacing: ClassVar[frozenset[str]] = frozenset({"user"})
    foreseen: ClassVar[Outputs] = {"drift": []}
    noted: ClassVar[frozenset[str]] = frozenset()

    def check(self, machine: Machine, inputs: RedisUserInputs) -> None:
        """Raise Unusable for the name that belongs to the administrator."""
        del machine
        if inputs.user in {inputs.admin_user, "default"}:
            msg = f"`{inputs.user}` is the administrator's name or that of everybody: give the account another one"
            raise Unusable(msg)

    def drift(self, machine: Machine, inputs: RedisUserInputs, known: Outputs) -> Drift:
        """Return `drift` where the account has other rights than declared, as far as the server can be asked."""
        found = self.read(machine, inputs, known, lambda _: None)
        return {"drift": "; ".join(found["drift"])} if found and found["drift"] else {}

    def create(self, machine: Machine, order: Order, inputs: RedisUserInputs) -> tuple[str, Outputs]:
        """Make the account, or give it the declared rights where it is there."""
        del machine, order
        return f"{inputs.host}:{inputs.port}/{inputs.user}", _apply(inputs)

    def update(self, machine: Machine, order: Order, old: RedisUserInputs | None, new: RedisUserInputs) -> Outputs:
        """Give the account the declared rights and no others."""
        del machine, order, old
        return _apply(new)

    def read(self, machine: Machine, inputs: RedisUserInputs, known: Outputs, warn: Warn) -> Outputs | None:
        """Return in what the account differs from what was declared; None where the server does not answer."""
        del machine
        try:
            with connect(inputs.host, inputs.port, inputs.admin_user, inputs.admin_password, _GLANCE) as client:
                found = _rights(client, inputs.user)
        except redis.RedisError as error:
            warn(f"account {inputs.user} could not be looked at: {_where(inputs)} says: {error}")
            return None
        wanted = {**known.get("rights", {}), "passwords": password_hashes.redis(inputs.password)}
        return {"drift": differences(found, wanted), "rights": known.get("rights", {})}

    def delete(self, machine: Machine, resource_id: str, inputs: RedisUserInputs) -> None:
        """Remove the account."""
        del machine, resource_id
        with _administrator(inputs) as client:
            client.acl_deluser(inputs.user)
            client.acl_save()


def _apply(inputs: RedisUserInputs) -> Outputs:
    with _administrator(inputs) as client:
        _acl(client, "SETUSER", inputs.user, *rules(inputs))
        client.acl_save()
        # Redis has words of its own for rules: what it says now is what a later look is compared with.
        rights = _rights(client, inputs.user) or {}
    return {"drift": [], "rights": {name: value for name, value in rights.items() if name != "passwords"}}


def rules(inputs: RedisUserInputs) -> list[str]:
    """Return the whole of the account's rights, as `ACL SETUSER` takes them: nothing of before stays."""
    keys = [f"~{pattern}" for pattern in inputs.keys]
    channels = [f"&{pattern}" for pattern in inputs.keys]
    return ["reset", "on", f"#{password_hashes.redis(inputs.password)}", *keys, *channels, *inputs.commands]


def differences(found: Mapping[str, str] | None, wanted: Mapping[str, str]) -> list[str]:
    """Return what of an account's rights is not as `wanted`, for a person to read; `found` is None without an account."""
    if found is None:
        return ["the account is not there"]
    changed = sorted(name for name in wanted if found.get(name) != wanted[name])
    return ["another password" if name == "passwords" else f"{name}: {found.get(name, '')}" for name in changed]


def _rights(client: redis.Redis, user: str) -> dict[str, str] | None:
    """Return what `ACL GETUSER` says of `user`, in one form: Redis 6 gives lists, 7 gives strings."""
    answer = _acl(client, "GETUSER", user)
    if answer is None:
        return None
    pairs = answer if isinstance(answer, dict) else dict(zip(answer[::2], answer[1::2], strict=True))
    on = {"on", "off", "nopass"}
    return {
        "commands": _in_order(_words(pairs["commands"])),
        "keys": _words(pairs["keys"]),
        "channels": _words(pairs.get("channels", "")),
        "passwords": _words(pairs["passwords"]),
        "login": _words(sorted(flag for flag in map(str, pairs["flags"]) if flag in on)),
    }


def _in_order(commands: str) -> str:
    """Return rules on commands in one order: Redis describes rights by ±@all and exceptions, in an order of chance."""
    first, *exceptions = commands.split() or [""]
    return " ".join((first, *sorted(exceptions)))


def _acl(client: redis.Redis, *words: str) -> Any:  # noqa: ANN401 - the answer depends on the version of Redis
    return client.execute_command("ACL", *words)  # type: ignore[no-untyped-call]


def _words(value: object) -> str:
    return value if isinstance(value, str) else " ".join(map(str, value)) if isinstance(value, Iterable) else str(value)


@contextmanager
def _administrator(inputs: RedisUserInputs) -> Iterator[redis.Redis]:
    try:
        with connect(inputs.host, inputs.port, inputs.admin_user, inputs.admin_password) as client:
            yield client
    except redis.ConnectionError as error:
        msg = f"{_where(inputs)} does not answer, so account {inputs.user} cannot be changed: {error}"
        raise Unusable(msg) from None
    except redis.RedisError as error:
        msg = f"{_where(inputs)} does not change account {inputs.user}: {error}"
        raise Unusable(msg) from None


def _where(inputs: RedisUserInputs) -> str:
    return f"Redis at {inputs.host}:{inputs.port}"
