"""Passwords as servers store them, so that a password itself is never sent, logged or written."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

_ITERATIONS = 4096


def scram(password: str, salt: bytes | None = None, iterations: int = _ITERATIONS) -> str:
    """Return PostgreSQL's SCRAM-SHA-256 verifier of an ASCII `password` (RFC 5802, RFC 5803); the salt is random if None."""
    salt = secrets.token_bytes(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, iterations)
    stored = hashlib.sha256(_keyed(salted, b"Client Key")).digest()
    server = _keyed(salted, b"Server Key")
    return f"SCRAM-SHA-256${iterations}:{_base64(salt)}${_base64(stored)}:{_base64(server)}"


def is_scram_of(password: str, verifier: str) -> bool:
    """Tell whether `verifier` is one that `scram` makes of `password`, with whatever salt and number of iterations."""
    try:
        iterations, _, salt = verifier.split("$")[1].partition(":")
        expected = scram(password, base64.b64decode(salt, validate=True), int(iterations))
    except (IndexError, ValueError):
        return False
    return hmac.compare_digest(verifier.encode(), expected.encode())


def redis(password: str) -> str:
    """Return the hash by which a Redis ACL knows `password` (https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/)."""
    return hashlib.sha256(password.encode()).hexdigest()


def rabbitmq(password: str, salt: bytes) -> str:
    """Return RabbitMQ's `password_hash` of `password` with a `salt` of 4 bytes (https://www.rabbitmq.com/docs/passwords)."""
    return _base64(salt + hashlib.sha256(salt + password.encode()).digest())


def mysql(password: str) -> str:
    """Return what `mysql_native_password` keeps of `password` (https://mariadb.com/kb/en/authentication-plugin-mysql_native_password/)."""
    once = hashlib.sha1(password.encode()).digest()  # noqa: S324 - the protocol's own
    return f"*{hashlib.sha1(once).hexdigest().upper()}"  # noqa: S324 - the same


def _keyed(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, "sha256").digest()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
