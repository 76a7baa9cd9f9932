"""Tries databases of MongoDB servers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError

from plat.plan.model import SecretRef
from plat.verify.model import Cell, Key, MongoCommands, Outcome
from plat.verify.probes.base import PATIENCE, NoAnswerError, let_in, refused, try_keys, unclear

_REFUSALS = {13, 18}  # Unauthorized, AuthenticationFailed


def try_cell(cell: Cell, action: MongoCommands, secrets: Mapping[SecretRef, str]) -> Outcome:
    """The outcome of `cell`. Raises NoAnswerError where the server is not there."""

    def attempt(key: Key) -> Outcome:
        try:
            return _run(cell, action, key.user, key.password(secrets))
        except OperationFailure as error:
            return refused(_as_said(error)) if error.code in _REFUSALS else unclear(_as_said(error))
        except ConnectionFailure as error:
            raise NoAnswerError(str(error)) from None
        except PyMongoError as error:
            return unclear(str(error))

    return try_keys(cell, attempt)


def _run(cell: Cell, action: MongoCommands, user: str | None, password: str | None) -> Outcome:
    client: MongoClient[dict[str, Any]] = MongoClient(
        cell.door.host,
        cell.door.port,
        # A name without a password is not to be had of the client: it tries to come in without a name.
        username=user if password else None,
        password=password,
        authSource=action.source,
        directConnection=True,
        appname="plat verify",
        serverSelectionTimeoutMS=PATIENCE * 1000,
        connectTimeoutMS=PATIENCE * 1000,
        socketTimeoutMS=PATIENCE * 1000,
    )
    with client:
        for command in action.commands:
            client[action.database].command(json.loads(command))
    done = next(iter(json.loads(action.commands[0])))
    return let_in(f"{user or 'anybody'} may {done} in {action.database}")


def _as_said(error: OperationFailure) -> str:
    """The server's words, without the whole answer that the client puts behind them."""
    said = error.details or {}
    return f"{said.get('codeName', error.code)}: {said.get('errmsg', error)}"
