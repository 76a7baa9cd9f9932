"""Who may call which operation: the table of `PLAT_SURFACE` and `PLAT_CALLERS`, as a pure function."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

ANONYMOUS = "anonymous"
_NO_TOKEN = hashlib.sha256(b"no caller has this token").hexdigest()


@dataclass(frozen=True, slots=True)
class Operation:
    """One exposed operation: for everybody when `public`, else for `callers` (names of contexts) alone."""

    public: bool = False
    callers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Surface:
    """What is exposed, and the SHA-256 (hex) of each caller's token."""

    operations: Mapping[str, Operation] = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a call is let in (`status` 200), whose it is, and what to tell the caller if not."""

    status: HTTPStatus
    caller: str = ANONYMOUS
    reason: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the call is let in."""
        return self.status is HTTPStatus.OK


def decide(surface: Surface, operation: str, authorization: str | None) -> Decision:
    """Whether a call of `operation` with the header `Authorization: <authorization>` is let in.

    What is not declared is not there (404). A public operation lets everybody in; any other asks for a known caller
    (401) that has declared its use (403).
    """
    declared = surface.operations.get(operation)
    if declared is None:
        return Decision(HTTPStatus.NOT_FOUND, reason=f"{operation} is no operation that is exposed here")
    caller = _known_caller(surface, authorization)
    if declared.public:
        return Decision(HTTPStatus.OK, caller or ANONYMOUS)
    if caller is None and authorization is None:
        return Decision(HTTPStatus.UNAUTHORIZED, reason=f"{operation} asks for a caller's name and token (HTTP Basic)")
    if caller is None:
        return Decision(HTTPStatus.UNAUTHORIZED, reason="unknown caller or wrong token")
    if caller not in declared.callers:
        return Decision(HTTPStatus.FORBIDDEN, caller, f"caller `{caller}` declares no use of {operation}")
    return Decision(HTTPStatus.OK, caller)


def _known_caller(surface: Surface, authorization: str | None) -> str | None:
    if authorization is None:
        return None
    name, token = _basic(authorization)
    expected = surface.tokens.get(name)
    # An unknown caller costs the same comparison as a known one, so that time tells nothing about who is known.
    same = hmac.compare_digest(hashlib.sha256(token.encode()).hexdigest(), expected or _NO_TOKEN)
    return name if same and expected is not None else None


def _basic(authorization: str) -> tuple[str, str]:
    """Name and token of an HTTP Basic header (RFC 7617); empty ones where it is none."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, token = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, token
