"""Scheduling: shifts, who covers them, and requests to swap.

`POST /OpenShift {"ward", "day", "kind"}`, `POST /CoverShift {"shift_id", "worker_id"}` for somebody whose credential is
known to be verified, `POST /RequestSwap {"shift_id", "identity_token"}`. Who may work is kept from Credentialing's events.
"""

from __future__ import annotations

import logging
import uuid
from http import HTTPStatus

from samples.broker import Message
from samples.consuming import consumer_of
from samples.database import Database
from samples.environment import Environment
from samples.fields import day, line
from samples.outbox import SCHEMA as OUTBOX
from samples.outbox import Announcer, Outbox, announce
from samples.service import Service, main
from samples.stores import checks_of
from samples.upstream import OverHttp, Upstream, UpstreamDownError, UpstreamRefusedError
from samples.web import Answer, Problem, Request, Route

SCHEMA = """
CREATE TABLE IF NOT EXISTS qualification (
    credential_id text PRIMARY KEY, worker_id text NOT NULL, kind text NOT NULL, expires date NOT NULL
);
CREATE TABLE IF NOT EXISTS shift (shift_id uuid PRIMARY KEY, ward text NOT NULL, day date NOT NULL, kind text NOT NULL);
CREATE TABLE IF NOT EXISTS coverage (shift_id uuid PRIMARY KEY REFERENCES shift, worker_id text NOT NULL);
CREATE TABLE IF NOT EXISTS swap_request (
    swap_request_id uuid PRIMARY KEY, shift_id uuid NOT NULL REFERENCES coverage, identity text NOT NULL
);
"""
_QUALIFY = """
INSERT INTO qualification (credential_id, worker_id, kind, expires) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
_OPEN = "INSERT INTO shift (shift_id, ward, day, kind) VALUES (%(shift_id)s, %(ward)s, %(day)s, %(kind)s)"
_COVER = """
INSERT INTO coverage (shift_id, worker_id)
SELECT shift_id, worker_id FROM shift JOIN qualification USING (kind)
WHERE shift_id::text = %s AND worker_id = %s AND expires >= day
ON CONFLICT DO NOTHING RETURNING shift_id, worker_id
"""
_SWAP = """
INSERT INTO swap_request (swap_request_id, shift_id, identity)
SELECT %s, shift_id, %s FROM coverage WHERE shift_id::text = %s
"""

log = logging.getLogger(__name__)


class Plan:
    """The tables `shift`, `coverage`, `swap_request`, and `qualification` as Credentialing has told it."""

    def __init__(self, database: Database, integrations: Upstream) -> None:
        self._database = database
        self._integrations = integrations

    def qualify(self, message: Message) -> None:
        """Somebody may do a kind of work from now on. Raises MalformedError, StoreDownError."""
        told = message.json()
        row = (line(told, "credential_id"), line(told, "worker_id"), line(told, "kind"), day(told, "expires"))
        with self._database.handling(message) as connection:
            if connection:
                connection.execute(_QUALIFY, row)

    def disqualify(self, message: Message) -> None:
        """Somebody may not do it any more. Raises MalformedError, StoreDownError."""
        credential = line(message.json(), "credential_id")
        with self._database.handling(message) as connection:
            if connection:
                connection.execute("DELETE FROM qualification WHERE credential_id = %s", (credential,))

    def open(self, request: Request) -> Answer:
        """Opens a shift that somebody has to cover."""
        body = request.json()
        shift = {
            "shift_id": str(uuid.uuid4()),
            "ward": line(body, "ward"),
            "day": day(body, "day"),
            "kind": line(body, "kind"),
        }
        with self._database.transaction() as connection:
            connection.execute(_OPEN, shift)
        return Answer(shift, HTTPStatus.CREATED)

    def cover(self, request: Request) -> Answer:
        """Lets a worker cover a shift, if a verified credential allows it on that day; and tells the worker."""
        body = request.json()
        row = (line(body, "shift_id"), line(body, "worker_id"))
        with self._database.transaction() as connection:
            covered = connection.execute(_COVER, row).fetchone()
            if covered is None:
                raise Problem(HTTPStatus.CONFLICT, "this worker has no verified credential for an open shift of that id")
            announce(connection, "ShiftCovered", str(covered["shift_id"]), covered)
        told = self._outcome("NotifyWorker", {"worker_id": row[1], "message": f"You cover shift {row[0]}."})
        return Answer({**covered, "notification": told}, HTTPStatus.CREATED)

    def request_swap(self, request: Request) -> Answer:
        """Keeps the wish to give a shift away, with what is known of who wishes it."""
        body = request.json()
        swap = str(uuid.uuid4())
        identity = self._outcome("IdentifyWorker", {"identity_token": line(body, "identity_token")})
        if identity == "refused":
            raise Problem(HTTPStatus.UNAUTHORIZED, "nobody is known by this token")
        with self._database.transaction() as connection:
            if connection.execute(_SWAP, (swap, identity, line(body, "shift_id"))).rowcount == 0:
                raise Problem(HTTPStatus.NOT_FOUND, "nobody covers such a shift")
        return Answer({"swap_request_id": swap, "identity": identity}, HTTPStatus.CREATED)

    def _outcome(self, operation: str, document: dict[str, str]) -> str:
        """What Integrations says: `pending` where it says nothing, since no vendor may hold a plan up."""
        try:
            return line(self._integrations.tell(operation, document), "outcome")
        except (UpstreamDownError, UpstreamRefusedError) as error:
            log.warning("%s is pending: %s", operation, error)
            return "pending"


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where its database, an event or its upstream is missing."""
    url = environment.datastore("postgresql")
    database = Database(url, SCHEMA + OUTBOX)
    plan = Plan(database, OverHttp(environment, "integrations"))
    announcer = Announcer(environment, Outbox(database))
    consumer = consumer_of(
        environment,
        {"credentialing.CredentialVerified": plan.qualify, "credentialing.CredentialExpired": plan.disqualify},
    )
    operations = {"OpenShift": plan.open, "CoverShift": plan.cover, "RequestSwap": plan.request_swap}
    return Service(
        routes={name: Route({"POST": answer}, name) for name, answer in operations.items()},
        checks={**checks_of({"postgresql": url}), "broker": announcer.check, "consumer": consumer.check},
        workers=(announcer, consumer),
    )


if __name__ == "__main__":
    main(make)
