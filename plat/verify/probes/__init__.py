"""Tries doors at real servers: one module per kind of server, chosen by the action."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

from plat.plan.model import SecretRef
from plat.verify.model import (
    Action,
    AtKafka,
    Bind,
    Cell,
    Consume,
    Declare,
    Get,
    MissingSecretError,
    MongoCommands,
    MySql,
    Outcome,
    Publish,
    Reach,
    RedisCommands,
    Sql,
)
from plat.verify.probes import amqp, http, kafka, mongodb, mysql, postgresql, redis, tcp
from plat.verify.probes.base import NoAnswerError, unclear

_PROBES: Mapping[type[Action], ModuleType] = {
    Get: http,
    MongoCommands: mongodb,
    MySql: mysql,
    Reach: tcp,
    RedisCommands: redis,
    Sql: postgresql,
}
"""By what is to be tried, where each attempt has a connection of its own."""

_SESSIONS: Mapping[type[Action], type[amqp.Session | kafka.Session]] = {
    **dict.fromkeys((Bind, Consume, Declare, Publish), amqp.Session),
    AtKafka: kafka.Session,
}
"""By what is to be tried, where one connection serves many attempts."""

_Open = dict[type[Any], Any]


def try_cells(cells: Sequence[Cell], secrets: Mapping[SecretRef, str]) -> Iterator[Outcome]:
    """The outcome of each of `cells`, which are one principal's at one server, in order.

    Where the server does not answer, the rest is not tried: it would only wait as long again.
    """
    sessions: _Open = {}
    silence: Outcome | None = None
    try:
        for cell in cells:
            # Whether it can be reached at all is a question of its own.
            outcome = None if isinstance(cell.door.action, Reach) else silence
            if outcome is None:
                try:
                    outcome = _try(cell, secrets, sessions)
                except NoAnswerError as error:
                    outcome = silence = unclear(f"no answer: {error}")
            yield outcome
    finally:
        for session in sessions.values():
            session.close()


def _try(cell: Cell, secrets: Mapping[SecretRef, str], sessions: _Open) -> Outcome:
    try:
        action = cell.door.action
        outcome: Outcome
        if kind := _SESSIONS.get(type(action)):
            if kind not in sessions:
                sessions[kind] = kind(secrets)
            outcome = sessions[kind].try_cell(cell, action)
        else:
            outcome = _PROBES[type(action)].try_cell(cell, action, secrets)
    except MissingSecretError as error:
        return unclear(str(error))
    except NoAnswerError:
        raise
    except Exception as error:  # noqa: BLE001 - one broken probe must not hide what the others found
        return unclear(f"could not be tried: {type(error).__name__}: {error}")
    return outcome
