"""Credentialing: who may do which kind of work, verified at the primary source, and until when.

`POST /SubmitCredential {"worker_id", "kind", "document_number", "expires"}` has a credential verified;
`POST /AttestCredential {"credential_id", "attested_by"}` lets somebody answer for one whose source is silent;
`POST /ExpireCredentials {"day"}` lets go what was over on that day. Each change is told as an event.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from samples.database import Database
from samples.environment import Environment
from samples.fields import day, line
from samples.outbox import SCHEMA as OUTBOX
from samples.outbox import Announcer, Outbox, announce
from samples.service import Service, main
from samples.stores import checks_of
from samples.upstream import OverHttp, Upstream, UpstreamDownError, UpstreamRefusedError
from samples.web import Answer, Problem, Request, Route

if TYPE_CHECKING:
    from samples.database import Rows

_SCHEMA = """
CREATE TABLE IF NOT EXISTS credential (
    credential_id uuid PRIMARY KEY,
    worker_id text NOT NULL,
    kind text NOT NULL,
    document_number text NOT NULL,
    expires date NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'verified', 'refused', 'expired')),
    attested_by text
);
"""
_INSERT = """
INSERT INTO credential (credential_id, worker_id, kind, document_number, expires, status)
VALUES (%(credential_id)s, %(worker_id)s, %(kind)s, %(document_number)s, %(expires)s, %(status)s)
"""
_ATTEST = """
UPDATE credential SET status = 'verified', attested_by = %s WHERE credential_id::text = %s AND status = 'pending'
RETURNING credential_id, worker_id, kind, expires
"""
_EXPIRE = """
UPDATE credential SET status = 'expired' WHERE status = 'verified' AND expires < %s
RETURNING credential_id, worker_id, kind
"""
_STATUS = {"confirmed": "verified", "refused": "refused"}

log = logging.getLogger(__name__)


class Registry:
    """The table `credential`."""

    def __init__(self, database: Database, integrations: Upstream) -> None:
        self._database = database
        self._integrations = integrations

    def submit(self, request: Request) -> Answer:
        """Takes a credential in, with what its primary source says; `pending` where it says nothing yet."""
        body = request.json()
        credential: dict[str, Any] = {
            "credential_id": str(uuid.uuid4()),
            **{name: line(body, name) for name in ("worker_id", "kind", "document_number")},
            "expires": day(body, "expires"),
        }
        credential["status"] = self._verified(credential)
        with self._database.transaction() as connection:
            connection.execute(_INSERT, credential)
            if credential["status"] == "verified":
                _tell_verified(connection, credential)
        return Answer(_shown(credential), HTTPStatus.CREATED)

    def attest(self, request: Request) -> Answer:
        """Verifies a pending credential in the name of who answers for it."""
        body = request.json()
        with self._database.transaction() as connection:
            row = (line(body, "attested_by"), line(body, "credential_id"))
            credential = connection.execute(_ATTEST, row).fetchone()
            if credential is None:
                raise Problem(HTTPStatus.NOT_FOUND, "no such credential waits for an attestation")
            _tell_verified(connection, credential)
        return Answer(_shown({**credential, "status": "verified"}))

    def expire(self, request: Request) -> Answer:
        """Lets go every credential that was over on the day in the request's body."""
        with self._database.transaction() as connection:
            expired = connection.execute(_EXPIRE, (day(request.json(), "day"),)).fetchall()
            for credential in expired:
                announce(connection, "CredentialExpired", credential["worker_id"], credential)
        return Answer({"expired": len(expired)})

    def _verified(self, credential: Mapping[str, Any]) -> str:
        try:
            said = self._integrations.tell(
                "VerifyDocument", {"document_number": credential["document_number"], "kind": credential["kind"]}
            )
        except (UpstreamDownError, UpstreamRefusedError) as error:
            log.warning("credential %s is not verified yet: %s", credential["credential_id"], error)
            return "pending"
        return _STATUS.get(line(said, "outcome"), "pending")


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where its database, its events or its upstream is missing."""
    url = environment.datastore("postgresql")
    database = Database(url, _SCHEMA + OUTBOX)
    registry = Registry(database, OverHttp(environment, "integrations"))
    announcer = Announcer(environment, Outbox(database))
    operations = {
        "SubmitCredential": registry.submit,
        "AttestCredential": registry.attest,
        "ExpireCredentials": registry.expire,
    }
    return Service(
        routes={name: Route({"POST": answer}, name) for name, answer in operations.items()},
        checks={**checks_of({"postgresql": url}), "broker": announcer.check},
        workers=(announcer,),
    )


def _tell_verified(connection: Rows, credential: Mapping[str, Any]) -> None:
    told = {name: credential[name] for name in ("credential_id", "worker_id", "kind", "expires")}
    announce(connection, "CredentialVerified", credential["worker_id"], told)


def _shown(credential: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"credential_id": credential["credential_id"], "status": credential["status"]}


if __name__ == "__main__":
    main(make)
