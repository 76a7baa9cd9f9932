"""The life of a sample: read the variables, serve, work in the background, and stop in order on SIGTERM or SIGINT."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Protocol

from samples.environment import Environment, MisconfiguredError, read
from samples.web import Application, Check, Route, Server

MISCONFIGURED = 2

log = logging.getLogger(__name__)


class Worker(Protocol):
    """Something that works in the background."""

    def start(self) -> None:
        """Begins to work, in a thread of its own."""

    def stop(self) -> None:
        """Ends the work in hand and returns."""


@dataclass(frozen=True, slots=True)
class Service:
    """What one sample is made of, besides its surface: routes, what must answer before it is ready, and workers."""

    routes: Mapping[str, Route] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    workers: Sequence[Worker] = ()


def together(parts: Mapping[str, Service]) -> Service:
    """One service of several, by the name of the context that each of them is: a modular monolith.

    Raises MisconfiguredError where two of them answer at one path.
    """
    routes: dict[str, Route] = {}
    checks: dict[str, Check] = {}
    workers: list[Worker] = []
    for context, part in parts.items():
        if taken := sorted(routes.keys() & part.routes.keys()):
            msg = f"{context} answers at /{taken[0]}, and so does a context beside it: callers could not tell them apart"
            raise MisconfiguredError(msg)
        routes |= part.routes
        checks |= {f"{name} ({context})": check for name, check in part.checks.items()}
        workers += part.workers
    return Service(routes, checks, tuple(workers))


def main(make: Callable[[Environment], Service]) -> None:
    """Runs the service that `make` puts together until it is told to stop; exits 2 when a variable is wrong."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("pika").setLevel(logging.CRITICAL)  # says with a traceback what `samples.rabbitmq` says in a line
    try:
        environment = read(os.environ)
        _run(environment, make(environment))
    except MisconfiguredError as error:
        log.error("%s", error)  # noqa: TRY400 - the message is for whoever set the variable; a traceback would hide it
        raise SystemExit(MISCONFIGURED) from None


def _run(environment: Environment, service: Service) -> None:
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server = _server(environment, service)
    for worker in service.workers:
        worker.start()
    if server is not None:
        server.start()
    where = f"on {environment.host}:{environment.port}" if server else "without a port"
    log.info("%s runs %s", environment.deployable, where)
    stopping.wait()
    log.info("%s stops", environment.deployable)
    if server is not None:
        server.stop()
    for worker in service.workers:
        worker.stop()


def _server(environment: Environment, service: Service) -> Server | None:
    if environment.port is None:
        return None
    application = Application(environment.surface, service.routes, service.checks, environment.redact)
    try:
        return Server(environment.host, environment.port, application)
    except OSError as error:
        msg = f"cannot listen on {environment.host}:{environment.port}: {error.strerror}"
        raise MisconfiguredError(msg) from None
