"""User management: logins and their sessions, for fast reads and writes by user id.

`POST /Login {"user_id", "name"}` opens a session; `GET /GetUser?id=<user_id>` tells who that is, without the session.
Where they are kept follows from the descriptor: in Redis as JSON under `user:<id>`, or, where there is a PostgreSQL too,
in its table `users`, with Redis as a cache beside it.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from redis.exceptions import RedisError

from samples.environment import Environment
from samples.service import Service, main
from samples.stores import checks_of, open_redis
from samples.web import Answer, Problem, Request, Route

if TYPE_CHECKING:
    from redis import Redis

    from samples.database import Database

SESSION_SECONDS = 3600
USERS = """
CREATE TABLE IF NOT EXISTS users (user_id text PRIMARY KEY, name text NOT NULL, created text NOT NULL, session text NOT NULL);
"""
_PUT = """
INSERT INTO users (user_id, name, created, session) VALUES (%(user_id)s, %(name)s, %(created)s, %(session)s)
ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, created = excluded.created, session = excluded.session
"""
_ID = re.compile(r"[A-Za-z0-9_.@-]{1,64}", re.ASCII)
_LONGEST_NAME = 200

User = dict[str, Any]

log = logging.getLogger(__name__)


class Store(Protocol):
    """Where users are kept. Both methods raise Problem 503 where it does not answer."""

    def put(self, user: User) -> None:
        """Keeps a user in place of an older one of that id."""

    def get(self, user_id: str) -> User | None:
        """The user of that id."""


class InRedis:
    """The keys `user:<id>`; each lives for an hour after the last login."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    def put(self, user: User) -> None:
        """As Store says."""
        try:
            self._client.set(_key(user["user_id"]), json.dumps(user), ex=SESSION_SECONDS)
        except RedisError:
            raise _down() from None

    def get(self, user_id: str) -> User | None:
        """As Store says."""
        try:
            found = self._client.get(_key(user_id))
        except RedisError:
            raise _down() from None
        return json.loads(str(found)) if found else None


class InPostgresql:
    """The table `users`: a user is known for good."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, user: User) -> None:
        """As Store says."""
        with self._database.transaction() as connection:
            connection.execute(_PUT, user)

    def get(self, user_id: str) -> User | None:
        """As Store says."""
        with self._database.transaction() as connection:
            return connection.execute("SELECT * FROM users WHERE user_id = %s", (user_id,)).fetchone()


class Cached:
    """A `store` that decides, and a `cache` beside it that may lose everything, or be away, at any time."""

    def __init__(self, store: Store, cache: Store) -> None:
        self._store = store
        self._cache = cache

    def put(self, user: User) -> None:
        """As Store says."""
        self._store.put(user)
        self._remember(user)

    def get(self, user_id: str) -> User | None:
        """As Store says."""
        try:
            cached = self._cache.get(user_id)
        except Problem as problem:
            log.warning("going on without the cache: %s", problem)
            cached = None
        if cached is not None:
            return cached
        found = self._store.get(user_id)
        if found is not None:
            self._remember(found)
        return found

    def _remember(self, user: User) -> None:
        try:
            self._cache.put(user)
        except Problem as problem:
            log.warning("going on without the cache: %s", problem)


class Sessions:
    """What callers reach: opens sessions and tells whose they are."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def login(self, request: Request) -> Answer:
        """Opens a session for the user in the request's body, and ends an older one."""
        body = request.json()
        user_id, name = _id(body.get("user_id")), body.get("name", "")
        if not isinstance(name, str) or len(name) > _LONGEST_NAME:
            raise Problem(HTTPStatus.BAD_REQUEST, f"`name` must be a text of at most {_LONGEST_NAME} characters")
        user = {"user_id": user_id, "name": name, "created": datetime.now(UTC).isoformat(timespec="seconds")}
        session = secrets.token_urlsafe(32)
        self._store.put({**user, "session": session})
        return Answer({**user, "session": session, "expires_in": SESSION_SECONDS}, HTTPStatus.CREATED)

    def show(self, request: Request) -> Answer:
        """Who the user of the query's `id` is. The session stays where it is: it is the user's, not the caller's."""
        user_id = _id(request.query.get("id"))
        user = self._store.get(user_id)
        if user is None:
            raise Problem(HTTPStatus.NOT_FOUND, f"user {user_id} has no session")
        return Answer({key: value for key, value in user.items() if key != "session"})


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where it has no Redis."""
    stores = {"redis": environment.datastore("redis")}
    store: Store = InRedis(open_redis(stores["redis"]))
    if "postgresql" in environment.only.datastores:
        from samples.database import Database  # noqa: PLC0415 - without PostgreSQL, nothing is paid for its client

        stores["postgresql"] = environment.datastore("postgresql")
        store = Cached(InPostgresql(Database(stores["postgresql"], USERS)), store)
    sessions = Sessions(store)
    return Service(
        routes={"Login": Route({"POST": sessions.login}, "Login"), "GetUser": Route({"GET": sessions.show}, "GetUser")},
        checks=checks_of(stores),
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
