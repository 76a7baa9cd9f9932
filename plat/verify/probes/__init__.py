"""Tries doors at real servers: one module per kind of server, chosen by the action."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType

from plat.plan.model import SecretRef
from plat.verify.model import (
    Action,
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
    RedisCommands,
    Sql,
)
from plat.verify.probes import amqp, http, mongodb, mysql, postgresql, redis
from plat.verify.probes.base import NoAnswerError, unclear

_PROBES: Mapping[type[Action], ModuleType] = {
    Get: http,
    MongoCommands: mongodb,
    MySql: mysql,
    RedisCommands: redis,
    Sql: postgresql,
}
"""By what is to be tried; what is tried over AMQP has a session."""


def try_cells(cells: Sequence[Cell], secrets: Mapping[SecretRef, str]) -> Iterator[Outcome]:
    """The outcome of each of `cells`, which are one principal's at one server, in order.

    Where the server does not answer, the rest is not tried: it would only wait as long again.
    """
    session = amqp.Session(secrets)
    silence: Outcome | None = None
    try:
        for cell in cells:
            outcome = silence
            if outcome is None:
                try:
                    outcome = _try(cell, secrets, session)
                except NoAnswerError as error:
                    outcome = silence = unclear(f"no answer: {error}")
            yield outcome
    finally:
        session.close()


def _try(cell: Cell, secrets: Mapping[SecretRef, str], session: amqp.Session) -> Outcome:
    try:
        action = cell.door.action
        if isinstance(action, Bind | Consume | Declare | Publish):
            return session.try_cell(cell, action)
        outcome: Outcome = _PROBES[type(action)].try_cell(cell, action, secrets)
    except MissingSecretError as error:
        return unclear(str(error))
    except NoAnswerError:
        raise
    except Exception as error:  # noqa: BLE001 - one broken probe must not hide what the others found
        return unclear(f"could not be tried: {type(error).__name__}: {error}")
    return outcome
