"""HTTP for the samples: what a request and an answer are, how a path finds its handler, and the server around it."""

from __future__ import annotations

import ipaddress
import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from samples.authorisation import ANONYMOUS, Surface, decide

BODY_LIMIT = 1 << 20
"""Bytes that a request's body may have."""

log = logging.getLogger(__name__)


class Problem(Exception):  # noqa: N818 - an answer to the caller, not a failure of this program
    """Ends a request with `status` and a JSON body that says why."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `path` is the decoded path without its first segment; `caller` a context's name or `anonymous`."""

    method: str
    name: str
    path: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    authorization: str | None = field(default=None, repr=False)
    peer: str = "127.0.0.1"
    caller: str = ANONYMOUS

    def json(self) -> dict[str, Any]:
        """The body as a JSON object, with numbers as decimals. Raises Problem where it is none."""
        try:
            document = json.loads(self.body, parse_float=Decimal, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise Problem(HTTPStatus.BAD_REQUEST, "the body is not JSON") from None
        if not isinstance(document, dict):
            raise Problem(HTTPStatus.BAD_REQUEST, "the body is not a JSON object")
        return document


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: a JSON body."""

    body: Any
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Request], Answer]
Check = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Route:
    """What answers below one first path segment, by method.

    `operation` is the exposed operation whose callers may come in. A route without one is a control: it stands for what
    a real service does of its own accord, and answers to this machine alone.
    """

    methods: Mapping[str, Handler]
    operation: str | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """A service's HTTP side: its declared surface, its routes, and what must answer before it is ready."""

    surface: Surface
    routes: Mapping[str, Route]
    checks: Mapping[str, Check] = field(default_factory=dict)
    redact: Callable[[str], str] = str

    def answer(self, request: Request) -> Answer:
        """The answer to `request`; every refusal is one too."""
        try:
            return self._route(request)
        except Problem as problem:
            return Answer({"error": self.redact(problem.reason)}, problem.status, _challenge(problem.status))
        except Exception:
            # A request must never end the service; what went wrong is for its log, not for the caller.
            log.exception("%s /%s failed", request.method, request.name)
            return Answer({"error": "internal error, see the log"}, HTTPStatus.INTERNAL_SERVER_ERROR)

    def _route(self, request: Request) -> Answer:
        if request.name == "healthz" and not request.path:
            return _by_method({"GET": lambda _: Answer({"status": "alive"})}, request)
        if request.name == "ready" and not request.path:
            return _by_method({"GET": lambda _: self._ready()}, request)
        route = self.routes.get(request.name)
        if route is not None and route.operation is None:
            _from_this_machine(request)
            return _by_method(route.methods, request)
        return self._operation(route, request)

    def _operation(self, route: Route | None, request: Request) -> Answer:
        operation = request.name if route is None or route.operation is None else route.operation
        decision = decide(self.surface, operation, request.authorization)
        if not decision.allowed:
            raise Problem(decision.status, decision.reason)
        if route is None:
            raise Problem(HTTPStatus.NOT_IMPLEMENTED, f"{operation} is declared, and this sample does not implement it")
        return _by_method(route.methods, _of(request, decision.caller))

    def _ready(self) -> Answer:
        reasons = {}
        for name, check in self.checks.items():
            try:
                check()
            except Exception as error:  # noqa: BLE001 - whatever keeps a dependency from answering is the reason to tell
                reasons[name] = self.redact(" ".join(str(error).split()) or type(error).__name__)
        if reasons:
            return Answer({"status": "not ready", "reasons": reasons}, HTTPStatus.SERVICE_UNAVAILABLE)
        return Answer({"status": "ready", "checks": sorted(self.checks)})


class Server(ThreadingMixIn, TCPServer):
    """Serves an Application on one address; a thread per request."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, application: Application) -> None:
        self.application = application
        super().__init__((host, port), _Exchange)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the base class's signature
        """Notes that a client went away in the middle; nothing else gets here."""
        log.debug("a connection ended early")

    def start(self) -> None:
        """Serves in a thread until `stop`."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, name="http", daemon=True).start()

    def stop(self) -> None:
        """Takes no more requests."""
        self.shutdown()
        self.server_close()


class _Exchange(BaseHTTPRequestHandler):
    timeout = 10  # seconds for a silent client to lose its thread
    server_version = "plat-sample"
    sys_version = ""
    server: Server

    def _serve(self) -> None:
        self._send(self._answer())

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - the base class looks for these

    def _answer(self) -> Answer:
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()) or "Transfer-Encoding" in self.headers:
            return Answer({"error": "send a body with its Content-Length"}, HTTPStatus.LENGTH_REQUIRED)
        if int(length) > BODY_LIMIT:
            return Answer({"error": f"a body may have {BODY_LIMIT} bytes"}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        url = urlsplit(self.path)
        name, *path = [unquote(part) for part in url.path.strip("/").split("/")]
        return self.server.application.answer(
            Request(
                method=self.command,
                name=name,
                path=tuple(path),
                query=dict(parse_qsl(url.query, keep_blank_values=True)),
                body=self.rfile.read(int(length)),
                authorization=self.headers.get("Authorization"),
                peer=str(self.client_address[0]),
            )
        )

    def _send(self, answer: Answer) -> None:
        content = json.dumps(answer.body, default=str, sort_keys=True).encode() + b"\n"
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class gives it
        log.debug(format, *args)


def _refuse_constant(name: str) -> None:
    msg = f"{name} is no JSON number"  # Python's reader takes NaN and Infinity, which JSON does not know
    raise ValueError(msg)


def _by_method(methods: Mapping[str, Handler], request: Request) -> Answer:
    handler = methods.get(request.method)
    if handler is None:
        allowed = ", ".join(sorted(methods))
        body = {"error": f"/{request.name} takes {allowed}, not {request.method}"}
        return Answer(body, HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": allowed})
    return handler(request)


def _from_this_machine(request: Request) -> None:
    if not ipaddress.ip_address(request.peer).is_loopback:
        raise Problem(HTTPStatus.FORBIDDEN, f"/{request.name} answers to this machine alone")


def _of(request: Request, caller: str) -> Request:
    return Request(request.method, request.name, request.path, request.query, request.body, None, request.peer, caller)


def _challenge(status: HTTPStatus) -> Mapping[str, str]:
    return {"WWW-Authenticate": 'Basic realm="plat"'} if status is HTTPStatus.UNAUTHORIZED else {}
