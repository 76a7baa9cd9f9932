from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from http import HTTPStatus

import pytest

from samples.authorisation import Operation, Surface
from samples.web import Answer, Application, Problem, Request, Route


def _fails() -> None:
    message = "connection to 127.0.0.1 with\n secret refused"
    raise OSError(message)


def _crashes(_: Request) -> Answer:
    message = "secret"
    raise RuntimeError(message)


def _refuses(_: Request) -> Answer:
    raise Problem(HTTPStatus.BAD_REQUEST, "no secret is wanted")


SURFACE = Surface(
    {name: Operation(public=True) for name in ("Crash", "Refuse", "Declared")}
    | {"GetUser": Operation(callers=frozenset({"a"}))},
    {"a": hashlib.sha256(b"t").hexdigest()},
)
AUTHORIZED = "Basic " + base64.b64encode(b"a:t").decode()


def _application(checks: dict[str, Callable[[], None]] | None = None) -> Application:
    return Application(
        SURFACE,
        {
            "GetUser": Route({"GET": lambda request: Answer({"caller": request.caller})}, "GetUser"),
            "users": Route({"GET": lambda request: Answer({"path": request.path})}, "GetUser"),
            "Crash": Route({"GET": _crashes}, "Crash"),
            "Refuse": Route({"GET": _refuses}, "Refuse"),
            "Hidden": Route({"GET": lambda _: Answer("hidden")}, "Hidden"),
            "publish": Route({"POST": lambda _: Answer("published")}),
        },
        checks or {},
        lambda text: text.replace("secret", "***"),
    )


CASES = {
    "it is alive without credentials": (Request("GET", "healthz"), 200, {"status": "alive"}),
    "health is only asked": (Request("POST", "healthz"), 405, {"error": "/healthz takes GET, not POST"}),
    "an operation knows its caller": (Request("GET", "GetUser", authorization=AUTHORIZED), 200, {"caller": "a"}),
    "an operation is not for anybody": (
        Request("GET", "GetUser"),
        401,
        {"error": "GetUser asks for a caller's name and token (HTTP Basic)"},
    ),
    "another path to an operation asks the same": (
        Request("GET", "users", ("1",)),
        401,
        {"error": "GetUser asks for a caller's name and token (HTTP Basic)"},
    ),
    "another path to an operation leads there": (
        Request("GET", "users", ("1",), authorization=AUTHORIZED),
        200,
        {"path": ("1",)},
    ),
    "a method is refused after the caller was let in": (
        Request("POST", "GetUser", authorization=AUTHORIZED),
        405,
        {"error": "/GetUser takes GET, not POST"},
    ),
    "who is not let in learns nothing of methods": (
        Request("POST", "GetUser"),
        401,
        {"error": "GetUser asks for a caller's name and token (HTTP Basic)"},
    ),
    "what was built but not declared is not there": (
        Request("GET", "Hidden", authorization=AUTHORIZED),
        404,
        {"error": "Hidden is no operation that is exposed here"},
    ),
    "what was declared but not built says so": (
        Request("GET", "Declared"),
        501,
        {"error": "Declared is declared, and this sample does not implement it"},
    ),
    "anything else is not there": (Request("GET", ""), 404, {"error": " is no operation that is exposed here"}),
    "below health there is nothing": (
        Request("GET", "healthz", ("x",)),
        404,
        {"error": "healthz is no operation that is exposed here"},
    ),
    "a control answers this machine": (Request("POST", "publish"), 200, "published"),
    "a control answers nobody else": (
        Request("POST", "publish", peer="10.0.0.7"),
        403,
        {"error": "/publish answers to this machine alone"},
    ),
    "a refusal says why without secrets": (Request("GET", "Refuse"), 400, {"error": "no *** is wanted"}),
    "a failure says nothing of its inside": (Request("GET", "Crash"), 500, {"error": "internal error, see the log"}),
}


@pytest.mark.parametrize(("request_", "status", "body"), CASES.values(), ids=CASES.keys())
def test_what_a_request_is_answered(request_: Request, status: int, body: object) -> None:
    answer = _application().answer(request_)

    assert (answer.status, answer.body) == (status, body)


def test_a_missing_credential_is_asked_for_as_browsers_and_clients_know_it() -> None:
    assert _application().answer(Request("GET", "GetUser")).headers == {"WWW-Authenticate": 'Basic realm="plat"'}


def test_it_is_ready_when_everything_that_it_needs_answers() -> None:
    answer = _application({"redis": lambda: None, "broker": lambda: None}).answer(Request("GET", "ready"))

    assert (answer.status, answer.body) == (200, {"status": "ready", "checks": ["broker", "redis"]})


def test_it_is_not_ready_for_reasons_that_hold_no_secret() -> None:
    answer = _application({"redis": _fails, "broker": lambda: None}).answer(Request("GET", "ready"))

    reasons = {"redis": "connection to 127.0.0.1 with *** refused"}
    assert (answer.status, answer.body) == (503, {"status": "not ready", "reasons": reasons})


BODIES = {
    "no JSON": (b"{", "the body is not JSON"),
    "no text": (b"\xff", "the body is not JSON"),
    "no body": (b"", "the body is not JSON"),
    "a number that JSON does not know": (b'{"a": NaN}', "the body is not JSON"),
    "a list": (b"[]", "the body is not a JSON object"),
    "nested beyond reason": (b"[" * 100_000, "the body is not JSON"),
}


@pytest.mark.parametrize(("body", "reason"), BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_no_object_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(Problem) as caught:
        Request("POST", "GetUser", body=body).json()

    assert (caught.value.status, caught.value.reason) == (400, reason)
