"""Authentication: who somebody is, as a login identity and nothing more.

`POST /SignUp {"login", "email", "password"}`, `POST /LogIn {"login", "password"}` opens a session, and
`POST /IdentifyUser {"session"}` tells a context whose session that is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError

from samples.database import StoreDownError
from samples.environment import Environment
from samples.fields import line
from samples.service import Service, main
from samples.stores import checks_of, open_redis
from samples.web import Answer, Problem, Request, Route

if TYPE_CHECKING:
    from redis import Redis

SESSION_SECONDS = 3600
_COST = {"n": 2**14, "r": 8, "p": 1}


class Identities:
    """The keys `identity:<login>`, and `session:<token>` with the login for an hour."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    def sign_up(self, request: Request) -> Answer:
        """Takes a new login in, unless somebody has it already."""
        body = request.json()
        login, email, salt = line(body, "login"), line(body, "email"), secrets.token_bytes(16)
        identity = {"user_id": str(uuid.uuid4()), "login": login, "email": email}
        kept = {**identity, "salt": salt.hex(), "digest": _digest(line(body, "password"), salt)}
        try:
            new = self._client.set(f"identity:{login}", json.dumps(kept), nx=True)
        except RedisError:
            raise StoreDownError from None
        if not new:
            raise Problem(HTTPStatus.CONFLICT, "this login is taken")
        return Answer(identity, HTTPStatus.CREATED)

    def log_in(self, request: Request) -> Answer:
        """Opens a session. Who is unknown and who has the wrong password are told the same."""
        body = request.json()
        login, password = line(body, "login"), line(body, "password")
        kept = self._kept(login) or {"salt": "", "digest": ""}
        if not hmac.compare_digest(_digest(password, bytes.fromhex(kept["salt"])), kept["digest"]):
            raise Problem(HTTPStatus.UNAUTHORIZED, "login and password do not belong together")
        session = secrets.token_urlsafe(32)
        try:
            self._client.set(f"session:{session}", login, ex=SESSION_SECONDS)
        except RedisError:
            raise StoreDownError from None
        return Answer({"session": session, "expires_in": SESSION_SECONDS}, HTTPStatus.CREATED)

    def identify(self, request: Request) -> Answer:
        """Whose session the request's body names."""
        session = line(request.json(), "session")
        try:
            login = self._client.get(f"session:{session}")
        except RedisError:
            raise StoreDownError from None
        kept = self._kept(str(login)) if login else None
        if kept is None:
            raise Problem(HTTPStatus.NOT_FOUND, "there is no such session")
        return Answer({name: kept[name] for name in ("user_id", "login", "email")})

    def _kept(self, login: str) -> dict[str, Any] | None:
        try:
            found = self._client.get(f"identity:{login}")
        except RedisError:
            raise StoreDownError from None
        return json.loads(str(found)) if found else None


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where it has no Redis."""
    url = environment.datastore("redis")
    identities = Identities(open_redis(url))
    return Service(
        routes={
            "SignUp": Route({"POST": identities.sign_up}, "SignUp"),
            "LogIn": Route({"POST": identities.log_in}, "LogIn"),
            "IdentifyUser": Route({"POST": identities.identify}, "IdentifyUser"),
        },
        checks=checks_of({"redis": url}),
    )


def _digest(password: str, salt: bytes) -> str:
    return base64.b64encode(hashlib.scrypt(password.encode(), salt=salt, **_COST)).decode()


if __name__ == "__main__":
    main(make)
