"""Tries operations of services, and the broker's management interface, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

import httpx

from plat.plan.model import SecretRef
from plat.verify.model import Cell, Get, Key, Outcome
from plat.verify.probes.base import PATIENCE, NoAnswerError, let_in, refused, try_keys, unclear

_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_REASONS = ("reason", "error", "detail", "message", "title")


def try_cell(cell: Cell, action: Get, secrets: Mapping[SecretRef, str]) -> Outcome:
    """The outcome of `cell`. Raises NoAnswerError where the service is not there."""

    def attempt(key: Key) -> Outcome:
        auth = None if key.user is None else httpx.BasicAuth(key.user, key.password(secrets) or "")
        try:
            # No proxy and no ~/.netrc: nothing but this key is tried.
            with httpx.Client(trust_env=False, timeout=PATIENCE, auth=auth) as client:
                answer = client.get(f"http://{cell.door.host}:{cell.door.port}{action.path}")
        except httpx.HTTPError as error:
            raise NoAnswerError(str(error) or type(error).__name__) from None
        return _judge(answer, action)

    return try_keys(cell, attempt)


def _judge(answer: httpx.Response, action: Get) -> Outcome:
    """What the status means.

    An operation may answer what it likes to who is let in, if not that it is not there; of the management interface
    only success counts. A service that fails (5xx) tells nothing, save 501: let in, and nothing behind the door.
    """
    status = HTTPStatus(answer.status_code)
    words = f"{status.value} {_reason(answer) or status.phrase}"
    if status in _REFUSALS:
        return refused(words)
    if action.api:
        return let_in(words) if answer.is_success else unclear(words)
    failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR and status is not HTTPStatus.NOT_IMPLEMENTED
    return unclear(words) if failed or status is HTTPStatus.NOT_FOUND else let_in(words)


def _reason(answer: httpx.Response) -> str:
    """Why, where the body says it as JSON services do."""
    try:
        body = json.loads(answer.content)
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    return next((str(body[name]) for name in _REASONS if isinstance(body.get(name), str)), "")
