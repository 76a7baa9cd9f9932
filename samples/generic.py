"""A service for any context that has none yet: any datastores or none, any events, any operations.

It serves every operation that its contexts expose, reads every event that they consume, and has three controls that
stand for what a real service does of its own accord (they answer to this machine alone):
`POST /publish/<Event>`, `GET /received`, and `GET` or `POST /call/<context>/<Operation>`.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from samples.broker import BrokerDownError, Handler, Message, UnroutedError, consumer, publisher
from samples.environment import Context, Environment, Publication
from samples.service import Service, Worker, main
from samples.stores import checks_of
from samples.upstream import UpstreamDownError, call
from samples.web import Answer, Check, Problem, Request, Route

KEPT = 100
"""How many consumed messages `/received` shows."""
_CALL_PARTS = 2

log = logging.getLogger(__name__)


class Inbox:
    """The last messages that arrived."""

    def __init__(self, kept: int = KEPT) -> None:
        self._messages: deque[dict[str, object]] = deque(maxlen=kept)

    def take(self, event: str, queue: str, message_id: str, body: bytes) -> None:
        """Keeps one message. Raises ValueError where its body is not JSON."""
        self._messages.append({"event": event, "queue": queue, "message_id": message_id, "body": json.loads(body)})
        log.info("received %s (message %s)", event, message_id)

    def show(self, _request: Request) -> Answer:
        """The messages, the latest last."""
        return Answer({"received": list(self._messages)})


@dataclass(frozen=True, slots=True)
class Outlet:
    """One event that may be published: by which context, and where."""

    context: str
    event: str
    publication: Publication


class Outbound:
    """Publishes events as the control `/publish` is told to."""

    def __init__(self, environment: Environment) -> None:
        self._outlets = [
            Outlet(*event.partition(".")[::2], publication) for event, publication in sorted(environment.publishes.items())
        ]
        contexts = {outlet.context for outlet in self._outlets}
        self._publishers = {context: publisher(environment.broker_url(context)) for context in sorted(contexts)}

    @property
    def checks(self) -> dict[str, Check]:
        """What must answer before this is ready."""
        return {f"broker ({context})": publisher.check for context, publisher in self._publishers.items()}

    def publish(self, request: Request) -> Answer:
        """Publishes the request's JSON body as the event that the path names: `<Event>` or `<context>.<Event>`."""
        outlet = self._outlet("/".join(request.path))
        content = json.dumps(request.json(), default=float).encode()
        message = Message(str(uuid.uuid4()), outlet.event, content, request.query.get("key", ""))
        body = {"event": f"{outlet.context}.{outlet.event}", "message_id": message.message_id}
        try:
            self._publishers[outlet.context].publish(outlet.publication, message)
        except UnroutedError as error:
            return Answer({**body, "published": False, "reason": str(error)}, HTTPStatus.ACCEPTED)
        except BrokerDownError as error:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, f"not published: {error}") from None
        return Answer({**body, "published": True}, HTTPStatus.CREATED)

    def _outlet(self, wanted: str) -> Outlet:
        for outlet in self._outlets:
            if wanted in (outlet.event, f"{outlet.context}.{outlet.event}"):
                return outlet
        known = ", ".join(outlet.event for outlet in self._outlets)
        raise Problem(HTTPStatus.NOT_FOUND, f"no event of that name is published here; declared: {known}")


def make(environment: Environment) -> Service:
    """Puts a service together from whatever is declared."""
    routes = {name: _operation(environment, name) for name in environment.surface.operations}
    routes["call"] = Route(dict.fromkeys(("GET", "POST"), lambda request: _call(environment, request)))
    checks = dict(_stores(environment.contexts))
    workers: list[Worker] = []
    if environment.publishes:
        outbound = Outbound(environment)
        routes["publish"] = Route({"POST": outbound.publish})
        checks |= outbound.checks
    inbox = Inbox()
    routes["received"] = Route({"GET": inbox.show})
    for name, worker, check in _consumers(environment, inbox):
        workers.append(worker)
        checks[name] = check
    return Service(routes, checks, tuple(workers))


def _stores(contexts: tuple[Context, ...]) -> Mapping[str, Check]:
    if len(contexts) == 1:
        return checks_of(dict(contexts[0].datastores))
    return {
        f"{kind} ({context.name})": check
        for context in contexts
        for kind, check in checks_of(dict(context.datastores)).items()
    }


def _operation(environment: Environment, name: str) -> Route:
    def answer(request: Request) -> Answer:
        body = {"operation": name, "served_by": environment.deployable, "caller": request.caller, "method": request.method}
        return Answer({**body, "query": dict(request.query)})

    return Route({"GET": answer, "POST": answer}, name)


def _call(environment: Environment, request: Request) -> Answer:
    if len(request.path) != _CALL_PARTS:
        raise Problem(HTTPStatus.NOT_FOUND, "say whom and what: /call/<context>/<Operation>")
    context, operation = request.path
    url = environment.upstream(context)
    if url is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"{environment.deployable} declares no upstream of that name")
    try:
        status, body = call(url, operation, request.query, request.body if request.method == "POST" else None)
    except UpstreamDownError as error:
        raise Problem(HTTPStatus.BAD_GATEWAY, str(error)) from None
    return Answer({"upstream": context, "operation": operation, "status": int(status), "answer": body}, status)


def _consumers(environment: Environment, inbox: Inbox) -> list[tuple[str, Worker, Check]]:
    if not environment.consumes:
        return []

    def handler(event: str, queue: str) -> Handler:
        def take(message: Message) -> None:
            inbox.take(event, queue, message.message_id, message.body)

        return take

    found: list[tuple[str, Worker, Check]] = []
    for context in sorted({item.context for item in environment.consumes}):
        mine = [item for item in environment.consumes if item.context == context]
        handlers = {item: handler(item.event, item.queue) for item in mine}
        reader = consumer(environment.broker_url(context), handlers)
        found.append((f"consumer ({context})", reader, reader.check))
    return found


if __name__ == "__main__":
    main(make)
