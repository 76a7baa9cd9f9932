"""User management: logins and their sessions, kept in Redis as JSON under `user:<id>`.

`POST /Login {"user_id", "name"}` opens a session; `GET /GetUser?id=<user_id>` tells who that is, without the session.
"""

from __future__ import annotations

import json
import re
import secrets
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError

from samples.environment import Environment
from samples.service import Service, main
from samples.stores import checks_of, open_redis
from samples.web import Answer, Problem, Request, Route

if TYPE_CHECKING:
    from redis import Redis

SESSION_SECONDS = 3600
_ID = re.compile(r"[A-Za-z0-9_.@-]{1,64}", re.ASCII)
_LONGEST_NAME = 200


class Sessions:
    """The keys `user:<id>`; each lives for an hour after the last login."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    def login(self, request: Request) -> Answer:
        """Opens a session for the user in the request's body, and ends an older one."""
        body = request.json()
        user_id, name = _id(body.get("user_id")), body.get("name", "")
        if not isinstance(name, str) or len(name) > _LONGEST_NAME:
            raise Problem(HTTPStatus.BAD_REQUEST, f"`name` must be a text of at most {_LONGEST_NAME} characters")
        user = {"user_id": user_id, "name": name, "created": datetime.now(UTC).isoformat(timespec="seconds")}
        session = secrets.token_urlsafe(32)
        self._store(user_id, {**user, "session": session})
        return Answer({**user, "session": session, "expires_in": SESSION_SECONDS}, HTTPStatus.CREATED)

    def show(self, request: Request) -> Answer:
        """Who the user of the query's `id` is. The session stays where it is: it is the user's, not the caller's."""
        user_id = _id(request.query.get("id"))
        try:
            found = self._client.get(_key(user_id))
        except RedisError:
            raise _down() from None
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, f"user {user_id} has no session")
        user: dict[str, Any] = json.loads(str(found))
        return Answer({key: value for key, value in user.items() if key != "session"})

    def _store(self, user_id: str, user: dict[str, str]) -> None:
        try:
            self._client.set(_key(user_id), json.dumps(user), ex=SESSION_SECONDS)
        except RedisError:
            raise _down() from None


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where it has no Redis."""
    url = environment.datastore("redis")
    sessions = Sessions(open_redis(url))
    return Service(
        routes={"Login": Route({"POST": sessions.login}, "Login"), "GetUser": Route({"GET": sessions.show}, "GetUser")},
        checks=checks_of({"redis": url}),
    )


def _key(user_id: str) -> str:
    return f"user:{user_id}"


def _id(value: object) -> str:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not _ID.fullmatch(text):
        raise Problem(HTTPStatus.BAD_REQUEST, "a user id is 1 to 64 letters, digits, `_`, `.`, `@` or `-`")
    return text


def _down() -> Problem:
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "the session store does not answer")


if __name__ == "__main__":
    main(make)
