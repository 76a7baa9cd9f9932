"""Calls an operation of another context, with the address and the token that Plat gave for it.

`Upstream` is the port through which a context asks another one; what adapter stands behind it (the network, or the module
beside it in one process) is decided where the service is put together, and nowhere else.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, Protocol
from urllib.error import HTTPError
from urllib.parse import quote, unquote, urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from samples.environment import Environment, MisconfiguredError
from samples.web import Problem, Route
from samples.web import Request as Incoming

PATIENCE = 10
"""Seconds to wait for an upstream."""

# Routes of a landscape never lead through a proxy, whatever the machine's settings say.
_open = build_opener(ProxyHandler({})).open


class UpstreamDownError(Problem):
    """The upstream does not answer. The message says why, without the token."""

    def __init__(self, reason: str) -> None:
        super().__init__(HTTPStatus.BAD_GATEWAY, reason)


class UpstreamRefusedError(Exception):
    """The upstream answers, and says no: `status`, and its reason as the message."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        self.status = status
        super().__init__(reason)


class Upstream(Protocol):
    """Another context's surface, as one caller may use it."""

    def ask(self, operation: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        """What a GET of `operation` answers. Raises UpstreamDownError, UpstreamRefusedError."""

    def tell(self, operation: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a POST of `document` to `operation` answers. Raises UpstreamDownError, UpstreamRefusedError."""


class OverHttp:
    """The upstream behind the URL that Plat gave for it."""

    def __init__(self, environment: Environment, context: str) -> None:
        """Raises MisconfiguredError where no such upstream is declared."""
        url = environment.upstream(context)
        if url is None:
            msg = f"there is no URL of {context}: this sample has it among its upstreams"
            raise MisconfiguredError(msg)
        self._url = url

    def ask(self, operation: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        """As Upstream says."""
        return _accepted(*call(self._url, operation, query))

    def tell(self, operation: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """As Upstream says."""
        return _accepted(*call(self._url, operation, {}, json.dumps(document, default=str).encode()))


class InProcess:
    """The upstream that lives in the same process: the same operations and the same answers, without a network."""

    def __init__(self, routes: Mapping[str, Route]) -> None:
        self._routes = routes

    def ask(self, operation: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        """As Upstream says."""
        return self._answer(Incoming("GET", operation, query=query))

    def tell(self, operation: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """As Upstream says."""
        return self._answer(Incoming("POST", operation, body=json.dumps(document, default=str).encode()))

    def _answer(self, request: Incoming) -> Mapping[str, Any]:
        try:
            answer = self._routes[request.name].methods[request.method](request)
        except Problem as problem:
            return _accepted(problem.status, {"error": problem.reason})
        # By way of JSON, as over the network: what a caller gets must not depend on where the other one runs.
        return _accepted(answer.status, json.loads(json.dumps(answer.body, default=str)))


def call(url: str, operation: str, query: Mapping[str, str], body: bytes | None = None) -> tuple[HTTPStatus, Any]:
    """The status and the body (decoded where it is JSON) that `operation` answers; a POST when there is a `body`.

    Raises UpstreamDownError where no answer comes.
    """
    parts = urlsplit(url)
    address = f"{parts.scheme}://{parts.hostname}:{parts.port}/{quote(operation, safe='')}"
    if query:
        address = f"{address}?{urlencode(query)}"
    credentials = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode()
    headers = {
        "Authorization": f"Basic {base64.b64encode(credentials).decode()}",
        "Content-Type": "application/json",
    }
    try:
        with _open(Request(address, body, headers), timeout=PATIENCE) as response:  # noqa: S310 - the scheme is Plat's
            return HTTPStatus(response.status), _decoded(response.read())
    except HTTPError as refusal:
        return HTTPStatus(refusal.code), _decoded(refusal.read())
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        msg = f"{parts.hostname}:{parts.port} does not answer: {reason}"
        raise UpstreamDownError(msg) from None


def _accepted(status: HTTPStatus, body: Any) -> Mapping[str, Any]:  # noqa: ANN401 - whatever the upstream says
    said = body if isinstance(body, dict) else {"error": str(body)}
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise UpstreamDownError(str(said.get("error", status.phrase)))
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise UpstreamRefusedError(status, str(said.get("error", status.phrase)))
    return said


def _decoded(content: bytes) -> Any:  # noqa: ANN401 - whatever the upstream says
    try:
        return json.loads(content)
    except ValueError:
        return content.decode(errors="replace")
