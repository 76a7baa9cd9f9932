"""Tries Redis servers."""

from __future__ import annotations

from collections.abc import Mapping

import redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError
from redis.retry import Retry

from plat.plan.model import SecretRef
from plat.verify.model import Cell, Key, Outcome, RedisCommands
from plat.verify.probes.base import PATIENCE, NoAnswerError, let_in, refused, try_keys, unclear


def try_cell(cell: Cell, action: RedisCommands, secrets: Mapping[SecretRef, str]) -> Outcome:
    """The outcome of `cell`. Raises NoAnswerError where the server is not there."""

    def attempt(key: Key) -> Outcome:
        try:
            return _run(cell, action, key.user, key.password(secrets))
        except (AuthenticationError, NoPermissionError) as error:
            return refused(_as_said(error))
        except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
            raise NoAnswerError(str(error)) from None
        except RedisError as error:
            return unclear(str(error))

    return try_keys(cell, attempt)


def _run(cell: Cell, action: RedisCommands, user: str | None, password: str | None) -> Outcome:
    with redis.Redis(
        cell.door.host,
        cell.door.port,
        username=user,
        password=password or ("" if user else None),
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        decode_responses=True,
        single_connection_client=True,
    ) as client:
        obeyed = _obeyed(client, action)
    return let_in(f"{user or 'anybody'} may {obeyed}")


def _obeyed(client: redis.Redis, action: RedisCommands) -> str:
    """The command that tells that the door is open. Raises NoPermissionError where it is not."""
    for position, command in enumerate(action.commands, start=1):
        try:
            client.execute_command(*command)  # type: ignore[no-untyped-call]  # so redis-py has it
        except NoPermissionError:
            if not action.any_of or position == len(action.commands):
                raise
        else:
            if action.any_of:
                return command[0]
    return action.commands[0][0]


def _as_said(error: RedisError) -> str:
    """The server's words with the code that they began with: the client takes it off and keeps it in the error's class."""
    code = "NOPERM" if isinstance(error, NoPermissionError) else "WRONGPASS"
    return f"{'NOAUTH' if 'required' in str(error) else code} {error}"
