from __future__ import annotations

import base64
import hashlib
from http import HTTPStatus

import pytest

from samples.authorisation import Decision, Operation, Surface, decide


def _basic(name: str, token: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{token}".encode()).decode()


SURFACE = Surface(
    operations={"GetUser": Operation(callers=frozenset({"shipping"})), "Login": Operation(public=True)},
    tokens={name: hashlib.sha256(f"{name}-token".encode()).hexdigest() for name in ("shipping", "billing")},
)
UNKNOWN = Decision(HTTPStatus(401), reason="unknown caller or wrong token")

CASES = {
    "a declared caller is let in": ("GetUser", _basic("shipping", "shipping-token"), Decision(HTTPStatus(200), "shipping")),
    "the scheme is read in any case": (
        "GetUser",
        _basic("shipping", "shipping-token").replace("Basic", "basic"),
        Decision(HTTPStatus(200), "shipping"),
    ),
    "who says nothing is asked for credentials": (
        "GetUser",
        None,
        Decision(HTTPStatus(401), reason="GetUser asks for a caller's name and token (HTTP Basic)"),
    ),
    "a wrong token is no token": ("GetUser", _basic("shipping", "guess"), UNKNOWN),
    "an empty token is no token": ("GetUser", _basic("shipping", ""), UNKNOWN),
    "a digest is no token": ("GetUser", _basic("shipping", SURFACE.tokens["shipping"]), UNKNOWN),
    "a token is good for its own caller only": ("GetUser", _basic("shipping", "billing-token"), UNKNOWN),
    "an unknown caller is not let in": ("GetUser", _basic("support", "shipping-token"), UNKNOWN),
    "a header that is no Basic one is no credential": ("GetUser", "Bearer shipping-token", UNKNOWN),
    "a header that cannot be decoded is no credential": ("GetUser", "Basic %%%", UNKNOWN),
    "a known caller without the relation is told so": (
        "GetUser",
        _basic("billing", "billing-token"),
        Decision(HTTPStatus(403), "billing", "caller `billing` declares no use of GetUser"),
    ),
    "a public operation is for everybody": ("Login", None, Decision(HTTPStatus(200))),
    "a public operation still knows a known caller": (
        "Login",
        _basic("billing", "billing-token"),
        Decision(HTTPStatus(200), "billing"),
    ),
    "a public operation asks nobody to be known": ("Login", _basic("billing", "guess"), Decision(HTTPStatus(200))),
    "what is not declared is not there": (
        "DeleteUser",
        _basic("shipping", "shipping-token"),
        Decision(HTTPStatus(404), reason="DeleteUser is no operation that is exposed here"),
    ),
}


@pytest.mark.parametrize(("operation", "header", "decision"), CASES.values(), ids=CASES.keys())
def test_who_may_call_what(operation: str, header: str | None, decision: Decision) -> None:
    assert decide(SURFACE, operation, header) == decision


def test_a_surface_without_operations_lets_nobody_in() -> None:
    assert not decide(Surface(), "GetUser", _basic("shipping", "shipping-token")).allowed
